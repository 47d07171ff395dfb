import { WsException } from '@nestjs/websockets';
import type { ErrorBody } from '../protocol/envelope.js';
import { ErrorCode } from '../protocol/error-code.js';
import { failureOf } from './validation-failures.js';
import { type Violation, violationsOf } from './violations.js';

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
  const found = failureOf(error);
  if (!isHttpLike(error)) return found === undefined ? undefined : validationFailed();
  const response = error.getResponse() as { message?: unknown } | null;
  const code = codeOf(error.getStatus());
  const violations = violationsOf(response?.message, found);
  if (violations !== undefined && (code !== undefined || found !== undefined))
    return validationFailed(violations);
  if (found !== undefined && (code === undefined || code === ErrorCode.BadRequest))
    return { code: ErrorCode.ValidationFailed, message: error.message };
  return code === undefined ? undefined : { code, message: error.message };
}

function mapWsException(error: WsException): ErrorBody {
  const content: unknown = error.getError();
  const status = 'getStatus' in error ? (error as unknown as HttpLike).getStatus() : 400;
  const found = failureOf(error);
  const fallback =
    found === undefined ? (codeOf(status) ?? ErrorCode.BadRequest) : ErrorCode.ValidationFailed;
  if (typeof content !== 'object' || content === null) return { code: fallback, message: error.message };
  const { code, message } = content as { code?: unknown; message?: unknown };
  const list = Array.isArray(content) ? content : message;
  const violations = violationsOf(list, found);
  if (violations !== undefined) return validationFailed(violations);
  return {
    code: typeof code === 'string' ? code : fallback,
    message: typeof message === 'string' ? message : error.message,
  };
}

function validationFailed(violations?: readonly Violation[]): ErrorBody {
  const body: ErrorBody = { code: ErrorCode.ValidationFailed, message: 'validation failed' };
  if (violations !== undefined) body.details = violations;
  return body;
}

/** A 4xx that is not in the list is still the requester's fault. */
function codeOf(status: number): ErrorCode | undefined {
  return codeOfStatus[status] ?? (status >= 400 && status < 500 ? ErrorCode.BadRequest : undefined);
}

function isHttpLike(error: unknown): error is HttpLike {
  const { getStatus, getResponse } = (error ?? {}) as Partial<Record<keyof HttpLike, unknown>>;
  return typeof getStatus === 'function' && typeof getResponse === 'function';
}
