import { Hold } from '../../exchange/hold.js';
import { Packer } from '../../exchange/packer.js';
import { durationMs, wholeNumber } from '../../primitives/option-checks.js';
import { decodeDefaults } from '../../protocol/limits.js';
import type { Batch, BatchHost, Flow, FrameTaker } from '../flow.js';
import type { Payload } from '../wire.js';

/** When messages that wait for each other leave: whatever comes first. */
export interface BatchingOptions {
  /** Milliseconds that the first of them waits. @default 10 */
  readonly flushMs?: number;
  /** Messages; never more than the server takes in one frame. @default 256 */
  readonly messages?: number;
  /** Bytes; never more than the server takes in one frame. @default 65_536 */
  readonly bytes?: number;
}

/**
 * Several messages in one frame: they wait for each other for a moment. A message of high priority waits for none, and
 * takes those along that do. A message with bytes under JSON has a frame of its own.
 *
 * @example createClient({ url, flow: { batch: batching({ flushMs: 5 }) } })
 * @throws {OptionError}
 */
export function batching(options: BatchingOptions = {}): NonNullable<Flow['batch']> {
  const limits = {
    ms: durationMs('flushMs', options.flushMs ?? 10),
    items: wholeNumber('messages', options.messages ?? decodeDefaults.batchItems),
    bytes: wholeNumber('bytes', options.bytes ?? 65_536),
  };
  return (host) => new Batching(host, limits);
}

/** Brackets of an array, or what a codec writes for its length. */
const frameBytes = 5;
/** A comma, or nothing. */
const separatorBytes = 1;

class Batching implements Batch {
  readonly #host: BatchHost;
  readonly #wanted: { readonly items: number; readonly bytes: number };
  readonly #hold: Hold;
  readonly #packer: Packer<Payload>;

  constructor(
    host: BatchHost,
    limits: { readonly ms: number; readonly items: number; readonly bytes: number },
  ) {
    this.#host = host;
    this.#wanted = limits;
    this.#hold = new Hold(host.clock, limits, () => host.wake());
    this.#packer = new Packer(limits, (payload) => byteLength(payload) + separatorBytes);
  }

  get isHolding(): boolean {
    return this.#hold.isHolding;
  }

  arrived(bytes: number, rank: number): void {
    if (rank === 0) this.#hold.release();
    else this.#hold.add(bytes);
  }

  put(payload: Payload, taker: FrameTaker): void {
    if (this.#isAlone(payload)) {
      this.end(taker);
      taker.send(payload);
    } else this.#send(this.#packer.put(payload), taker);
  }

  end(taker: FrameTaker | null): void {
    const pack = this.#packer.end();
    if (taker !== null) this.#send(pack, taker);
  }

  limits({ batchItems = Infinity, maxPayloadBytes = Infinity }: Parameters<Batch['limits']>[0]): void {
    this.#packer.limits = {
      items: Math.min(this.#wanted.items, batchItems),
      bytes: Math.min(this.#wanted.bytes, maxPayloadBytes) - frameBytes,
    };
  }

  release(): void {
    this.#hold.release();
  }

  /** Whether there is no way to put it together with others. */
  #isAlone(payload: Payload): boolean {
    const { codec } = this.#host;
    if (codec === undefined) return typeof payload !== 'string';
    return codec.joinBatch === undefined || codec.isBinary === (typeof payload === 'string');
  }

  #send(pack: readonly Payload[] | undefined, taker: FrameTaker): void {
    if (pack === undefined) return;
    if (pack.length === 1) return taker.send(pack[0] as Payload);
    const { codec } = this.#host;
    taker.send(codec?.joinBatch?.(pack) ?? `[${pack.join(',')}]`);
  }
}

const utf8 = new TextEncoder();

function byteLength(payload: Payload): number {
  return typeof payload === 'string' ? utf8.encode(payload).length : payload.length;
}
