import type { Socket } from 'node:net';

/** What is gathered at most before it is written: as much as a socket takes without waiting. */
const gatheredBytes = 65_536;
/** Messages that are written together: the server is at work on the first of them while the others are made. */
const gatheredMessages = 8;

/** Has what is sent within one tick written together: a system call for several messages instead of one for each. */
export class TickWriter {
  readonly #socket: Socket;
  #isGathering = false;
  /** Bytes that waited when this tick's first message came. */
  #waitedBefore = 0;
  #messages = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Bytes that the operating system has not taken; those of this tick do not count, as they have not been offered yet. */
  get waitingBytes(): number {
    return this.#isGathering ? this.#waitedBefore : this.#socket.writableLength;
  }

  /** Call before each message. */
  gather(): void {
    if (!this.#isGathering) {
      this.#isGathering = true;
      process.nextTick(this.#write);
    } else if (this.#messages < gatheredMessages && this.#gatheredBytes <= gatheredBytes) {
      this.#messages++;
      return;
    } else this.#socket.uncork();
    this.#messages = 1;
    this.#waitedBefore = this.#socket.writableLength;
    this.#socket.cork();
  }

  get #gatheredBytes(): number {
    return this.#socket.writableLength - this.#waitedBefore;
  }

  readonly #write = (): void => {
    this.#isGathering = false;
    this.#socket.uncork();
  };
}
