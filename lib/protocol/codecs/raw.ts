import { OptionError } from '../../primitives/option-error.js';
import { isBinary, toUint8Array } from '../binary-data.js';
import type { Codec } from '../codec.js';
import type { Envelope } from '../envelope.js';
import { reservedPrefix } from '../event-name.js';
import { decodeDefaults } from '../limits.js';

/** What raw frames are called. */
export interface RawOptions {
  /** The event that every frame of a peer is. @default 'message' */
  readonly event?: string;
}

/**
 * For peers that speak a protocol of their own: a frame is a message. Every frame that comes is one event, its data
 * the whole payload (bytes of a binary frame, a string of a text frame). What goes out is `data` alone: bytes as a
 * binary frame, a string as a text frame, and all else, errors too, as JSON text. There are no ids, so no requests.
 *
 * It serves a whole endpoint and is not negotiated.
 *
 * @throws {OptionError} for a name that no event can have
 */
export function raw({ event = 'message' }: RawOptions = {}): Codec {
  if (event.length === 0 || event.length > decodeDefaults.eventNameLength || event.startsWith(reservedPrefix))
    throw new OptionError('event', 'a name that an event can have', event);
  return {
    name: 'raw',
    isBinary: false,
    isWholeEndpoint: true,
    encode: encodeRaw,
    decode: (data) => ({ event, data }),
  };
}

function encodeRaw({ data, error }: Envelope): string | Uint8Array {
  if (isBinary(data)) return toUint8Array(data);
  if (typeof data === 'string') return data;
  return JSON.stringify(error ?? data ?? null);
}
