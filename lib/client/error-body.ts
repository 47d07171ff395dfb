import type { ErrorBody } from '../protocol/envelope.js';
import { isGatewireError } from '../protocol/gatewire-error.js';

/** What the other end may know about an error: our own errors as they are, of all others only that there was one. */
export function errorBodyOf(error: unknown): ErrorBody {
  if (!isGatewireError(error)) return { code: 'INTERNAL', message: 'the client has failed' };
  const { code, message, details } = error;
  return details === undefined ? { code, message } : { code, message, details };
}
