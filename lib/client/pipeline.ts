import type { Phase } from '../exchange/compose.js';
import { pass } from '../exchange/pass.js';
import { isPromise } from '../primitives/is-promise.js';
import type { Envelope } from '../protocol/envelope.js';
import type { ClientFrame, ClientLink, ClientMessage, ClientMiddleware } from './middleware.js';
import { type Payload, type Soon, whenThere, type Wire } from './wire.js';

type PhaseName = 'outbound' | 'outboundFrame' | 'inboundFrame' | 'inbound';

/** Puts stages around the codec of a client: `createClient({ pipeline: pipeline(log(), signing(keys)) })`. */
export type PipelineFactory = (wire: Wire, late: (error: unknown) => void) => Wire;

/** What goes out passes the stages from the first to the last, what comes in from the last to the first. */
export function pipeline(...middleware: readonly ClientMiddleware[]): PipelineFactory {
  return (wire, late) => new Pipeline(wire, middleware, late);
}

/** Stages around a codec. Synchronous as long as they all are. */
class Pipeline implements Wire {
  readonly codec: string;
  readonly stages: number;
  readonly #wire: Wire;
  readonly #middleware: readonly ClientMiddleware[];
  readonly #late: (error: unknown) => void;
  readonly #bound: Record<string, readonly Phase<never>[]> = {};

  /** @param late told of what a stage throws when the message has gone on, or its place */
  constructor(wire: Wire, middleware: readonly ClientMiddleware[], late: (error: unknown) => void) {
    this.codec = wire.codec;
    this.stages = middleware.length;
    this.#wire = wire;
    this.#middleware = middleware;
    this.#late = late;
  }

  encode(envelope: Envelope): Soon<Payload | null> {
    const message: ClientMessage = { envelope };
    const phases = this.#phases<ClientMessage>('outbound');
    return this.#through(phases, message, null, () => this.#wire.encode(message.envelope));
  }

  wrap(data: Payload, first: number): Soon<Payload | null> {
    const frame: ClientFrame = { data, codec: this.codec };
    return this.#through(this.#phases<ClientFrame>('outboundFrame', first), frame, null, () => frame.data);
  }

  unwrap(data: Payload, first: number): Soon<readonly Envelope[]> {
    const frame: ClientFrame = { data, codec: this.codec };
    return this.#through(this.#reversed<ClientFrame>('inboundFrame', first), frame, [], () =>
      whenThere(this.#wire.unwrap(frame.data, 0), (envelopes) => this.#receive(envelopes)),
    );
  }

  opened(stage: number, link: ClientLink): void | Promise<void> {
    return this.#middleware[stage]?.opened?.(link);
  }

  #receive(envelopes: readonly Envelope[]): Soon<readonly Envelope[]> {
    const phases = this.#reversed<ClientMessage>('inbound');
    if (phases.length === 0) return envelopes;
    let received: Soon<readonly Envelope[]> = [];
    for (const envelope of envelopes)
      received = whenThere(received, (before) =>
        whenThere(this.#admit(phases, envelope), (admitted) => [...before, ...admitted]),
      );
    return received;
  }

  /**
   * Of a message in a room with history that a stage takes away, or cannot read, its place is left: else it would be missing there, and
   * asked for again and again.
   */
  #admit(phases: readonly Phase<ClientMessage>[], envelope: Envelope): Soon<readonly Envelope[]> {
    const message: ClientMessage = { envelope };
    const place = placeOf(envelope);
    const admit = (): Soon<readonly Envelope[]> =>
      this.#through(phases, message, place, () => [message.envelope]);
    if (place.length === 0) return admit();
    const failed = (error: unknown): readonly Envelope[] => {
      this.#late(error);
      return place;
    };
    try {
      const admitted = admit();
      return isPromise(admitted) ? Promise.resolve(admitted).catch(failed) : admitted;
    } catch (error) {
      return failed(error);
    }
  }

  /** Bound once for each place to begin at: a frame pays nothing for it. */
  #phases<Context>(name: PhaseName, first = 0): readonly Phase<Context>[] {
    return (this.#bound[name + String(first)] ??= this.#middleware
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
    dropped: Result,
    result: () => Soon<Result>,
  ): Soon<Result> {
    if (phases.length === 0) return result();
    return whenThere(pass(phases, context, this.#late), (isThrough) => (isThrough ? result() : dropped));
  }
}

/** An envelope that says nothing but where it stands in the history of its room; none where it stands in none. */
function placeOf({ room, offset, epoch }: Envelope): readonly Envelope[] {
  if (room === undefined || offset === undefined) return [];
  return [epoch === undefined ? { room, offset } : { room, offset, epoch }];
}
