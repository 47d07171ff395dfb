import { constants, createDeflateRaw, type DeflateRaw } from 'node:zlib';
import { ErrorCode } from '../protocol/error-code.js';
import { GatewireError } from '../protocol/gatewire-error.js';
import { type Deflater, withoutTail } from './deflater.js';

/**
 * Deflates the messages of one connection with what came before as context (RFC 7692 section 7.1.1.1): smaller, for about
 * 256 KiB of memory, and for this connection alone. Every result MUST be sent, in the order of the calls.
 */
export class ContextDeflater implements Deflater {
  readonly thresholdBytes: number;
  readonly hasContext = true;
  readonly #stream: DeflateRaw;
  #chunks: Buffer[] = [];
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(thresholdBytes: number, level: number) {
    this.thresholdBytes = thresholdBytes;
    this.#stream = createDeflateRaw({ level });
    this.#stream.on('data', (chunk: Buffer) => this.#chunks.push(chunk));
  }

  deflate(payload: Uint8Array): Promise<Buffer> {
    const turn = this.#last.then(() => this.#next(payload));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** The connection is gone. What is still asked for rejects. */
  close(): void {
    this.#isClosed = true;
    this.#stream.close();
  }

  #next(payload: Uint8Array): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) return reject(closed());
      this.#stream.once('error', reject);
      this.#stream.write(payload);
      this.#stream.flush(constants.Z_SYNC_FLUSH, () => {
        this.#stream.off('error', reject);
        if (this.#isClosed) return reject(closed());
        const deflated = Buffer.concat(this.#chunks);
        this.#chunks = [];
        resolve(withoutTail(deflated));
      });
    });
  }
}

function closed(): GatewireError {
  return new GatewireError(ErrorCode.Disconnected, 'the connection closed while a message was deflated');
}
