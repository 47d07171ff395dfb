import { decodeBase64url, encodeBase64url } from './base64url.js';

/** Signs frames: JWS in compact serialization (RFC 7515), HS256, with WebCrypto. */
export class Signer {
  readonly #kid: string;
  readonly #key: CryptoKey;

  private constructor(kid: string, key: CryptoKey) {
    this.#kid = kid;
    this.#key = key;
  }

  /** The key cannot be read back from the browser, and is gone when the page is. */
  static async of(kid: string, secret: string): Promise<Signer> {
    const algorithm = { name: 'HMAC', hash: 'SHA-256' };
    const key = await crypto.subtle.importKey('raw', decodeBase64url(secret), algorithm, false, ['sign']);
    return new Signer(kid, key);
  }

  async sign(frame: object): Promise<string> {
    const header = {
      alg: 'HS256',
      kid: this.#kid,
      iat: Math.floor(Date.now() / 1000),
      nonce: crypto.randomUUID(),
    };
    const input = `${encodeBase64url(JSON.stringify(header))}.${encodeBase64url(JSON.stringify(frame))}`;
    const signature = await crypto.subtle.sign('HMAC', this.#key, new TextEncoder().encode(input));
    return `${input}.${encodeBase64url(signature)}`;
  }
}

/** What somebody on the way could do: other words, the same signature. */
export function tampered<Frame>(jws: string, change: (frame: Frame) => Frame): string {
  const [header, payload = '', signature] = jws.split('.');
  const frame = JSON.parse(new TextDecoder().decode(decodeBase64url(payload))) as Frame;
  return [header, encodeBase64url(JSON.stringify(change(frame))), signature].join('.');
}
