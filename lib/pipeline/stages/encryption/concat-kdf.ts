import { createHash } from 'node:crypto';

/** What the key is for, beside the secret (RFC 7518 section 4.6.2). */
export interface KdfContext {
  /** `enc` of the header where the agreed key encrypts the content itself. */
  readonly algorithm: string;
  /** At most 256: one round of SHA-256. */
  readonly keyBits: number;
  readonly apu: Uint8Array;
  readonly apv: Uint8Array;
}

/** The Concat KDF with SHA-256 of NIST SP 800-56A, as RFC 7518 section 4.6.2 uses it. */
export function concatKdf(sharedSecret: Uint8Array, { algorithm, keyBits, apu, apv }: KdfContext): Buffer {
  const hash = createHash('sha256').update(uint32(1)).update(sharedSecret);
  for (const part of [Buffer.from(algorithm, 'ascii'), apu, apv])
    hash.update(uint32(part.length)).update(part);
  return hash
    .update(uint32(keyBits))
    .digest()
    .subarray(0, keyBits / 8);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
