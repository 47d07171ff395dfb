import { EventEmitter } from 'node:events';
import {
  readyStates,
  type SocketListener,
  type TransportSocket,
} from '../../lib/transport/transport-socket.js';

/** A transport's socket whose reader takes bytes only when the test says so. */
export class MemorySocket extends EventEmitter implements TransportSocket {
  readyState: number = readyStates.open;
  readonly protocol = '';
  readonly extensions = '';
  readonly isObserved = false;
  readonly canDeflate = false;
  readonly keepsDeflateContext = false;
  isPaused = false;
  listener: SocketListener | null = null;
  /** Whether written bytes leave at once. */
  takes = true;
  /** What has left, in the order it was written. */
  readonly written: Buffer[] = [];
  readonly closes: [code: number | undefined, reason: string][] = [];
  pings = 0;
  #unsent: Buffer[] = [];
  readonly #drained: (() => void)[] = [];

  get unsentBytes(): number {
    return this.#unsent.reduce((sum, bytes) => sum + bytes.length, 0);
  }

  /** Texts of all frames that have left. */
  get texts(): string[] {
    return textsOf(Buffer.concat(this.written));
  }

  writeFrames(bytes: Uint8Array, written?: (error?: Error | null) => void): void {
    if (this.takes) this.written.push(Buffer.from(bytes));
    else this.#unsent.push(Buffer.from(bytes));
    written?.();
  }

  onceDrained(callback: () => void): void {
    this.#drained.push(callback);
  }

  /** The reader takes everything there is, and goes on taking if `takes` is true. */
  drain(): void {
    while (this.#unsent.length > 0 || this.#drained.length > 0) {
      this.written.push(...this.#unsent);
      this.#unsent = [];
      for (const callback of this.#drained.splice(0)) callback();
    }
  }

  ping(): void {
    this.pings++;
  }

  pong(): void {}

  close(code?: number, reason: string | Buffer = ''): void {
    this.closes.push([code, reason.toString()]);
    this.readyState = readyStates.closing;
  }

  terminate(): void {
    this.readyState = readyStates.closed;
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  adopt(): void {}

  addEventListener(): void {}

  removeEventListener(): void {}
}

/** Reads unmasked server frames (RFC 6455 section 5.2); fragments are joined. */
export function textsOf(bytes: Buffer): string[] {
  const texts: string[] = [];
  let message = '';
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at] as number;
    const short = (bytes[at + 1] as number) & 127;
    const [length, start] =
      short < 126
        ? [short, at + 2]
        : short === 126
          ? [bytes.readUInt16BE(at + 2), at + 4]
          : [Number(bytes.readBigUInt64BE(at + 2)), at + 10];
    message += bytes.subarray(start, start + length).toString();
    if ((first & 0x80) !== 0) {
      texts.push(message);
      message = '';
    }
    at = start + length;
  }
  return texts;
}
