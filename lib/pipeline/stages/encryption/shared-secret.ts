import { createPublicKey, diffieHellman, type KeyObject } from 'node:crypto';

/**
 * What a private X25519 key and a public one have in common (RFC 7748 section 6.1). Undefined: the public key gives no
 * secret, being a point of small order.
 *
 * @param x the 32 bytes of the public key in base64url
 */
export function sharedSecret(privateKey: KeyObject, x: string): Buffer | undefined {
  try {
    const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' });
    return diffieHellman({ privateKey, publicKey });
  } catch {
    // OpenSSL refuses a secret of zeros; the caller refuses it as it does everything else.
    return undefined;
  }
}
