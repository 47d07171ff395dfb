import { headerBytes } from '../transport/frame.js';
import { readyStates } from '../transport/transport-socket.js';
import type { PlaceInBacklog } from './backlog.js';
import type { Flushable } from './flush-scheduler.js';
import { type FrameOutlet, nowhere } from './nowhere.js';
import type { OutgoingFrame, WrittenCallback } from './outgoing-frame.js';
import type { PendingFrames } from './pending-frames.js';
import type { SendQueueOwner, SendQueueSettings } from './send-queue-settings.js';
import type { SessionLog } from './session-log.js';
import { SlowSender, type SlowSenderHost, socketHighWaterBytes } from './slow-sender.js';
import { outcomeFrame, TextBatch } from './text-batch.js';

/**
 * The one way out to a peer: ordered, bounded, written once per tick.
 *
 * While the socket keeps up, frames gather as a node of the tick's trie (what others also receive) or as a batch of
 * texts (this peer's outcomes). Once it does not, they wait in a {@link SlowSender}. What is written is numbered and kept
 * where there is a session.
 */
export class SendQueue implements Flushable, SlowSenderHost {
  #socket: FrameOutlet;
  readonly #settings: SendQueueSettings;
  readonly #owner: SendQueueOwner;
  /** Frames of this tick; then `#texts` is null. */
  #pending: PendingFrames | null = null;
  /** Outcomes of this tick; then `#pending` is null. */
  #texts: TextBatch | null = null;
  #isScheduled = false;
  /** The socket's unsent bytes when this tick's first frame came: they only shrink until the flush. */
  #unsentBefore = 0;
  #slow: SlowSender | null = null;
  /** Bytes of a message longer than the bound, until nothing waits any more. */
  #oversize = 0;
  #written: WrittenCallback[] | null = null;

  constructor(socket: FrameOutlet, settings: SendQueueSettings, owner: SendQueueOwner) {
    this.#socket = socket;
    this.#settings = settings;
    this.#owner = owner;
  }

  /** Bytes that wait: here and in the socket. */
  get bytes(): number {
    return this.#pendingBytes + (this.#slow?.bytes ?? 0) + this.#socket.unsentBytes;
  }

  /** Whether the peer takes less than it is sent. */
  get isSlow(): boolean {
    return this.#slow !== null || this.isAway;
  }

  /** Whether there is no peer at the moment. */
  get isAway(): boolean {
    return this.#socket === nowhere;
  }

  /** A frame that other connections get as well. False when it was dropped. */
  sendShared(frame: OutgoingFrame): boolean {
    if (!this.#fits(frame.bytes.length)) return this.#slowSender().send(frame, null);
    this.#settings.counters.framesSent++;
    this.#pending = this.#frames().append(frame);
    this.#schedule();
    return true;
  }

  /** A frame of this connection alone. False when it was dropped. */
  sendOwn(frame: OutgoingFrame, written: WrittenCallback | null = null): boolean {
    if (!this.#fits(frame.bytes.length)) return this.#slowSender().send(frame, written);
    this.#settings.counters.framesSent++;
    this.#pending = this.#frames().appendOwn(frame);
    if (written !== null) (this.#written ??= []).push(written);
    this.#schedule();
    return true;
  }

  /** The text of an outcome: never dropped. The quickest way, as a burst of replies is framed in one go. */
  sendOutcome(text: string): boolean {
    const payloadBytes = Buffer.byteLength(text);
    if (this.#pending !== null || !this.#fits(headerBytes(payloadBytes) + payloadBytes)) {
      return this.sendOwn(outcomeFrame(text));
    }
    this.#settings.counters.framesSent++;
    (this.#texts ??= new TextBatch()).add(text, payloadBytes);
    this.#schedule();
    return true;
  }

  /** One message in several frames; nothing but control frames comes between them. */
  sendParts(
    parts: readonly Buffer[],
    key: string | null,
    droppable: boolean,
    written: WrittenCallback | null = null,
  ): boolean {
    this.flush();
    const slow = this.#slowSender();
    const isTaken = slow.sendParts(parts, key, droppable, written);
    slow.start();
    return isTaken;
  }

  /** Keeps the place of a message that is still being made: what is sent meanwhile goes after it. Undefined when it is dropped. */
  hold(key: string | null, droppable: boolean): PlaceInBacklog | undefined {
    this.flush();
    return this.#slowSender().hold(key, droppable);
  }

  /** A frame worth sending only if it can go at once. */
  sendVolatile(frame: OutgoingFrame): boolean {
    if (!this.isSlow && this.#socket.unsentBytes === 0) return this.sendShared(frame);
    this.#settings.counters.framesDropped++;
    return false;
  }

  /** Writes what has gathered. */
  flush(): void {
    this.#isScheduled = false;
    if (this.#pending === null && this.#texts === null) return;
    const written = this.#written;
    this.#written = null;
    if (this.#socket.readyState !== readyStates.open) {
      this.#miss(written);
    } else if (this.#socket.unsentBytes > socketHighWaterBytes || this.#isTooMuchAtOnce) {
      this.#fallBehind(written);
    } else {
      this.#write(written);
    }
  }

  /** Calls back once nothing waits here any more. True: that was so already, and it has been called. */
  whenDrained(callback: () => void): boolean {
    this.flush();
    if (this.#slow === null) return this.#whenReleased(callback);
    this.#slow.whenDrained(() => void this.#whenReleased(callback));
    return false;
  }

  /** Forgets what waits, and counts it as dropped. Returns how many messages that were. */
  clear(): number {
    // The common case at the end of a connection, and an error object is not free.
    if (this.#pending === null && this.#texts === null && this.#slow === null) return 0;
    const error = new Error('the connection is closed');
    const dropped = this.#forget() + (this.#slow?.clear(error) ?? 0);
    this.#settings.counters.framesDropped += dropped;
    tellAll(this.#written, error);
    this.#written = null;
    return dropped;
  }

  /**
   * Goes on with another socket, or with none ({@link nowhere}), with all that waits.
   *
   * @param first goes out before it, whatever the bound says
   */
  moveTo(socket: FrameOutlet, first: Buffer | null = null): void {
    this.flush();
    this.#socket = socket;
    this.#oversize = first?.length ?? 0;
    if (first !== null) {
      this.#settings.counters.writes++;
      this.#settings.counters.bytesSent += first.length;
      socket.writeFrames(first);
    }
    this.#slow?.moveTo(socket);
  }

  /**
   * For who must wait between one message and the next: undefined while the peer takes what it is sent,
   * else resolves when it has taken enough, or is back. Lets other work in between.
   */
  ready(): Promise<void> | undefined {
    if (this.isAway) return this.#owner.session?.whenBack();
    if (this.#slow === null && this.bytes <= socketHighWaterBytes) return undefined;
    this.flush();
    return new Promise((resolve) => {
      const later = (): void => void setImmediate(resolve);
      if (this.#slow !== null) this.#slow.whenDrained(later);
      else if (this.#socket.unsentBytes > socketHighWaterBytes) this.#socket.onceDrained(later);
      else later();
    });
  }

  /** @internal Whether the bound leaves room. */
  hasRoom(bytes: number): boolean {
    const { sendQueueBytes } = this.#settings;
    const waiting = this.bytes;
    if (waiting === 0) this.#oversize = bytes > sendQueueBytes ? bytes : 0;
    return waiting === 0 || waiting + bytes <= sendQueueBytes + this.#oversize;
  }

  /** @internal */
  caughtUp(): void {
    this.#slow = null;
  }

  /** @internal */
  get log(): SessionLog | undefined {
    return this.#owner.session?.log;
  }

  /** @internal */
  slowConsumer(): void {
    this.#owner.slowConsumer();
  }

  #whenReleased(callback: () => void): boolean {
    if (this.#socket.onceReleased !== undefined) return this.#socket.onceReleased(callback);
    callback();
    return true;
  }

  /** Asked again: a flush may have made one. */
  get #hasSlowSender(): boolean {
    return this.#slow !== null;
  }

  get #pendingBytes(): number {
    return (this.#pending?.size ?? 0) + (this.#texts?.bytes ?? 0);
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#unsentBefore = this.#socket.unsentBytes;
    this.#settings.scheduler.schedule(this);
  }

  /** Whether a frame may gather with the tick's others. Where the bound is in the way, what has gathered goes out first. */
  #fits(bytes: number): boolean {
    if (this.#slow !== null) return false;
    // The short way for all but the first frame of a tick: a broadcast walks it for every receiver.
    const isWithin = this.#pendingBytes + this.#unsentBefore + bytes <= this.#settings.sendQueueBytes;
    if (this.#isScheduled && this.#oversize === 0 && isWithin) return true;
    if (this.hasRoom(bytes)) return true;
    this.flush();
    return !this.#hasSlowSender && this.hasRoom(bytes);
  }

  /** This tick's sequence, with the outcomes before it made into frames of it. */
  #frames(): PendingFrames {
    let pending = this.#pending ?? this.#settings.scheduler.root;
    if (this.#texts === null) return pending;
    for (const frame of this.#texts.toFrames()) pending = pending.appendOwn(frame);
    this.#texts = null;
    return pending;
  }

  #slowSender(): SlowSender {
    this.#slow ??= new SlowSender(this.#socket, this.#settings, this);
    return this.#slow;
  }

  /** Once the socket has it, no policy can drop it: where one may have to, the socket gets no more than it can be given back. */
  get #isTooMuchAtOnce(): boolean {
    return this.#settings.slowConsumer !== 'disconnect' && this.#pendingBytes > socketHighWaterBytes;
  }

  #fallBehind(written: readonly WrittenCallback[] | null): void {
    const frames = this.#frames().frames();
    this.#pending = null;
    const slow = this.#slowSender();
    const last = frames.pop() as OutgoingFrame;
    for (const frame of frames) slow.take(frame, null);
    slow.take(last, written === null ? null : (error) => tellAll(written, error));
    slow.start();
  }

  #takeBytes(): Buffer {
    const bytes = this.#pending === null ? (this.#texts as TextBatch).toBytes() : this.#pending.bytes();
    this.#pending = null;
    this.#texts = null;
    return bytes;
  }

  get #pendingCount(): number {
    return this.#pending?.count ?? this.#texts?.count ?? 0;
  }

  #write(written: readonly WrittenCallback[] | null): void {
    const { counters } = this.#settings;
    const count = this.#pendingCount;
    const bytes = this.#takeBytes();
    this.#owner.session?.log.append(bytes, count);
    if (!this.isAway) {
      counters.writes++;
      counters.bytesSent += bytes.length;
    }
    if (written === null) this.#socket.writeFrames(bytes);
    else this.#socket.writeFrames(bytes, (error) => tellAll(written, error));
  }

  /** The socket is closing. A session has it for the next one. */
  #miss(written: readonly WrittenCallback[] | null): void {
    const log = this.#owner.session?.log;
    if (log === undefined) {
      this.#settings.counters.framesDropped += this.#forget();
      tellAll(written, new Error('the connection is closed'));
      return;
    }
    const count = this.#pendingCount;
    log.append(this.#takeBytes(), count);
    tellAll(written);
  }

  #forget(): number {
    const waiting = this.#pendingCount;
    this.#pending = null;
    this.#texts = null;
    return waiting;
  }
}

function tellAll(callbacks: readonly WrittenCallback[] | null, error?: Error | null): void {
  if (callbacks === null) return;
  for (const callback of callbacks) callback(error);
}
