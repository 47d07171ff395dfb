import { json } from '../protocol/codecs/json.js';
import type { Envelope } from '../protocol/envelope.js';
import { decodeDefaults } from '../protocol/limits.js';

/** What a log keeps of a message. */
export interface LoggedContent {
  readonly event: string;
  readonly data: unknown;
  readonly meta: Readonly<Record<string, unknown>> | undefined;
}

/** Our own writing is not measured against what peers may send. */
const own = { ...decodeDefaults, jsonDepth: Infinity };

/** JSON text; with bytes in `data`, the binary layout (PROTOCOL.md, "Frames"). @throws {TypeError} for what JSON cannot hold */
export function encodeBody({ event, data, meta }: LoggedContent): string | Uint8Array {
  const envelope: Envelope = { event, data };
  if (meta !== undefined) envelope.meta = { ...meta };
  return json().encode(envelope);
}

/** What was kept. @throws what decoding throws: then it was not written by {@link encodeBody} */
export function decodeBody(body: string | Uint8Array): LoggedContent {
  const { event = '', data, meta } = json().decode(body, own) as Envelope;
  return { event, data, meta };
}
