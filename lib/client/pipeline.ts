import { pass } from '../exchange/pass.js';
import type { Phase } from '../exchange/compose.js';
import { isPromise } from '../primitives/is-promise.js';
import type { Codec } from '../protocol/codec.js';
import type { Envelope } from '../protocol/envelope.js';
import { decodeDefaults } from '../protocol/limits.js';
import type { ClientFrame, ClientMessage, ClientMiddleware } from './middleware.js';

type PhaseName = 'outbound' | 'outboundFrame' | 'inboundFrame' | 'inbound';

/** What an encoded message is. */
export type Payload = string | Uint8Array;

/** Work in the order in which it came: at once, until something has to be waited for. */
export class InOrder {
  #last: Promise<void> | null = null;
  readonly #failed: (error: unknown) => void;

  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  do(work: () => void | PromiseLike<void>): void {
    if (this.#last === null) {
      try {
        const pending = work();
        if (isPromise(pending)) this.#wait(Promise.resolve(pending));
      } catch (error) {
        this.#failed(error);
      }
    } else this.#wait(this.#last.then(work));
  }

  #wait(pending: Promise<unknown>): void {
    const settled = pending.then(
      () => undefined,
      (error: unknown) => this.#failed(error),
    );
    const last = settled.then(() => {
      if (this.#last === last) this.#last = null;
    });
    this.#last = last;
  }
}

/** The stages of a client around its codec. Synchronous as long as they all are. */
export class Pipeline {
  readonly codec: Codec;
  readonly middleware: readonly ClientMiddleware[];
  readonly #late: (error: unknown) => void;
  readonly #bound: Record<string, readonly Phase<never>[]> = {};

  /** @param late told of what a stage throws when the message has already gone on */
  constructor(codec: Codec, middleware: readonly ClientMiddleware[], late: (error: unknown) => void) {
    this.codec = codec;
    this.middleware = middleware;
    this.#late = late;
  }

  /** A message through the outbound phases and the codec; null: a stage has dropped it. */
  encode(envelope: Envelope): Payload | null | Promise<Payload | null> {
    const message: ClientMessage = { envelope };
    return this.#through(this.#phases('outbound'), message, () => this.codec.encode(message.envelope));
  }

  /** A payload through the frame phases, of the stages from `first` on; null: a stage has dropped it. */
  wrap(data: Payload, first: number): Payload | null | Promise<Payload | null> {
    const frame = this.#frame(data);
    return this.#through(this.#phases('outboundFrame', first), frame, () => frame.data);
  }

  /** A frame as it came, through the frame phases of the stages from the last to `first`, and the codec. */
  unwrap(data: Payload, first: number): Envelope | Envelope[] | null | Promise<Envelope | Envelope[] | null> {
    const frame = this.#frame(data);
    return this.#through(this.#reversed('inboundFrame', first), frame, () =>
      this.codec.decode(frame.data, decodeDefaults),
    );
  }

  /** A decoded message through the inbound phases. */
  receive(envelope: Envelope): Envelope | null | Promise<Envelope | null> {
    const message: ClientMessage = { envelope };
    return this.#through(this.#reversed('inbound'), message, () => message.envelope);
  }

  #frame(data: Payload): ClientFrame {
    return { data, codec: this.codec.name };
  }

  /** Bound once for each place to begin at: a frame pays nothing for it. */
  #phases<Context>(name: PhaseName, first = 0): readonly Phase<Context>[] {
    return (this.#bound[name + String(first)] ??= this.middleware
      .slice(first)
      .flatMap(
        (stage) => (stage[name] as Phase<never> | undefined)?.bind(stage) ?? [],
      )) as readonly Phase<Context>[];
  }

  /** What comes in passes the last stage first. */
  #reversed<Context>(name: PhaseName, first = 0): readonly Phase<Context>[] {
    return (this.#bound[`-${name}${String(first)}`] ??= this.#phases<never>(
      name,
      first,
    ).toReversed()) as readonly Phase<Context>[];
  }

  #through<Context, Result>(
    phases: readonly Phase<Context>[],
    context: Context,
    result: () => Result,
  ): Result | null | Promise<Result | null> {
    if (phases.length === 0) return result();
    const passed = pass(phases, context, this.#late);
    return isPromise(passed)
      ? passed.then((isThrough) => (isThrough ? result() : null))
      : passed
        ? result()
        : null;
  }
}
