import type { SentMessages } from '../store/session-store.js';
import { messageEnd } from '../transport/frame.js';
import type { SessionJournal } from './session-journal.js';

/** How much of what was sent is kept until the peer has acknowledged it. */
export interface SessionLogLimits {
  readonly messages: number;
  readonly bytes: number;
}

/** Several messages that were written together, back to back. */
class Batch {
  readonly frames: Buffer;
  /** Those that are left of it. */
  count: number;

  constructor(frames: Buffer, count: number) {
    this.frames = frames;
    this.count = count;
  }
}

/** What one write gave the socket: one message, one message in several frames, or several messages. */
type Written = Buffer | readonly Buffer[] | Batch;

/**
 * What a session's client may not have got yet: numbers for the messages that are written, from 1, and their bytes as
 * long as they are not acknowledged, the latest up to the limits. The bytes are those that went to the socket, shared with
 * everybody who got the same: nothing is copied, and no object is made for a message.
 */
export class SessionLog {
  readonly #limits: SessionLogLimits;
  #entries: (Written | undefined)[] = [];
  #head = 0;
  /** Where what is left of the first entry begins. */
  #offset = 0;
  #messages = 0;
  #bytes = 0;
  #last = 0;
  #acked = 0;
  #isGreeted = false;
  #keeps = true;
  /** Where it is written down as well; null: nowhere. */
  journal: SessionJournal | null = null;

  constructor(limits: SessionLogLimits) {
    this.#limits = limits;
  }

  /** Goes on where an earlier process has stopped. @param acked everything up to this number was acknowledged */
  restore(sent: readonly SentMessages[], last: number, acked: number): void {
    this.#isGreeted = true;
    this.#acked = acked;
    this.#last = last;
    let next = last + 1 - sent.reduce((sum, { count }) => sum + count, 0);
    for (const { first, count, frames } of sent) {
      // What is missing in between makes all of it useless.
      if (first !== next) return this.#clear();
      next += count;
      const { buffer, byteOffset, byteLength } = frames;
      this.#entries.push(batchOf(Buffer.from(buffer, byteOffset, byteLength), count));
      this.#messages += count;
      this.#bytes += byteLength;
    }
    this.#forget(acked - (last - this.#messages));
    this.#trim();
  }

  /** Number of the last message; 0 before the first. */
  get last(): number {
    return this.#last;
  }

  /** Messages that are kept. */
  get messages(): number {
    return this.#messages;
  }

  /** Their bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whole messages have been written. The very first is `$welcome`, which has no number. */
  append(written: Buffer, count: number): void {
    if (this.#isGreeted) return this.#add(batchOf(written, count));
    this.#isGreeted = true;
    if (count > 1) this.#add(batchOf(written.subarray(messageEnd(written, 0)), count - 1));
  }

  /** One message has begun to be written, frame by frame. */
  appendParts(parts: readonly Buffer[]): void {
    if (this.#isGreeted) this.#add(parts);
    this.#isGreeted = true;
  }

  /** Messages that would have had these numbers are lost: nothing before them can be made whole any more. */
  skip(count: number): void {
    if (count === 0) return;
    this.#last += count;
    this.#clear();
    this.journal?.skip(this.#last);
  }

  /** Whether bytes are kept from now on, or messages are counted only. What was kept goes. */
  keep(keeps: boolean): void {
    this.#keeps = keeps;
    this.#clear();
  }

  /** The peer has processed everything up to this number. False: it was never sent. */
  ack(number: number): boolean {
    if (number > this.#last) return false;
    if (number <= this.#acked) return true;
    this.#acked = number;
    this.#forget(number - (this.#last - this.#messages));
    this.journal?.forget(number);
    return true;
  }

  /** Whether all messages after this number are here. */
  has(number: number): boolean {
    return number <= this.#last && number >= this.#last - this.#messages;
  }

  /** The bytes of all messages after this number, which MUST be here. */
  after(number: number): Buffer[] {
    const buffers: Buffer[] = [];
    let skipped = number - (this.#last - this.#messages);
    for (let i = this.#head; i < this.#entries.length; i++) {
      const entry = this.#entries[i] as Written;
      const count = countOf(entry);
      if (skipped >= count) {
        skipped -= count;
        continue;
      }
      if (entry instanceof Batch) {
        const from = skip(entry.frames, i === this.#head ? this.#offset : 0, skipped);
        buffers.push(from === 0 ? entry.frames : entry.frames.subarray(from));
      } else if (Buffer.isBuffer(entry)) buffers.push(entry);
      else buffers.push(...entry);
      skipped = 0;
    }
    return buffers;
  }

  #add(written: Written): void {
    const count = countOf(written);
    this.#last += count;
    if (!this.#keeps) return;
    this.#entries.push(written);
    this.#messages += count;
    this.#bytes += bytesOf(written);
    this.journal?.sent(framesOf(written), count, this.#last);
    if (this.#trim()) this.journal?.forget(this.#last - this.#messages);
  }

  /** Forgets what is beyond the limits. True: something was. */
  #trim(): boolean {
    const { messages, bytes } = this.#limits;
    const before = this.#messages;
    if (this.#messages > messages) this.#forget(this.#messages - messages);
    while (this.#bytes > bytes) this.#forget(1);
    return this.#messages < before;
  }

  /** Forgets so many of the oldest messages. */
  #forget(count: number): void {
    for (let left = count; left > 0 && this.#messages > 0;) {
      const first = this.#entries[this.#head] as Written;
      const count = countOf(first);
      if (!(first instanceof Batch) || count <= left) {
        this.#dropFirst(first, count);
        left -= count;
        continue;
      }
      const offset = skip(first.frames, this.#offset, left);
      this.#bytes -= offset - this.#offset;
      this.#offset = offset;
      first.count -= left;
      this.#messages -= left;
      left = 0;
    }
  }

  #dropFirst(first: Written, count: number): void {
    this.#bytes -= bytesOf(first) - this.#offset;
    this.#messages -= count;
    this.#entries[this.#head] = undefined;
    this.#head++;
    this.#offset = 0;
    if (this.#head === this.#entries.length) this.#clear();
    else if (this.#head >= 64 && this.#head * 2 >= this.#entries.length) {
      this.#entries.splice(0, this.#head);
      this.#head = 0;
    }
  }

  #clear(): void {
    this.#entries = [];
    this.#head = 0;
    this.#offset = 0;
    this.#messages = 0;
    this.#bytes = 0;
  }
}

function batchOf(frames: Buffer, count: number): Written {
  return count === 1 ? frames : new Batch(frames, count);
}

function countOf(written: Written): number {
  return written instanceof Batch ? written.count : 1;
}

function framesOf(written: Written): Buffer {
  if (written instanceof Batch) return written.frames;
  return Buffer.isBuffer(written) ? written : Buffer.concat(written);
}

function bytesOf(written: Written): number {
  if (written instanceof Batch) return written.frames.length;
  if (Buffer.isBuffer(written)) return written.length;
  return written.reduce((sum, part) => sum + part.length, 0);
}

function skip(frames: Buffer, offset: number, messages: number): number {
  let at = offset;
  for (let i = 0; i < messages; i++) at = messageEnd(frames, at);
  return at;
}
