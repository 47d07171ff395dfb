import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import type { Principal } from '../../../connection/principal.js';
import { durationMs } from '../../../primitives/option-checks.js';
import { OptionError } from '../../../primitives/option-error.js';
import type { FirstMessage, Verified } from './authentication.js';
import { isRealm } from './authentication-error.js';
import type { TokenSources } from './credentials.js';

/** Signature algorithms (RFC 7518 section 3.1, RFC 8037, RFC 9864) that may be listed. */
const knownAlgorithms = {
  HS256: 32,
  HS384: 48,
  HS512: 64,
  RS256: 0,
  RS384: 0,
  RS512: 0,
  PS256: 0,
  PS384: 0,
  PS512: 0,
  ES256: 0,
  ES384: 0,
  ES512: 0,
  EdDSA: 0,
  Ed25519: 0,
} as const;

/** A signature algorithm of a token. `none` is none. */
export type JwtAlgorithm = keyof typeof knownAlgorithms;

/** How keys are fetched from an issuer (RFC 7517 section 5). */
export interface JwksOptions {
  /** Age at which keys are fetched again. @default 600_000 */
  readonly cacheMs?: number | false;
  /** After a fetch, a token with an unknown key does not cause another one for so long. @default 30_000 */
  readonly cooldownMs?: number;
  /** @default 5_000 */
  readonly timeoutMs?: number;
}

/** How a token is decrypted that is signed first and encrypted then (RFC 7519 section 5.2, `cty: JWT`). */
export interface JwtDecryption {
  /** The private key as PEM or JWK, or the shared secret. */
  readonly key: string | Uint8Array | KeyObject | JsonWebKey;
  /** Accepted values of `alg`: `['ECDH-ES', 'RSA-OAEP-256', 'dir']`. */
  readonly keyManagementAlgorithms: readonly string[];
  /** Accepted values of `enc`. @default ['A128GCM', 'A256GCM', 'A128CBC-HS256', 'A256CBC-HS512'] */
  readonly contentEncryptionAlgorithms?: readonly string[];
}

/** How tokens are verified. Exactly one of `secret`, `publicKey` and `jwksUrl`. */
export interface JwtOptions extends TokenSources {
  /** Accepted values of `alg`; all others are refused. `HS*` go with `secret`, the others with `publicKey` and `jwksUrl`. */
  readonly algorithms: readonly JwtAlgorithm[];
  /** Shared secret, at least as long as the hash (RFC 7518 section 3.2): 32 bytes for HS256. */
  readonly secret?: string | Uint8Array;
  /** PEM (also a certificate), JWK, or a key of `node:crypto`. */
  readonly publicKey?: string | KeyObject | JsonWebKey;
  /** Where the issuer publishes its keys. They are cached, and fetched again when a token names one that is not known. */
  readonly jwksUrl?: string | URL;
  readonly jwks?: JwksOptions;
  /** Tokens may come encrypted. @default undefined: only signed ones are taken */
  readonly decryption?: JwtDecryption;
  /** Accepted values of `iss`. @default any */
  readonly issuer?: string | readonly string[];
  /** Of `aud` at least one must be among these. @default any */
  readonly audience?: string | readonly string[];
  /** By how much the issuer's clock may be off, in milliseconds. @default 5_000 */
  readonly clockToleranceMs?: number;
  /** Claims that must be there. @default [] */
  readonly requiredClaims?: readonly string[];
  /** Value of the header `typ`: `at+jwt` (RFC 9068). @default any */
  readonly typ?: string;
  /** Makes the principal; nobody refuses. @default all claims, with `sub` as `id` */
  readonly toPrincipal?: (claims: JwtClaims) => Verified | Promise<Verified>;
  /**
   * Who may connect without a token and give it in a first message, `$auth`, within `timeouts.authenticateMs`.
   * `gatewire.v1`: those that offer this subprotocol; others without a token are refused with 401. @default 'gatewire.v1'
   */
  readonly firstMessage?: FirstMessage;
  /** Told to clients that have no token. @default 'gatewire' */
  readonly realm?: string;
}

/** What a token says (RFC 7519 section 4). */
export interface JwtClaims {
  readonly sub?: string;
  readonly iss?: string;
  readonly exp?: number;
  readonly [claim: string]: unknown;
}

/** What `toPrincipal` does unless it is given. */
export function principalOfClaims(claims: JwtClaims): Principal | undefined {
  return typeof claims.sub === 'string' && claims.sub !== '' ? { ...claims, id: claims.sub } : undefined;
}

/** Where the key is that signatures are verified with. */
export type JwtKeySource = { readonly key: Uint8Array | KeyObject } | { readonly jwksUrl: URL };

export type ResolvedJwtOptions = Omit<JwtOptions, 'secret' | 'publicKey' | 'jwksUrl' | 'jwks'> &
  Required<Pick<JwtOptions, 'firstMessage' | 'realm' | 'toPrincipal'>> & {
    readonly source: JwtKeySource;
    readonly jwks: Required<JwksOptions> & { readonly cacheMs: number };
    readonly clockToleranceMs: number;
  };

/** Fills in defaults and refuses what cannot work, or would not be safe. @throws {OptionError} */
export function resolveJwtOptions(options: JwtOptions): ResolvedJwtOptions {
  const { algorithms, realm = 'gatewire', jwks = {} } = options;
  if (!Array.isArray(algorithms) || algorithms.length === 0) {
    throw new OptionError('jwt.algorithms', 'a list of accepted algorithms', algorithms);
  }
  for (const algorithm of algorithms as readonly string[]) {
    if (!Object.hasOwn(knownAlgorithms, algorithm))
      throw new OptionError('jwt.algorithms', Object.keys(knownAlgorithms).join(', '), algorithm);
  }
  if (!isRealm(realm)) throw new OptionError('jwt.realm', 'ASCII without quotes and backslashes', realm);
  return {
    ...options,
    source: resolveSource(options),
    realm,
    jwks: {
      cacheMs: durationMs('jwt.jwks.cacheMs', jwks.cacheMs ?? 600_000),
      cooldownMs: durationMs('jwt.jwks.cooldownMs', jwks.cooldownMs ?? 30_000, 0),
      timeoutMs: durationMs('jwt.jwks.timeoutMs', jwks.timeoutMs ?? 5_000),
    },
    clockToleranceMs: durationMs('jwt.clockToleranceMs', options.clockToleranceMs ?? 5_000, 0),
    firstMessage: options.firstMessage ?? 'gatewire.v1',
    toPrincipal: options.toPrincipal ?? principalOfClaims,
  };
}

function resolveSource({ algorithms, secret, publicKey, jwksUrl }: JwtOptions): JwtKeySource {
  const given = [secret, publicKey, jwksUrl].filter((one) => one !== undefined);
  if (given.length !== 1) {
    throw new OptionError('jwt', 'one of "secret", "publicKey" and "jwksUrl"', `${given.length} of them`);
  }
  // A public key taken for an HMAC secret is the oldest hole there is: the two kinds never stand in one list.
  const isFitting = algorithms.every((algorithm) => algorithm.startsWith('HS') === (secret !== undefined));
  if (!isFitting) {
    throw new OptionError(
      'jwt.algorithms',
      secret === undefined ? 'algorithms of public keys' : 'HS* alone beside "secret"',
      algorithms.join(', '),
    );
  }
  if (secret !== undefined) return { key: resolveSecret(secret, algorithms) };
  if (publicKey !== undefined) return { key: toPublicKey(publicKey) };
  if (!URL.canParse(String(jwksUrl))) throw new OptionError('jwt.jwksUrl', 'a URL', jwksUrl);
  return { jwksUrl: new URL(String(jwksUrl)) };
}

function resolveSecret(secret: string | Uint8Array, algorithms: readonly JwtAlgorithm[]): Uint8Array {
  const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret;
  const needed = Math.max(...algorithms.map((algorithm) => knownAlgorithms[algorithm]));
  if (!(bytes instanceof Uint8Array) || bytes.length < needed)
    throw new OptionError('jwt.secret', `at least ${needed} bytes`, 'a shorter one');
  return bytes;
}

function toPublicKey(key: NonNullable<JwtOptions['publicKey']>): KeyObject {
  if (typeof key === 'object' && 'asymmetricKeyType' in key) return key as KeyObject;
  try {
    return typeof key === 'string'
      ? createPublicKey(key)
      : createPublicKey({ key: key as JsonWebKey, format: 'jwk' });
  } catch {
    throw new OptionError('jwt.publicKey', 'a public key as PEM or JWK', 'something else');
  }
}

/** What tokens are decrypted with. @throws {OptionError} */
export function toPrivateKey(key: JwtDecryption['key']): Uint8Array | KeyObject {
  if (key instanceof Uint8Array) return key;
  if (typeof key === 'object' && 'type' in key) return key as KeyObject;
  try {
    return typeof key === 'string' ? createPrivateKey(key) : createPrivateKey({ key, format: 'jwk' });
  } catch {
    throw new OptionError('jwt.decryption.key', 'a private key as PEM or JWK, or bytes', 'something else');
  }
}
