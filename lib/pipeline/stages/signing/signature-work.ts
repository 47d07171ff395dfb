import { createHmac, createPublicKey, type KeyObject, sign, timingSafeEqual, verify } from 'node:crypto';
import type { SignatureKey } from './signing-keys.js';

/**
 * Ed25519 operations of one tick that are done at once. One costs about as much as handing it to the thread pool and
 * back, so a quiet server answers sooner without; a busy one keeps its event loop for other work.
 */
const atOnceInATick = 2;

/** Computes signatures: HMAC at once, Ed25519 on the thread pool under load. */
export class SignatureWork {
  readonly #publicKeys = new WeakMap<KeyObject, KeyObject>();
  #inThisTick = 0;

  /** base64url of the signature. */
  sign(key: SignatureKey, input: string): string | Promise<string> {
    if (key.alg === 'HS256') return hmac(key, input);
    const bytes = Buffer.from(input);
    if (this.#isQuiet()) return sign(null, bytes, key.key).toString('base64url');
    return new Promise((resolve, reject) => {
      sign(null, bytes, key.key, (error, signature) => {
        if (error === null) resolve(signature.toString('base64url'));
        else reject(error);
      });
    });
  }

  verify(key: SignatureKey, input: string, signature: string): boolean | Promise<boolean> {
    if (key.alg === 'HS256') return isSame(hmac(key, input), signature);
    const bytes = Buffer.from(input);
    const given = Buffer.from(signature, 'base64url');
    const publicKey = this.#publicKey(key.key);
    if (this.#isQuiet()) return verify(null, bytes, publicKey, given);
    return new Promise((resolve, reject) => {
      verify(null, bytes, publicKey, given, (error, isValid) => {
        if (error === null) resolve(isValid);
        else reject(error);
      });
    });
  }

  #isQuiet(): boolean {
    if (this.#inThisTick === 0) setImmediate(() => (this.#inThisTick = 0));
    return ++this.#inThisTick <= atOnceInATick;
  }

  #publicKey(key: KeyObject): KeyObject {
    if (key.type !== 'private') return key;
    let publicKey = this.#publicKeys.get(key);
    if (publicKey === undefined) this.#publicKeys.set(key, (publicKey = createPublicKey(key)));
    return publicKey;
  }
}

function hmac({ key }: SignatureKey, input: string): string {
  return createHmac('sha256', key).update(input, 'latin1').digest('base64url');
}

/** In constant time, and in the one spelling that a signature has. */
function isSame(expected: string, given: string): boolean {
  return expected.length === given.length && timingSafeEqual(Buffer.from(expected), Buffer.from(given));
}
