import type { Socket } from 'node:net';

/** What is gathered at most before it is written: as much as a socket takes without waiting. */
const gatheredBytes = 65_536;

/** Has what is sent within one tick written at once: a system call for all of it instead of one for each message. */
export class TickWriter {
  readonly #socket: Socket;
  #isGathering = false;
  /** Bytes that waited when this tick's first message came. */
  #waitedBefore = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Bytes that the operating system has not taken; those of this tick do not count, as they have not been offered yet. */
  get waitingBytes(): number {
    return this.#isGathering ? this.#waitedBefore : this.#socket.writableLength;
  }

  /** Call before each message. */
  gather(): void {
    if (this.#isGathering) {
      if (this.#socket.writableLength - this.#waitedBefore > gatheredBytes) this.#write();
      return;
    }
    this.#isGathering = true;
    this.#waitedBefore = this.#socket.writableLength;
    this.#socket.cork();
    process.nextTick(this.#write);
  }

  readonly #write = (): void => {
    if (!this.#isGathering) return;
    this.#isGathering = false;
    this.#socket.uncork();
  };
}
