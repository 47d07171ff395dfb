import { ErrorCode } from '../../../protocol/error-code.js';
import { GatewireError } from '../../../protocol/gatewire-error.js';

/** What an {@link AuthenticationError} may say beside its message. */
export interface AuthenticationErrorOptions {
  /** Instead of the strategies' own `WWW-Authenticate`: RFC 6750 section 3 says more about a bad token. */
  readonly challenge?: string;
  /** For the log. Never sent. */
  readonly cause?: unknown;
}

/** Credentials are missing, wrong or expired: 401 before the 101, close code 4401 after it. */
export class AuthenticationError extends GatewireError {
  override readonly name = 'AuthenticationError';
  readonly challenge: string | undefined;

  /** @param message for the peer: never anything of its credentials */
  constructor(message: string, { challenge, cause }: AuthenticationErrorOptions = {}) {
    super(ErrorCode.Unauthenticated, message, cause === undefined ? {} : { cause });
    this.challenge = challenge;
  }
}

/** A `realm` that can stand between quotes. */
export function isRealm(text: unknown): text is string {
  return typeof text === 'string' && /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/.test(text);
}
