import { CloseCode } from '../protocol/close-code.js';
import { ErrorCode } from '../protocol/error-code.js';

const closeCodes: Readonly<Record<string, number>> = {
  [ErrorCode.BadRequest]: CloseCode.BadRequest,
  [ErrorCode.ValidationFailed]: CloseCode.BadRequest,
  [ErrorCode.Unauthenticated]: CloseCode.Unauthorized,
  [ErrorCode.Forbidden]: CloseCode.Forbidden,
  [ErrorCode.NotFound]: CloseCode.NotFound,
  [ErrorCode.Unavailable]: CloseCode.ServiceUnavailable,
};

/** The close code of a connection that an error ends, by the `code` of the error or of its body. */
export function closeCodeOf(error: unknown): number {
  const { code } = (error ?? {}) as { code?: unknown };
  return (typeof code === 'string' ? closeCodes[code] : undefined) ?? CloseCode.InternalError;
}
