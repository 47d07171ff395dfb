import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  type KeyObject,
  randomFillSync,
} from 'node:crypto';
import type { JweParts } from '../../../protocol/jwe-compact.js';

/** The one content encryption that is accepted (RFC 7518 section 5.3). */
export const contentEncryption = 'A256GCM';

/** With random IVs of 96 bits, NIST SP 800-38D section 8.3 allows a key no more. */
export const mostMessagesPerKey = 2 ** 32;

const ivBytes = 12;
const tagLength = { authTagLength: 16 };

/** Random bytes for IVs are drawn for many at a time: a call to the generator costs more than a small message. */
const pool = Buffer.alloc(ivBytes * 256);
let poolAt = pool.length;

/** A key that encrypts content directly (`dir`, RFC 7518 section 4.5), and knows how often it may. */
export class ContentKey {
  readonly kid: string;
  readonly #key: KeyObject;
  readonly #messages: number;
  /** Protected headers up to their number, by `cty`: there are as many as codecs. */
  readonly #headers = new Map<string, string>();
  #used = 0;

  /** @param messages that may be encrypted or decrypted with it */
  constructor(kid: string, bytes: Uint8Array, messages: number) {
    this.kid = kid;
    this.#key = createSecretKey(bytes);
    this.#messages = messages;
  }

  /** Counts a message. False: it would be one too many. */
  use(): boolean {
    if (this.#used >= this.#messages) return false;
    this.#used++;
    return true;
  }

  /** The compact serialization of a message, with the number of the use of the key as `seq`. Call {@link use} before. */
  seal(cty: string, plaintext: Uint8Array): string {
    let begin = this.#headers.get(cty);
    if (begin === undefined) this.#headers.set(cty, (begin = this.#header(cty)));
    const header = Buffer.from(`${begin}${this.#used}}`).toString('base64url');
    const iv = nextIv();
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv, tagLength);
    cipher.setAAD(Buffer.from(header, 'latin1'));
    const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
    const tag = cipher.getAuthTag().toString('base64url');
    return `${header}..${iv.toString('base64url')}.${ciphertext.toString('base64url')}.${tag}`;
  }

  /** The plaintext. Undefined: it was not encrypted with this key, or has been changed. */
  open({ header, iv, ciphertext, tag }: JweParts): Buffer | undefined {
    const decipher = createDecipheriv('aes-256-gcm', this.#key, Buffer.from(iv, 'base64url'), tagLength);
    decipher.setAAD(Buffer.from(header, 'latin1'));
    decipher.setAuthTag(Buffer.from(tag, 'base64url'));
    const plaintext = decipher.update(ciphertext, 'base64url');
    try {
      decipher.final();
    } catch {
      // The tag is wrong; why is nothing that anybody may learn.
      return undefined;
    }
    return plaintext;
  }

  /** As whoever is to read with it needs it. */
  toJwk(): { kty: 'oct'; k: string; alg: string; kid: string } {
    return {
      kty: 'oct',
      k: this.#key.export().toString('base64url'),
      alg: contentEncryption,
      kid: this.kid,
    };
  }

  #header(cty: string): string {
    const header = { alg: 'dir', enc: contentEncryption, kid: this.kid, cty };
    return `${JSON.stringify(header).slice(0, -1)},"seq":`;
  }
}

function nextIv(): Buffer {
  if (poolAt === pool.length) {
    randomFillSync(pool);
    poolAt = 0;
  }
  return pool.subarray(poolAt, (poolAt += ivBytes));
}
