import { brotliDecompressSync, unzipSync } from 'node:zlib';
import { isBinary, toUint8Array } from '../protocol/binary-data.js';
import type { Codec } from '../protocol/codec.js';
import { decodeWith } from '../protocol/decode-with.js';
import type { Envelope } from '../protocol/envelope.js';

/** The server is ours to test: it is bounded by what its sockets take. */
const limits = {
  jsonDepth: Infinity,
  batchItems: Infinity,
  eventNameLength: Infinity,
  messageIdLength: Infinity,
} as const;

/** What compressed data may become. */
const mostInflatedBytes = 268_435_456;

/**
 * What the server has sent, decoded and inflated. What is no envelope is a value without a name: the answer to a message without
 * an id.
 *
 * @param isPlain it gets no batches: an array is a value
 */
export function readFrame(frame: string | Uint8Array, codec: Codec, isPlain: boolean): Envelope[] {
  const value = typeof frame === 'string' ? parsed(frame) : undefined;
  if (isPlain && Array.isArray(value)) return [{ data: value }];
  try {
    return [decodeWith(codec, frame, limits)].flat().map(inflated);
  } catch {
    return [{ data: value === undefined ? frame : value }];
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function inflated(envelope: Envelope): Envelope {
  const { data, meta } = envelope;
  const encoding = meta?.['encoding'];
  if (typeof encoding !== 'string' || !isBinary(data)) return envelope;
  const inflate = encoding === 'br' ? brotliDecompressSync : unzipSync;
  try {
    const { encoding: _, ...rest } = meta as Record<string, unknown>;
    const text = inflate(toUint8Array(data), { maxOutputLength: mostInflatedBytes }).toString();
    return { ...envelope, data: JSON.parse(text) as unknown, meta: rest };
  } catch {
    return envelope;
  }
}
