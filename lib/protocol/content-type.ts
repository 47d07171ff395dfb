import { joseFirstByte } from './jws-compact.js';

/** What `cty` says of a text frame; in any other case it is a binary one. */
const textTypes: ReadonlySet<string> = new Set(['json', 'JWS', 'jws', 'text/plain']);

/** Whether a plaintext of this type is that of a text frame. */
export function isText(cty: string): boolean {
  return textTypes.has(cty);
}

/** What of a frame says what it is. */
export interface TypedFrame {
  readonly data: string | Uint8Array;
  readonly isBinary: boolean;
  /** What the codec of its connection is called. */
  readonly codec: string;
}

/** The `cty` of a frame that is to be signed or encrypted (RFC 7515 section 4.1.10, RFC 7516 section 4.1.12). */
export function contentTypeOf({ data, isBinary, codec }: TypedFrame): string {
  // JSON with bytes in it has a layout of its own, that is not JSON.
  if (isBinary) return codec === 'json' ? 'octet-stream' : codec;
  if (codec !== 'raw' && firstByte(data) === joseFirstByte) return 'JWS';
  return codec === 'json' ? 'json' : 'text/plain';
}

function firstByte(data: string | Uint8Array): number | undefined {
  return typeof data === 'string' ? data.charCodeAt(0) : data[0];
}
