import type { ErrorBody } from '../protocol/envelope.js';
import { ErrorCode } from '../protocol/error-code.js';
import { isGatewireError } from '../protocol/gatewire-error.js';

/** Translates errors of a framework; undefined where it knows nothing about one. */
export type ErrorMapper = (error: unknown) => ErrorBody | undefined;

/** What a peer is told about an error. What nobody knows says `INTERNAL`: its message is for the log, not for the peer. */
export function toErrorBody(error: unknown, mapError: ErrorMapper): ErrorBody {
  if (isGatewireError(error)) {
    const body: ErrorBody = { code: error.code, message: error.message };
    if (error.details !== undefined) body.details = error.details;
    return body;
  }
  return mapError(error) ?? { code: ErrorCode.Internal, message: 'Internal server error' };
}
