import { parseJoseHeader } from './jose-header.js';

/** Decoded bytes of a protected header: it is a few members; more is somebody trying something. */
const longestHeaderBytes = 1024;

/** Characters of 96 bits and of 128 bits: IV and tag of AES-GCM (RFC 7518 section 5.3). */
const ivCharacters = 16;
const tagCharacters = 22;

/** Characters of 32 bytes. */
const publicKeyCharacters = 43;

const alphabet = /^[A-Za-z0-9_-]*$/;

/** The parts of a compact serialization (RFC 7516 section 7.1), as they came. */
export interface JweParts {
  readonly header: string;
  readonly encryptedKey: string;
  readonly iv: string;
  readonly ciphertext: string;
  readonly tag: string;
}

/** The public key of one agreement (RFC 7518 section 4.6.1.1, RFC 8037 section 3.2). */
export interface EphemeralKey {
  /** The 32 bytes of an X25519 public key, in base64url. */
  readonly x: string;
}

/** The protected header of a JWE (RFC 7516 section 4), as far as it is understood here. */
export interface JweHeader {
  readonly alg: string;
  readonly enc: string;
  readonly kid: string | undefined;
  /** Kind of the plaintext: the codec's name, `JWS`; `json` where nothing is said. */
  readonly cty: string;
  readonly epk: EphemeralKey | undefined;
  /** PartyUInfo and PartyVInfo in base64url (RFC 7518 sections 4.6.1.2 and 4.6.1.3); empty where nothing is said. */
  readonly apu: string;
  readonly apv: string;
  /** Number of the frame among those with its key, a whole number from 0 on: ours, as RFC 7516 section 4.3 allows. */
  readonly seq: number | undefined;
}

/** Splits `header.encryptedKey.iv.ciphertext.tag`. Undefined: it has not five parts, so it is no JWE. */
export function splitJwe(text: string): JweParts | undefined {
  const dots: number[] = [];
  for (let at = text.indexOf('.'); at !== -1; at = text.indexOf('.', at + 1)) {
    if (dots.length === 4) return undefined;
    dots.push(at);
  }
  const [first, second, third, fourth] = dots;
  if (first === undefined || second === undefined || third === undefined || fourth === undefined)
    return undefined;
  return {
    header: text.slice(0, first),
    encryptedKey: text.slice(first + 1, second),
    iv: text.slice(second + 1, third),
    ciphertext: text.slice(third + 1, fourth),
    tag: text.slice(fourth + 1),
  };
}

/**
 * Whether the parts can be those of A256GCM with a key that is agreed or shared: no encrypted key (RFC 7518 sections
 * 4.5 and 4.6), and each part in the one spelling that its bytes have.
 */
export function isSoundJwe({ header, encryptedKey, iv, ciphertext, tag }: JweParts): boolean {
  return (
    encryptedKey === '' &&
    iv.length === ivCharacters &&
    tag.length === tagCharacters &&
    // Before anything looks at all of it.
    header.length <= Math.ceil((longestHeaderBytes * 4) / 3) &&
    [header, iv, ciphertext, tag].every(isBase64Url)
  );
}

/**
 * Reads a protected header. Undefined: it is none, {@link parseJoseHeader} refuses it, or what it protects is compressed
 * (`zip`).
 */
export function readJweHeader(json: string): JweHeader | undefined {
  const header = parseJoseHeader(json);
  if (header === undefined || Object.hasOwn(header, 'zip')) return undefined;
  const { alg, enc, kid, cty = 'json', apu = '', apv = '', seq } = header;
  if (!isText(alg) || !isText(enc) || !isText(cty) || (kid !== undefined && !isText(kid))) return undefined;
  if (!isBytes(apu) || !isBytes(apv) || !isNumberOrAbsent(seq)) return undefined;
  const epk = readEphemeralKey(header['epk']);
  if (epk === null) return undefined;
  return { alg, enc, kid, cty, epk, apu, apv, seq };
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isBytes(value: unknown): value is string {
  return isText(value) && isBase64Url(value);
}

function isNumberOrAbsent(value: unknown): value is number | undefined {
  return value === undefined || (Number.isSafeInteger(value) && (value as number) >= 0);
}

/** Reads a public X25519 key (RFC 8037 section 2). Null: it is there, but is none. */
export function readEphemeralKey(value: unknown): EphemeralKey | null | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'object' || value === null) return null;
  const { kty, crv, x } = value as Record<string, unknown>;
  const isKey = kty === 'OKP' && crv === 'X25519' && isBytes(x) && x.length === publicKeyCharacters;
  return isKey ? { x } : null;
}

/** RFC 7515 section 2, and only the spelling whose unused bits are zero: nothing can be changed that is not noticed. */
export function isBase64Url(text: string): boolean {
  if (!alphabet.test(text)) return false;
  const rest = text.length % 4;
  if (rest === 0) return true;
  const last = text.at(-1) as string;
  return rest === 2 ? 'AQgw'.includes(last) : rest === 3 && 'AEIMQUYcgkosw048'.includes(last);
}
