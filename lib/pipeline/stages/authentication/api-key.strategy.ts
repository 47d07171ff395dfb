import { OptionError } from '../../../primitives/option-error.js';
import { constantTimeEqual } from '../../constant-time-equal.js';
import { accepted } from './accepted.js';
import type { AuthenticationStrategy, Found, Verified } from './authentication.js';
import type { ConnectCredentials } from './credentials.js';

/** A key that a client sends along. Exactly one of `keys` and `verify`. */
export interface ApiKeyOptions {
  /** Name of the header. @default 'x-api-key' */
  readonly header?: string;
  /** The keys by the id of the principal they stand for; several while one takes the place of another. */
  readonly keys?: Readonly<Record<string, string | readonly string[]>>;
  /** Says who it is: for keys that stand in a database, there as hashes. */
  readonly verify?: (key: string) => Verified | Promise<Verified>;
}

/**
 * An API key in a header of its own. Keys of `keys` are compared in constant time, all of them each time.
 *
 * @throws {OptionError}
 */
export function apiKey({ header = 'x-api-key', keys, verify }: ApiKeyOptions): AuthenticationStrategy {
  if (typeof header !== 'string' || !/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(header)) {
    throw new OptionError('apiKey.header', 'the name of a header', header);
  }
  if ((keys === undefined) === (verify === undefined)) {
    throw new OptionError('apiKey', 'either "keys" or "verify"', keys === undefined ? 'neither' : 'both');
  }
  const check = verify ?? among(keys ?? {});
  const name = header.toLowerCase();
  return {
    name: 'apiKey',
    challenge: `ApiKey header="${header}"`,
    authenticate(credentials: ConnectCredentials): Found | Promise<Found> {
      const key = credentials.header(name);
      return key === undefined || key === '' ? undefined : accepted(check(key));
    },
  };
}

function among(keys: NonNullable<ApiKeyOptions['keys']>): (key: string) => Verified {
  const known = Object.entries(keys).flatMap(([id, own]) =>
    [own].flat().map((secret: unknown): [id: string, secret: string] => {
      // Never the value in the error: it may be most of a secret.
      if (typeof secret !== 'string' || secret.length < 16)
        throw new OptionError(`apiKey.keys.${id}`, 'keys of at least 16 characters', 'another value');
      return [id, secret];
    }),
  );
  return (key) => {
    let found: string | undefined;
    for (const [id, secret] of known) if (constantTimeEqual(key, secret)) found ??= id;
    return found === undefined ? undefined : { id: found };
  };
}
