import { AsyncQueue } from '../exchange/async-queue.js';
import { exponential, type RetryStrategy } from '../exchange/retry-strategy.js';
import { after, type Clock } from '../primitives/clock.js';
import type { Envelope, ErrorBody } from '../protocol/envelope.js';
import type { GatewireError } from '../protocol/gatewire-error.js';
import type { Emitted, EventsOptions, RequestOptions, SendOptions } from './client-api.js';
import type { Combiner, Emit, Flow } from './flow.js';
import type { KeptMessage } from './keeper.js';
import type { Link } from './link.js';
import type { Outbox } from './outbox.js';
import { clientError, disconnected, Outgoing, serverError } from './outgoing.js';

/** Errors that say "not now": the same message may pass later (PROTOCOL.md, "Errors"). */
const passing = ['RATE_LIMITED', 'TOO_MANY_REQUESTS', 'OVERLOADED', 'UNAVAILABLE'];

/** Emits are tried again when the server has no time for them. */
const emitRetry = exponential({ count: 10 });

const ranks = { high: 0, normal: 1, low: 2 };

/** The fate of one emit. A promise only for who asks. */
export class EmittedMessage implements Emitted {
  readonly id: string | number | undefined;
  #fate: { readonly error: GatewireError | undefined } | null = null;
  #promise: Promise<void> | null = null;
  #settle: ((error: GatewireError | undefined) => void) | null = null;

  constructor(id: string | number | undefined) {
    this.id = id;
  }

  get delivered(): Promise<void> {
    return (this.#promise ??= new Promise((resolve, reject) => {
      this.#settle = (error) => (error === undefined ? resolve() : reject(error));
      if (this.#fate !== null) this.#settle(this.#fate.error);
    }));
  }

  settle(error?: GatewireError): void {
    this.#fate = { error };
    this.#settle?.(error);
  }
}

export interface SendsSettings {
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly combine?: Flow['combine'];
  readonly requestMs: number;
  /** Ids that no earlier life of the client has used. */
  readonly nextId: () => string | number;
  /** Tells the server that nobody waits any more. */
  readonly cancel: (id: string | number) => void;
  readonly undelivered: (envelope: Envelope, error: GatewireError) => void;
}

/** Emits, requests and streams as messages of the outbox. */
export class Sends {
  readonly #settings: SendsSettings;
  readonly #combiner: Combiner | undefined;
  readonly emit: Emit;

  constructor(settings: SendsSettings) {
    this.#settings = settings;
    const emit: Emit = (event, data, options = {}) => {
      const envelope = this.#envelope(event, data, options);
      const emitted = new EmittedMessage(envelope.id);
      this.#add(this.#emitOf(envelope, options, emitted), options);
      return emitted;
    };
    this.#combiner = settings.combine?.(emit, settings.clock);
    this.emit = this.#combiner?.emit ?? emit;
  }

  /** What is held back to be combined, or to share a frame, leaves now. */
  flush(): void {
    this.#combiner?.flush();
    this.#settings.outbox.flush();
  }

  /** An emit of an earlier life of the client: nobody holds its handle. */
  restored({ envelope, payload, ageMs }: KeptMessage): Outgoing {
    const message = this.#emitOf(envelope, {});
    message.payload = payload;
    message.since = this.#settings.clock.now() - ageMs;
    return message;
  }

  #emitOf(
    envelope: Envelope & { id: string | number },
    { latest, priority = 'normal' }: SendOptions & { latest?: string },
    emitted?: EmittedMessage,
  ): Outgoing {
    const failed = (error: GatewireError): void => {
      emitted?.settle(error);
      this.#settings.undelivered(envelope, error);
    };
    const outcome = ({ error, more }: Envelope): void => {
      if (more === true) return;
      if (error === undefined) emitted?.settle();
      else failed(serverError(error));
    };
    const message = new Outgoing(
      envelope,
      { outcome, failed },
      { isEmit: true, latest, rank: ranks[priority] },
    );
    message.retryInMs = this.#retrying(message, emitRetry);
    return message;
  }

  request(event: string, data: unknown, options: RequestOptions = {}): Promise<unknown> {
    const { clock, outbox, requestMs } = this.#settings;
    const timeoutMs = options.timeoutMs === false ? Infinity : (options.timeoutMs ?? requestMs);
    return new Promise((resolve, reject) => {
      const done = (): void => clock.clearTimeout(timer);
      const message = new Outgoing(
        this.#envelope(event, data, options),
        {
          outcome: ({ error, data: answer, more }) => {
            if (more === true) return;
            done();
            if (error === undefined) resolve(answer);
            else reject(serverError(error));
          },
          failed: (error) => {
            done();
            reject(error);
          },
        },
        { rank: ranks[options.priority ?? 'normal'] },
      );
      const timer = after(clock, timeoutMs, () => outbox.fail(message, timedOut(message, timeoutMs)));
      if (options.retry !== undefined) message.retryInMs = this.#retrying(message, options.retry);
      this.#add(message, options);
    });
  }

  stream(
    event: string,
    data: unknown,
    options: SendOptions & EventsOptions = {},
  ): AsyncIterableIterator<unknown> {
    const { outbox, cancel } = this.#settings;
    const left = (): void => {
      if (outbox.fail(message, clientError('CANCELLED', 'the reader has left')) && message.sends > 0)
        cancel(message.id);
    };
    const items = new AsyncQueue<unknown>({ ...queueOptions(options), left });
    const message = new Outgoing(
      this.#envelope(event, data, options),
      {
        outcome: (envelope) => {
          const { error, more, done } = envelope;
          if (error !== undefined) return items.fail(serverError(error));
          if (done !== true) items.push(envelope.data);
          if (more !== true) items.end();
        },
        failed: (error) => items.fail(error),
      },
      { rank: ranks[options.priority ?? 'normal'] },
    );
    message.isStream = true;
    this.#add(message, options);
    return items;
  }

  /** Items are missing, and nobody sends them again. */
  breakStreams(isResumed: boolean): void {
    const { outbox } = this.#settings;
    for (const message of outbox.unanswered())
      // A new session runs one again that has given nothing yet; the same session does not run it twice.
      if (message.isStream && (isResumed || message.items > 0)) outbox.fail(message, disconnected());
  }

  #envelope(event: string, data: unknown, { meta }: SendOptions): Envelope & { id: string | number } {
    const envelope: Envelope & { id: string | number } = { event, data, id: this.#settings.nextId() };
    if (meta !== undefined) envelope.meta = meta;
    return envelope;
  }

  #add(message: Outgoing, { signal }: SendOptions): void {
    const { outbox, cancel } = this.#settings;
    if (signal === undefined) return outbox.add(message);
    const cancelled = (): GatewireError => clientError('CANCELLED', 'aborted', signal.reason);
    if (signal.aborted) return message.taker.failed(cancelled());
    const abort = (): void => {
      if (outbox.fail(message, cancelled()) && message.isStream) cancel(message.id);
    };
    signal.addEventListener('abort', abort, { once: true });
    message.settled = () => signal.removeEventListener('abort', abort);
    outbox.add(message);
  }

  #retrying(message: Outgoing, strategy: RetryStrategy): (error: ErrorBody) => number | false {
    let attempt = 0;
    let since = 0;
    return (error) => {
      if (!passing.includes(error.code)) return false;
      const now = this.#settings.clock.now();
      if (attempt++ === 0) since = now;
      const delayMs = strategy({ attempt, elapsedMs: now - since, error: serverError(error) });
      const asked = (error.details as { retryAfterMs?: unknown } | undefined)?.retryAfterMs;
      return delayMs !== false && typeof asked === 'number' ? Math.max(asked, delayMs) : delayMs;
    };
  }
}

/** An emit that is worth sending only if it can go at once. @param link null: there is no connection */
export function emitNow(link: Link | null, event: string, data: unknown, { meta }: SendOptions): Emitted {
  const emitted = new EmittedMessage(undefined);
  if (link?.bufferedAmount === 0) {
    link.say(meta === undefined ? { event, data } : { event, data, meta: { ...meta } });
    emitted.settle();
  } else emitted.settle(clientError('DISCONNECTED', 'there is no connection that could take it at once'));
  return emitted;
}

/** Bounds of a queue that the application reads. */
export function queueOptions({ buffer = 1024, whenFull = 'fail' }: EventsOptions): {
  buffer: number;
  whenFull: 'fail' | 'drop-oldest';
  overflow: () => GatewireError;
} {
  return {
    buffer,
    whenFull,
    overflow: () => clientError('OVERLOADED', `more than ${buffer} items wait to be read`),
  };
}

function timedOut(message: Outgoing, timeoutMs: number): GatewireError {
  const fate = message.sends === 0 ? 'it was not sent' : 'it may or may not have been handled';
  return clientError('ACK_TIMEOUT', `no answer within ${timeoutMs} ms; ${fate}`);
}
