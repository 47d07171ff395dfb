import type { DedupRecord } from '../store/dedup-store.js';
import type { FrameOutlet } from './nowhere.js';

/** Writes down what changes of a session, where it outlives the process. */
export interface SessionJournal {
  /** Messages were sent. @param frames whole frames, back to back @param last number of the last of them */
  sent(frames: Uint8Array, count: number, last: number): void;
  /** Messages up to this number are not needed any more. */
  forget(number: number): void;
  /** Numbers up to this one are given, and nothing before the next one is kept. */
  skip(number: number): void;
  /** The connection has joined or left a room. */
  roomsChanged(): void;
  /** A message of the client reaches its handler. Undefined: that is written down; else resolves when it is, or rejects. */
  enter(id: string | number, event: string): PromiseLike<void> | undefined;
  /** What became of a message of the client. */
  settle(id: string | number, outcome: DedupRecord): void;
  /** What is sent to `socket` goes out when it is written down, and not before. */
  outlet(socket: FrameOutlet): FrameOutlet;
}
