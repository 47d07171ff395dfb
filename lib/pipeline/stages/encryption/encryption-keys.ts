import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { OptionError } from '../../../primitives/option-error.js';

/** A key of the server that clients agree with (RFC 7748, RFC 8037). Made with {@link x25519Key}. */
export interface X25519Key {
  readonly kid: string;
  readonly privateKey: KeyObject;
  /** For the clients: they must get it in a way that they trust, such as HTTPS. */
  readonly publicJwk: JsonWebKey & { readonly kid: string };
}

/** An X25519 private key: PEM, a JWK or a `KeyObject`. @throws {OptionError} for another kind of key */
export function x25519Key(kid: string, input: string | object | KeyObject): X25519Key {
  const privateKey = isKeyObject(input) ? input : readKey(input);
  if (privateKey.asymmetricKeyType !== 'x25519' || privateKey.type !== 'private')
    throw new OptionError(
      'key',
      'an X25519 private key',
      `${privateKey.type} ${privateKey.asymmetricKeyType ?? ''}`,
    );
  const publicJwk = createPublicKey(privateKey).export({ format: 'jwk' });
  return { kid, privateKey, publicJwk: { ...publicJwk, alg: 'ECDH-ES', kid } };
}

function isKeyObject(input: unknown): input is KeyObject {
  return typeof input === 'object' && input !== null && 'asymmetricKeyType' in input;
}

function readKey(input: string | object): KeyObject {
  return createPrivateKey(typeof input === 'string' ? input : { key: input as JsonWebKey, format: 'jwk' });
}
