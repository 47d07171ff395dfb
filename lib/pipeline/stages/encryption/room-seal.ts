import type { OutboundFrame } from '../../outbound-frame.js';

/** Codecs whose payloads are never text that begins with `e`: what does is made by a stage. */
const recognizable: ReadonlySet<string> = new Set(['json', 'msgpack', 'cbor']);

/** How the protected headers begin that have the key of a room: characters of whole bytes only. */
const roomHeader = Buffer.from('{"alg":"dir","enc":"A256GCM","kid":"roo').toString('base64url');

/** Whether a frame has been encrypted for a room. With a codec whose payloads could look like that it is never sure. */
export function isSealedForRoom({ data, isBinary, codec }: OutboundFrame): boolean {
  return !isBinary && recognizable.has(codec) && typeof data === 'string' && data.startsWith(roomHeader);
}
