import { constants, deflateRaw, deflateRawSync, type ZlibOptions } from 'node:zlib';

/** permessage-deflate on the way out (RFC 7692 section 7.2.1). */
export interface Deflater {
  /** What it gives depends on what it gave before: every result must be sent, in the order of the calls. */
  readonly hasContext: boolean;
  /** Shorter payloads go as they are. */
  readonly thresholdBytes: number;
  /** The payload of a frame with RSV1. A promise where the work is better done beside the event loop. */
  deflate(payload: Uint8Array): Buffer | Promise<Buffer>;
}

/** Payloads up to this are deflated at once: handing them to the thread pool costs more than the work. */
const atOnceBytes = 16 * 1024;

/** An empty block ends what a flush gives; the receiver puts it back (RFC 7692 section 7.2.1). */
const tailBytes = 4;

/** Deflates every message by itself, so that one result suits all who receive it (no context takeover). */
export class SharedDeflater implements Deflater {
  readonly hasContext = false;
  readonly thresholdBytes: number;
  readonly #options: ZlibOptions;

  constructor(thresholdBytes: number, level: number) {
    this.thresholdBytes = thresholdBytes;
    this.#options = { level, finishFlush: constants.Z_SYNC_FLUSH };
  }

  deflate(payload: Uint8Array): Buffer | Promise<Buffer> {
    if (payload.length <= atOnceBytes) return withoutTail(deflateRawSync(payload, this.#options));
    return new Promise((resolve, reject) => {
      deflateRaw(payload, this.#options, (error, deflated) => {
        if (error === null) resolve(withoutTail(deflated));
        else reject(error);
      });
    });
  }
}

/** @internal */
export function withoutTail(deflated: Buffer): Buffer {
  return deflated.subarray(0, deflated.length - tailBytes);
}
