import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import type { Connection } from '../../../connection/connection.js';
import type { SignatureAlgorithm } from '../../../exchange/signing/signature-rules.js';
import { OptionError } from '../../../primitives/option-error.js';

/** A key to sign or verify with. */
export interface SignatureKey {
  readonly kid: string;
  readonly alg: SignatureAlgorithm;
  /** HS256: a secret. EdDSA: a public key to verify with, a private one also to sign with. */
  readonly key: KeyObject;
}

/** Where keys come from. Rotation: `current` gives the new one, `find` still knows the old one while its messages may come. */
export interface SigningKeys {
  /** What is signed with. Called for each message that is signed. */
  current(): SignatureKey | undefined;
  /** The key with this id; undefined where there is none (any more). Called for each message that is verified: keep what is far away in a cache. */
  find(
    kid: string | undefined,
    connection: Connection,
  ): SignatureKey | undefined | Promise<SignatureKey | undefined>;
}

/** Of RFC 7518 section 3.2: as long as the hash. */
const shortestSecretBytes = 32;

/** @throws {OptionError} for a secret that is too short */
export function hmacKey(kid: string, secret: Uint8Array | string): SignatureKey {
  const bytes = Buffer.from(secret as string);
  if (bytes.length < shortestSecretBytes)
    throw new OptionError(
      'secret',
      `at least ${shortestSecretBytes} bytes (RFC 7518 section 3.2)`,
      `${bytes.length} bytes`,
    );
  return { kid, alg: 'HS256', key: createSecretKey(bytes) };
}

/** An Ed25519 key: PEM, a JWK or a `KeyObject`. A private one signs and verifies, a public one verifies. @throws {OptionError} for another kind of key */
export function ed25519Key(kid: string, input: string | object | KeyObject): SignatureKey {
  const key = isKeyObject(input) ? input : readKey(input);
  if (key.asymmetricKeyType !== 'ed25519')
    throw new OptionError('key', 'an Ed25519 key', key.asymmetricKeyType ?? key.type);
  return { kid, alg: 'EdDSA', key };
}

/** Keys that do not change; the first one signs. */
export function staticKeys(keys: readonly SignatureKey[]): SigningKeys {
  const byId = new Map(keys.map((key) => [key.kid, key]));
  const [first] = keys;
  return {
    current: () => first,
    find: (kid) => (kid === undefined ? undefined : byId.get(kid)),
  };
}

function isKeyObject(input: unknown): input is KeyObject {
  return typeof input === 'object' && input !== null && 'asymmetricKeyType' in input;
}

function readKey(input: string | object): KeyObject {
  const isPrivate = typeof input === 'string' ? input.includes('PRIVATE KEY') : 'd' in input;
  const source = typeof input === 'string' ? input : { key: input as never, format: 'jwk' as const };
  return isPrivate ? createPrivateKey(source) : createPublicKey(source);
}
