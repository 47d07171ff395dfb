import { randomId } from '../../primitives/random-id.js';
import type { SignatureAlgorithm } from './signature-rules.js';

interface Signer {
  readonly kid: string;
  readonly alg: SignatureAlgorithm;
}

interface LastHeader {
  readonly key: Signer | null;
  readonly cty: string;
  readonly iat: number;
  /** JSON up to the end of the nonce's first, constant part. */
  readonly text: string;
}

/** Writes protected headers of JWS, each with a nonce of its own. */
export class SignatureHeaders {
  /** Of the nonces that are made here. */
  readonly #prefix = randomId();
  #signed = 0;
  #last: LastHeader = { key: null, cty: '', iat: 0, text: '' };

  /** The JSON of one. All of it but the nonce is the same for a second. @param now in milliseconds since the epoch */
  next(key: Signer, cty: string, now: number): string {
    const iat = Math.floor(now / 1000);
    const last = this.#last;
    if (key !== last.key || cty !== last.cty || iat !== last.iat) {
      const text = JSON.stringify({ alg: key.alg, kid: key.kid, cty, iat, nonce: this.#prefix });
      this.#last = { key, cty, iat, text: text.slice(0, -'"}'.length) };
    }
    return `${this.#last.text}${(this.#signed++).toString(36)}"}`;
  }
}
