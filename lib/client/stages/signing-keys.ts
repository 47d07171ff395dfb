import type { SignatureAlgorithm } from '../../exchange/signing/signature-rules.js';
import { OptionError } from '../../primitives/option-error.js';
import { type WebKey, webCrypto } from './web-crypto.js';

/** A key to sign or verify with. */
export interface ClientSignatureKey {
  readonly kid: string;
  readonly alg: SignatureAlgorithm;
  /** What signs. Undefined: it verifies only. */
  signer(): Promise<WebKey> | undefined;
  /** What verifies. Undefined: it signs only. */
  verifier(): Promise<WebKey> | undefined;
}

/** Where keys come from. Rotation: `current` gives the new one, `find` still knows the old one while its messages may come. */
export interface ClientSigningKeys {
  /** What is signed with. Called for each frame that is signed. */
  current(): ClientSignatureKey | undefined;
  /** The key with this id; undefined where there is none (any more). Called for each frame that is verified. */
  find(kid: string | undefined): ClientSignatureKey | undefined | Promise<ClientSignatureKey | undefined>;
}

/** Of RFC 7518 section 3.2: as long as the hash. */
const shortestSecretBytes = 32;

const hmac = { name: 'HMAC', hash: 'SHA-256' };
const ed25519 = { name: 'Ed25519' };

/** HS256: everybody who can verify can also sign. A page's secret is no secret from its user. @throws {OptionError} for one that is too short */
export function hmacKey(kid: string, secret: Uint8Array | string | WebKey): ClientSignatureKey {
  if (isWebKey(secret)) return { kid, alg: 'HS256', ...both(secret) };
  const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret;
  if (bytes.length < shortestSecretBytes)
    throw new OptionError(
      'secret',
      `at least ${shortestSecretBytes} bytes (RFC 7518 section 3.2)`,
      `${bytes.length} bytes`,
    );
  const imported = once(() => webCrypto().importKey('raw', bytes, hmac, false, ['sign', 'verify']));
  return { kid, alg: 'HS256', signer: imported, verifier: imported };
}

/**
 * An Ed25519 key: a JWK (one with `d` also signs), a `CryptoKey`, or a pair of them. Keep a private one out of reach of scripts:
 * `crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])`, kept in IndexedDB.
 *
 * @throws {OptionError} for another kind of key
 */
export function ed25519Key(
  kid: string,
  key: object | WebKey | { readonly publicKey: WebKey; readonly privateKey: WebKey },
): ClientSignatureKey {
  const alg = 'EdDSA';
  if ('privateKey' in key)
    return {
      kid,
      alg,
      signer: () => Promise.resolve(key.privateKey),
      verifier: () => Promise.resolve(key.publicKey),
    };
  if (isWebKey(key)) return { kid, alg, ...both(key) };
  const { d, ...jwk } = key as { readonly d?: string; readonly crv?: string; readonly x?: string };
  if (jwk.crv !== 'Ed25519' || jwk.x === undefined) throw new OptionError('key', 'an Ed25519 key', jwk.crv);
  const imported = (source: object, usage: string): (() => Promise<WebKey>) =>
    // What its owner has said it is for is not ours to check.
    once(() =>
      webCrypto().importKey('jwk', { kty: 'OKP', crv: 'Ed25519', ...source }, ed25519, false, [usage]),
    );
  return {
    kid,
    alg,
    signer: d === undefined ? () => undefined : imported({ x: jwk.x, d }, 'sign'),
    verifier: imported({ x: jwk.x }, 'verify'),
  };
}

/** Keys that do not change; the first one signs. */
export function staticKeys(keys: readonly ClientSignatureKey[]): ClientSigningKeys {
  const byId = new Map(keys.map((key) => [key.kid, key]));
  return {
    current: () => keys[0],
    find: (kid) => (kid === undefined ? undefined : byId.get(kid)),
  };
}

/** A `CryptoKey`, for what it may be used for. */
function both(key: WebKey): Pick<ClientSignatureKey, 'signer' | 'verifier'> {
  const usable = (usage: string): Promise<WebKey> | undefined =>
    key.usages.includes(usage) ? Promise.resolve(key) : undefined;
  return { signer: () => usable('sign'), verifier: () => usable('verify') };
}

function once(work: () => Promise<WebKey>): () => Promise<WebKey> {
  let result: Promise<WebKey> | undefined;
  return () => (result ??= work());
}

function isWebKey(key: unknown): key is WebKey {
  return typeof key === 'object' && key !== null && 'algorithm' in key && 'usages' in key;
}
