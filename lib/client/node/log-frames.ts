import { crc32 } from 'node:zlib';
import { StorageError } from '../storage/storage-error.js';

/** What every log begins with: nothing else is taken for one. */
export const logHeader = Buffer.from('gatewire-storage 1\n');
/** RFC 7464's record separator. JSON has no control characters, so that no payload holds what looks like a frame. */
const separator = 0x1e;
/** Separator, length and CRC-32 of length and payload. */
const frameHeadBytes = 9;

/** A frame: the changes that become durable together. */
export function encodeFrame(payload: string): Buffer {
  const bytes = Buffer.byteLength(payload);
  const frame = Buffer.allocUnsafe(frameHeadBytes + bytes);
  frame[0] = separator;
  frame.writeUInt32LE(bytes, 1);
  frame.write(payload, frameHeadBytes);
  frame.writeUInt32LE(checksum(frame, 0, bytes), 5);
  return frame;
}

/** What a log holds, and how much of it is to be kept. */
export interface LogContents {
  readonly payloads: readonly string[];
  /** What comes after them was never finished, and is to be cut off. 0: the file has no header yet. */
  readonly soundBytes: number;
}

/**
 * Reads a log. A frame that is not sound is the trace of a write that was cut short, as long as no sound one follows: one is written
 * only when those before it are durable.
 *
 * @throws {StorageError} `corrupted`
 */
export function decodeLog(log: Buffer): LogContents {
  if (log.length < logHeader.length && logHeader.subarray(0, log.length).equals(log))
    return { payloads: [], soundBytes: 0 };
  if (!log.subarray(0, logHeader.length).equals(logHeader))
    throw new StorageError('corrupted', 'the file is no storage of gatewire, or its beginning is lost');
  const payloads: string[] = [];
  let at = logHeader.length;
  while (at < log.length) {
    const end = frameEnd(log, at);
    if (end === 0) break;
    payloads.push(log.toString('utf8', at + frameHeadBytes, end));
    at = end;
  }
  const next = soundFrameAfter(log, at);
  if (next !== -1)
    throw new StorageError('corrupted', `the file is damaged at byte ${at}; at byte ${next} it goes on`);
  return { payloads, soundBytes: at };
}

/** Where the frame at `at` ends; 0: there is no sound one. */
function frameEnd(log: Buffer, at: number): number {
  if (log[at] !== separator || at + frameHeadBytes > log.length) return 0;
  const bytes = log.readUInt32LE(at + 1);
  const end = at + frameHeadBytes + bytes;
  return end <= log.length && log.readUInt32LE(at + 5) === checksum(log, at, bytes) ? end : 0;
}

function checksum(log: Buffer, at: number, bytes: number): number {
  const payload = at + frameHeadBytes;
  return crc32(log.subarray(payload, payload + bytes), crc32(log.subarray(at + 1, at + 5)));
}

function soundFrameAfter(log: Buffer, at: number): number {
  let candidate = log.indexOf(separator, at + 1);
  while (candidate !== -1 && frameEnd(log, candidate) === 0)
    candidate = log.indexOf(separator, candidate + 1);
  return candidate;
}
