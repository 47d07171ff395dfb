import { WsException } from '@nestjs/websockets';
import type { ErrorBody } from '../protocol/envelope.js';
import { ErrorCode } from '../protocol/error-code.js';
import { validationMessages } from './validation-messages.js';

interface HttpLike {
  getStatus(): number;
  getResponse(): unknown;
  readonly message: string;
}

const codeOfStatus: Readonly<Record<number, ErrorCode>> = {
  400: ErrorCode.BadRequest,
  401: ErrorCode.Unauthenticated,
  403: ErrorCode.Forbidden,
  404: ErrorCode.NotFound,
  409: ErrorCode.Conflict,
  413: ErrorCode.PayloadTooLarge,
  415: ErrorCode.Undecodable,
  422: ErrorCode.ValidationFailed,
  429: ErrorCode.TooManyRequests,
  503: ErrorCode.Unavailable,
  504: ErrorCode.DeadlineExceeded,
};

/**
 * What a requester is told about an exception of Nest. Undefined where nothing may be told: the engine says `INTERNAL`.
 * Carries messages, never the data that they are about.
 */
export function mapNestError(error: unknown): ErrorBody | undefined {
  if (error instanceof WsException) return mapWsException(error);
  if (!isHttpLike(error)) return undefined;
  const response = error.getResponse() as { message?: unknown } | null;
  const messages = validationMessages(response?.message);
  const code = codeOf(error.getStatus());
  if (code === undefined) return undefined;
  if (messages !== undefined) return validationFailed(messages);
  return { code, message: error.message };
}

function mapWsException(error: WsException): ErrorBody {
  const content: unknown = error.getError();
  const status = 'getStatus' in error ? (error as unknown as HttpLike).getStatus() : 400;
  const fallback = codeOf(status) ?? ErrorCode.BadRequest;
  if (typeof content !== 'object' || content === null) return { code: fallback, message: error.message };
  const { code, message } = content as { code?: unknown; message?: unknown };
  const messages = validationMessages(content) ?? validationMessages(message);
  if (messages !== undefined) return validationFailed(messages);
  return {
    code: typeof code === 'string' ? code : fallback,
    message: typeof message === 'string' ? message : error.message,
  };
}

function validationFailed(messages: readonly string[]): ErrorBody {
  return { code: ErrorCode.ValidationFailed, message: 'validation failed', details: messages };
}

/** A 4xx that is not in the list is still the requester's fault. */
function codeOf(status: number): ErrorCode | undefined {
  return codeOfStatus[status] ?? (status >= 400 && status < 500 ? ErrorCode.BadRequest : undefined);
}

function isHttpLike(error: unknown): error is HttpLike {
  const { getStatus, getResponse } = (error ?? {}) as Partial<Record<keyof HttpLike, unknown>>;
  return typeof getStatus === 'function' && typeof getResponse === 'function';
}
