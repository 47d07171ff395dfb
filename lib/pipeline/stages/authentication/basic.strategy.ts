import { OptionError } from '../../../primitives/option-error.js';
import { accepted } from './accepted.js';
import type { AuthenticationStrategy, Found, Verified } from './authentication.js';
import { AuthenticationError, isRealm } from './authentication-error.js';
import type { ConnectCredentials } from './credentials.js';

/** HTTP's own user name and password. */
export interface BasicOptions {
  /** Says who it is; nobody, where name and password do not belong together. Compare secrets with `constantTimeEqual`, or check a password hash. */
  readonly verify: (username: string, password: string) => Verified | Promise<Verified>;
  /** Told to clients that have no credentials. @default 'gatewire' */
  readonly realm?: string;
}

/**
 * Basic authentication (RFC 7617): `Authorization: Basic …`, in UTF-8. Only over TLS.
 *
 * @throws {OptionError}
 */
export function basic({ verify, realm = 'gatewire' }: BasicOptions): AuthenticationStrategy {
  if (typeof verify !== 'function') throw new OptionError('basic.verify', 'a function', verify);
  if (!isRealm(realm)) throw new OptionError('basic.realm', 'ASCII without quotes and backslashes', realm);
  return {
    name: 'basic',
    challenge: `Basic realm="${realm}", charset="UTF-8"`,
    authenticate({ authorization }: ConnectCredentials): Found | Promise<Found> {
      if (authorization?.scheme !== 'basic') return undefined;
      const pair = decodePair(authorization.value);
      if (pair === undefined) throw new AuthenticationError('the Authorization header cannot be read');
      return accepted(verify(...pair));
    },
  };
}

/** The user name ends at the first colon (RFC 7617 section 2). */
function decodePair(encoded: string): [username: string, password: string] | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return undefined;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(encoded, 'base64'));
  } catch {
    return undefined;
  }
  const colon = text.indexOf(':');
  return colon === -1 ? undefined : [text.slice(0, colon), text.slice(colon + 1)];
}
