import type { Next } from '../../exchange/compose.js';
import { DataPaths } from '../../exchange/data/data-path.js';
import { PayloadSnapshot } from '../../exchange/data/payload-snapshot.js';
import { type Clock, clientClock } from '../../primitives/clock.js';
import { isPromise } from '../../primitives/is-promise.js';
import { limit, wholeNumber } from '../../primitives/option-checks.js';
import { OptionError } from '../../primitives/option-error.js';
import { presentFields } from '../../primitives/present-fields.js';
import type { Envelope, MessageId } from '../../protocol/envelope.js';
import { isReservedEvent } from '../../protocol/event-name.js';
import { isGatewireError } from '../../protocol/gatewire-error.js';
import { type SampleRates, Sampler } from '../../routing/sampler.js';
import type { ClientFrame, ClientMessage, ClientMiddleware } from '../middleware.js';
import type { ClientLogRecord } from './client-log-record.js';
import { type ClientDirection, subjectEvent } from './subject.js';

/** What a client logs, and where to. */
export interface ClientLoggingOptions {
  /** Takes each record. What it throws is not the messages' concern. */
  readonly log: (record: ClientLogRecord) => void;
  /** Whether the protocol's own messages are logged: greetings, acknowledgements. @default false */
  readonly protocol?: boolean;
  /** Which part of the messages is logged, 0 to 1; by event: the most specific name or pattern counts. Errors always are. @default 1 */
  readonly sample?: SampleRates;
  /** Where chance comes from. @default Math.random */
  readonly random?: () => number;
  /** Measures what goes out: its JSON is made once more for that. @default false */
  readonly bytes?: boolean;
  /** Logs `data`. @default false */
  readonly payload?: boolean;
  /** Characters of a payload that are logged. @default 1_024 */
  readonly payloadCharacters?: number | false;
  /** What of a payload is not logged: `data.password`, `**.token`. @default nothing */
  readonly redact?: readonly string[];
  /** Messages whose outcome is waited for, to tell its event and how long it took; the oldest is forgotten. @default 10_000 */
  readonly pending?: number;
  /** @default the machine's */
  readonly clock?: Pick<Clock, 'now'>;
}

/**
 * A record for each message, in the place of the list where it stands: put it first to see messages as the application does.
 *
 * @example pipeline(logging({ log: (record) => console.debug(record), sample: { 'cursor.*': 0.01 } }), compression())
 * @throws {OptionError}
 */
export function logging(options: ClientLoggingOptions): ClientMiddleware {
  return new Logging(options);
}

interface Sent {
  readonly event: string;
  readonly since: number;
  readonly isSampled: boolean;
}

class Logging implements ClientMiddleware {
  readonly name = 'logging';
  readonly #options: ClientLoggingOptions;
  readonly #sampler: Sampler;
  readonly #redact: DataPaths | undefined;
  readonly #characters: number;
  readonly #most: number;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #sent = new Map<MessageId, Sent>();
  #frameBytes = 0;

  constructor(options: ClientLoggingOptions) {
    const { sample = 1, random = Math.random, redact = [] } = options;
    if (typeof options.log !== 'function') throw new OptionError('log', 'a function', options.log);
    this.#options = options;
    this.#sampler = new Sampler(sample, random);
    for (const path of redact)
      // A path that leads nowhere would be a secret in the log.
      if (!/^(data|\*\*)\./.test(path))
        throw new OptionError('redact', 'paths that begin with "data." or "**."', path);
    this.#redact = redact.length === 0 ? undefined : new DataPaths('redact', redact);
    this.#characters = limit('payloadCharacters', options.payloadCharacters ?? 1_024);
    this.#most = wholeNumber('pending', options.pending ?? 10_000);
    this.#clock = options.clock ?? clientClock;
  }

  outbound(message: ClientMessage, next: Next): void | Promise<void> {
    const { envelope } = message;
    if (this.#isIgnored(envelope)) return next();
    const event = subjectEvent(envelope);
    const isSampled = this.#sampler.takes(event, undefined);
    if (envelope.id !== undefined && envelope.event !== undefined)
      this.#remember(envelope.id, event, isSampled);
    const told = (): void => {
      const outcome = envelope.event === undefined ? outcomeOf(envelope) : 'sent';
      if (isSampled || outcome === 'error') this.#write('outbound', envelope, { event, outcome });
    };
    const failed = (error: unknown): never => {
      const code = isGatewireError(error) ? error.code : undefined;
      this.#write('outbound', envelope, { event, outcome: 'failed', ...presentFields({ code }) });
      throw error;
    };
    try {
      const pending = next();
      if (isPromise(pending)) return pending.then(told, failed);
      told();
    } catch (error) {
      failed(error);
    }
  }

  inboundFrame({ data }: ClientFrame, next: Next): void | Promise<void> {
    this.#frameBytes = data.length;
    return next();
  }

  inbound({ envelope }: ClientMessage, next: Next): void | Promise<void> {
    if (!this.#isIgnored(envelope)) this.#received(envelope);
    return next();
  }

  #received(envelope: Envelope): void {
    const { id, event, more } = envelope;
    const bytes = this.#frameBytes;
    const sent = id === undefined ? undefined : this.#sent.get(id);
    if (sent === undefined || id === undefined) {
      const name = event ?? '';
      // An outcome that nobody waits for any more, or whose message was forgotten here.
      const outcome = event === undefined ? outcomeOf(envelope) : 'received';
      if (outcome === 'error' || this.#sampler.takes(name, undefined))
        this.#write('inbound', envelope, { event: name, outcome, bytes });
      return;
    }
    if (more !== true) this.#sent.delete(id);
    const outcome = outcomeOf(envelope);
    const durationMs = this.#clock.now() - sent.since;
    if (sent.isSampled || outcome === 'error')
      this.#write('inbound', envelope, { event: sent.event, outcome, bytes, durationMs });
  }

  #isIgnored({ event }: Envelope): boolean {
    if (this.#options.protocol === true || event === undefined || event === '$publish') return false;
    return isReservedEvent(event);
  }

  #remember(id: MessageId, event: string, isSampled: boolean): void {
    this.#sent.set(id, { event, since: this.#clock.now(), isSampled });
    if (this.#sent.size > this.#most) this.#sent.delete(this.#sent.keys().next().value as MessageId);
  }

  #write(
    direction: ClientDirection,
    envelope: Envelope,
    known: Pick<ClientLogRecord, 'outcome' | 'event' | 'bytes' | 'durationMs' | 'code'>,
  ): void {
    const { id, room, error } = envelope;
    try {
      const { event, ...rest } = known;
      this.#options.log({
        at: Date.now(),
        direction,
        ...rest,
        ...presentFields({
          event: event === '' ? undefined : event,
          messageId: id,
          room,
          code: known.code ?? error?.code,
          bytes: known.bytes ?? (this.#options.bytes === true ? jsonBytes(envelope) : undefined),
          data: this.#payload(envelope),
        }),
      });
    } catch {
      // It is the log itself that has failed: a message does not suffer for it, and there is nowhere to say so.
    }
  }

  #payload({ data }: Envelope): unknown {
    if (this.#options.payload !== true) return undefined;
    const at = this.#redact && DataPaths.step(this.#redact.start, 'data');
    return new PayloadSnapshot(this.#characters).copy(data, at);
  }
}

function outcomeOf({ error, more }: Envelope): 'error' | 'item' | 'value' {
  if (error !== undefined) return 'error';
  return more === true ? 'item' : 'value';
}

function jsonBytes(envelope: Envelope): number {
  return new TextEncoder().encode(JSON.stringify(envelope)).length;
}
