import { parseJoseHeader } from './jose-header.js';

/** First byte of a text frame that is JOSE compact: every header is a JSON object, and `{"` is `ey` in base64url. JSON text never begins so. */
export const joseFirstByte = 0x65;

/** A header is a few members; more is somebody trying something. */
const longestHeader = 2048;

const alphabet = /^[A-Za-z0-9_-]+$/;

/** The protected header of a JWS (RFC 7515 section 4), as far as it is understood here. */
export interface JwsHeader {
  readonly alg: string;
  readonly kid: string | undefined;
  /** Kind of the payload: the codec's name, `json` where nothing is said. */
  readonly cty: string;
  /** When it was signed, in seconds since the epoch (RFC 7519 section 5.3 lets claims be header parameters). */
  readonly iat: number | undefined;
  /** Makes the message one of its kind (RFC 8555 section 6.5.2). */
  readonly nonce: string | undefined;
}

/** Where the parts of a compact serialization are (RFC 7515 section 7.1). */
export interface JwsParts {
  readonly header: string;
  readonly payload: string;
  /** Characters that are signed: header, dot, payload. */
  readonly signed: number;
  readonly signature: string;
}

/** Splits `header.payload.signature`. Undefined: it is none. */
export function splitJws(text: string): JwsParts | undefined {
  const first = text.indexOf('.');
  const second = text.indexOf('.', first + 1);
  if (first <= 0 || second === -1 || first > longestHeader) return undefined;
  const header = text.slice(0, first);
  const payload = text.slice(first + 1, second);
  const signature = text.slice(second + 1);
  const isWhole = isBase64Url(header) && isBase64Url(payload) && isBase64Url(signature);
  return isWhole ? { header, payload, signed: second, signature } : undefined;
}

/** Reads a protected header. Undefined: it is none, or {@link parseJoseHeader} refuses it. */
export function readJwsHeader(json: string): JwsHeader | undefined {
  const header = parseJoseHeader(json);
  if (header === undefined) return undefined;
  const { alg, kid, cty = 'json', iat, nonce } = header;
  if (typeof alg !== 'string' || typeof cty !== 'string') return undefined;
  if (!isTextOrAbsent(kid) || !isTextOrAbsent(nonce)) return undefined;
  if (iat !== undefined && !Number.isFinite(iat)) return undefined;
  return { alg, kid, cty, iat: iat as number | undefined, nonce };
}

function isTextOrAbsent(value: unknown): value is string | undefined {
  return value === undefined || (typeof value === 'string' && value.length <= 256);
}

/** RFC 7515 section 2: no padding, no white space; one character more than a multiple of four cannot be. */
function isBase64Url(text: string): boolean {
  return text.length % 4 !== 1 && alphabet.test(text);
}
