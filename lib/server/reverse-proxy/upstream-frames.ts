import type { Connection } from '../../connection/connection.js';
import { pass } from '../../exchange/pass.js';
import type { OutboundFramePhase } from '../../pipeline/middleware.js';
import type { OutboundFrame } from '../../pipeline/outbound-frame.js';
import { isPromise } from '../../primitives/is-promise.js';
import { headerBytes } from '../../transport/frame.js';
import type { PassingFrame } from './passing.js';
import type { ProxyEnds } from './proxy-ends.js';

/** Frames of one upstream on their way to the client: outbound frame stages, and the send queue as soon as it has room. */
export class UpstreamFrames {
  readonly #connection: Connection;
  readonly #ends: ProxyEnds;
  readonly #phases: readonly OutboundFramePhase[];
  readonly #mostBytes: number;

  constructor(connection: Connection, ends: ProxyEnds) {
    this.#connection = connection;
    this.#ends = ends;
    const { stages, shared } = ends.endpoint;
    this.#phases = stages
      .toReversed()
      .flatMap(({ middleware: one }) => (one.outboundFrame ? [one.outboundFrame.bind(one)] : []));
    // Never as much as makes the queue's own policy work.
    this.#mostBytes = Math.min(ends.options.highWaterBytes, shared.options.limits.sendQueueBytes);
  }

  /** A promise while a stage works, or the client takes less than it is sent. Never throws or rejects. */
  carry({ data, isBinary }: PassingFrame): void | Promise<void> {
    if (this.#phases.length === 0) return this.#send(data, isBinary);
    const connection = this.#connection;
    const target = { kind: 'connection', connection } as const;
    const frame: OutboundFrame = {
      data: isBinary ? data : data.toString(),
      isBinary,
      codec: 'raw',
      message: { event: undefined, data, meta: undefined, target },
    };
    try {
      const through = pass(this.#phases, frame, (error) => this.#failed(error));
      if (!isPromise(through)) return this.#settled(frame, through);
      return through.then(
        (isThrough) => this.#settled(frame, isThrough),
        (error: unknown) => this.#failed(error),
      );
    } catch (error) {
      return this.#failed(error);
    }
  }

  #settled({ data, isBinary }: OutboundFrame, isThrough: boolean): void | Promise<void> {
    if (isThrough) return this.#send(data, isBinary);
    this.#ends.endpoint.shared.stageHost.count('dropped.outbound');
  }

  #failed(error: unknown): void {
    this.#ends.endpoint.shared.log.error('OUTBOUND', error);
  }

  #send(data: string | Buffer, isBinary: boolean): void | Promise<void> {
    const payloadBytes = typeof data === 'string' ? Buffer.byteLength(data) : data.length;
    const bytes = payloadBytes + headerBytes(payloadBytes);
    if (this.#hasRoom(bytes)) this.#connection.send(data, { binary: isBinary });
    else return this.#sendLater(data, isBinary, bytes);
  }

  async #sendLater(data: string | Buffer, isBinary: boolean, bytes: number): Promise<void> {
    const connection = this.#connection;
    while (connection.canSend && !this.#hasRoom(bytes)) {
      const ready = connection.queue?.ready();
      await (ready ?? new Promise<void>((resolve) => connection.socket.onceDrained(resolve)));
    }
    connection.send(data, { binary: isBinary });
  }

  #hasRoom(bytes: number): boolean {
    const waiting = this.#connection.bufferedBytes;
    return waiting === 0 || waiting + bytes <= this.#mostBytes;
  }
}
