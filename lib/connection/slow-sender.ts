import { readyStates } from '../transport/transport-socket.js';
import { Backlog, type PlaceInBacklog } from './backlog.js';
import type { FrameOutlet } from './nowhere.js';
import type { OutgoingFrame, WrittenCallback } from './outgoing-frame.js';
import type { SendQueueSettings } from './send-queue-settings.js';
import type { SessionLog } from './session-log.js';

/** Beyond this the socket counts as slow: frames wait in a backlog, where a policy can still reach them. */
export const socketHighWaterBytes = 64 * 1024;

/** What a message that is still being made counts against the bound. */
const heldBytes = 256;

/** The queue that a slow sender works for. */
export interface SlowSenderHost {
  /** Numbers what is written, where there is a session. */
  readonly log: SessionLog | undefined;
  /** Whether there is no peer at the moment: then there is room. */
  readonly isAway: boolean;
  /** Whether the bound leaves room for so many bytes more. */
  hasRoom(bytes: number): boolean;
  /** Nothing waits here any more. */
  caughtUp(): void;
  /** Nothing can make room: the connection is to be closed; with a session, its client is away from now on. */
  slowConsumer(): void;
  /** Sends what found this sender done. */
  sendOwn(frame: OutgoingFrame, written: WrittenCallback | null): boolean;
  sendParts(
    parts: readonly Buffer[],
    key: string | null,
    droppable: boolean,
    written: WrittenCallback | null,
  ): boolean;
  hold(key: string | null, droppable: boolean): PlaceInBacklog | undefined;
}

/** Sends to a socket that does not keep up: a bounded backlog, the slow-consumer policy, and a pump that waits for the drain. */
export class SlowSender {
  #socket: FrameOutlet;
  readonly #settings: SendQueueSettings;
  readonly #host: SlowSenderHost;
  readonly #backlog = new Backlog();
  #drained: (() => void)[] | null = null;
  #isDone = false;
  #isPumping = false;

  constructor(socket: FrameOutlet, settings: SendQueueSettings, host: SlowSenderHost) {
    this.#socket = socket;
    this.#settings = settings;
    this.#host = host;
    this.#waitForDrain();
  }

  get bytes(): number {
    return this.#backlog.bytes;
  }

  /** Takes a frame that was admitted before the socket fell behind. */
  take(frame: OutgoingFrame, written: WrittenCallback | null): void {
    this.#replaceByKey(frame.key, frame.droppable);
    this.#backlog.push(frame, written);
  }

  /** False when the frame was dropped. */
  send(frame: OutgoingFrame, written: WrittenCallback | null): boolean {
    if (!this.#makeRoom(frame.bytes.length, frame.key, frame.droppable, written)) return false;
    if (this.#isDone) return this.#host.sendOwn(frame, written);
    this.#settings.counters.framesSent++;
    this.#backlog.push(frame, written);
    return true;
  }

  /** One message in several frames; nothing but control frames comes between them. */
  sendParts(
    parts: readonly Buffer[],
    key: string | null,
    droppable: boolean,
    written: WrittenCallback | null,
  ): boolean {
    let bytes = 0;
    for (const part of parts) bytes += part.length;
    if (!this.#makeRoom(bytes, key, droppable, written)) return false;
    if (this.#isDone) return this.#host.sendParts(parts, key, droppable, written);
    this.#settings.counters.framesSent += parts.length;
    this.#backlog.pushParts(parts, key, droppable, written);
    return true;
  }

  /** Keeps the place of a message that is still being made. Undefined when there is no room for it. */
  hold(key: string | null, droppable: boolean): PlaceInBacklog | undefined {
    if (!this.#makeRoom(heldBytes, key, droppable, null)) return undefined;
    if (this.#isDone) return this.#host.hold(key, droppable);
    const place = this.#backlog.hold(heldBytes, key, droppable);
    return {
      fill: (parts) => {
        if (this.#isDone) return;
        this.#settings.counters.framesSent += parts.length;
        place.fill(parts);
        this.start();
      },
      giveUp: () => {
        place.giveUp();
        this.start();
      },
    };
  }

  /** Writes at once what the socket takes. */
  start(): void {
    if (this.#isDone) return;
    this.#writeSome();
    if (this.#backlog.isEmpty) this.#finish();
    else this.#waitForDrain();
  }

  whenDrained(callback: () => void): void {
    (this.#drained ??= []).push(callback);
  }

  /** Goes on with another socket. */
  moveTo(socket: FrameOutlet): void {
    this.#socket = socket;
    // The drain of the one before may never come, or come too late: then it only writes what can be written.
    this.#isPumping = false;
    this.start();
  }

  /** Forgets what waits. Returns how many messages that were. */
  clear(error: Error): number {
    const dropped = this.#backlog.clear(error);
    this.#finish();
    return dropped;
  }

  /** Applies the policy until the message fits. False: it is not to be queued. */
  #makeRoom(bytes: number, key: string | null, droppable: boolean, written: WrittenCallback | null): boolean {
    const { slowConsumer, counters } = this.#settings;
    this.#replaceByKey(key, droppable);
    while (!this.#host.hasRoom(bytes)) {
      const dropsNew = slowConsumer === 'drop-newest' && droppable;
      const makesRoom = slowConsumer !== 'disconnect' && !dropsNew;
      if (makesRoom && this.#backlog.dropOldest()) {
        counters.framesDropped++;
        continue;
      }
      // Nothing to drop but outcomes: a peer that reads none of them is beyond help.
      if (slowConsumer === 'disconnect' || !droppable) this.#host.slowConsumer();
      if (this.#host.isAway && this.#host.hasRoom(bytes)) return true;
      counters.framesDropped++;
      written?.(new Error('dropped: the connection reads too slowly'));
      return false;
    }
    return true;
  }

  #replaceByKey(key: string | null, droppable: boolean): void {
    const { slowConsumer, counters } = this.#settings;
    if (slowConsumer === 'latest-only' && key !== null && droppable && this.#backlog.dropKey(key))
      counters.framesDropped++;
  }

  /** Writes as much as the socket takes, and waits for it to drain where that is not all. */
  readonly #pump = (): void => {
    this.#isPumping = false;
    // The drain that was waited for may come after the connection has been cleared.
    this.start();
  };

  #waitForDrain(): void {
    // Behind a message that is still being made there is nothing to wait for: who fills its place starts again.
    if (this.#isPumping || this.#backlog.isHeld || this.#socket.readyState !== readyStates.open) return;
    this.#isPumping = true;
    this.#socket.onceDrained(this.#pump);
  }

  #writeSome(): void {
    while (this.#isWritable) {
      const batch: Buffer[] = [];
      const told: WrittenCallback[] = [];
      let bytes = 0;
      // Small frames go together: a peer that catches up is not to cost a system call for each.
      while (bytes < socketHighWaterBytes) {
        const next = this.#backlog.shift();
        if (next === undefined) break;
        if (next.begins !== null) this.#host.log?.appendParts(next.begins);
        batch.push(next.bytes);
        bytes += next.bytes.length;
        if (next.written !== null) told.push(next.written);
      }
      if (batch.length === 0) return;
      this.#write(batch.length === 1 ? (batch[0] as Buffer) : Buffer.concat(batch, bytes), told);
    }
  }

  get #isWritable(): boolean {
    return this.#socket.readyState === readyStates.open && this.#socket.unsentBytes <= socketHighWaterBytes;
  }

  #write(bytes: Buffer, told: readonly WrittenCallback[]): void {
    const { counters } = this.#settings;
    if (!this.#host.isAway) {
      counters.writes++;
      counters.bytesSent += bytes.length;
    }
    if (told.length === 0) this.#socket.writeFrames(bytes);
    else this.#socket.writeFrames(bytes, (error) => told.forEach((callback) => callback(error)));
  }

  #finish(): void {
    this.#isDone = true;
    this.#host.caughtUp();
    const drained = this.#drained;
    this.#drained = null;
    if (drained !== null) for (const callback of drained) callback();
  }
}
