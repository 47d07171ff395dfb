import { composeStages, type NamedPhase } from '../pipeline/compose-stages.js';
import type { Handled } from '../exchange/handled-window.js';
import type { InboundMessage } from '../pipeline/inbound-message.js';
import type { MessageRunner as GateRunner } from '../pipeline/inbound-gate.js';
import type { Lane } from '../pipeline/lanes.js';
import type { MessageHandler } from '../pipeline/message-handler.js';
import type { SequenceRule } from '../pipeline/sequence-rule.js';
import { isPromise } from '../primitives/is-promise.js';
import type { Session } from '../connection/session.js';
import type { MessageId } from '../protocol/envelope.js';
import { ErrorCode } from '../protocol/error-code.js';
import { GatewireError } from '../protocol/gatewire-error.js';
import type { EventTable } from '../routing/event-table.js';
import { againReason } from './recall-handled.js';
import type { Repeats } from './repeats.js';
import type { MessageDeadlines } from './message-deadlines.js';
import type { Outcomes } from './outcomes.js';
import type { Refusals } from './refusals.js';
import type { StreamSource } from './stream-source.js';

const filtered = new GatewireError(ErrorCode.Filtered, 'the message was filtered out');

/** One for all: an error object for each unknown event would let a peer buy our time cheaply. */
const unknownEvent = new GatewireError(ErrorCode.UnknownEvent, 'nobody handles this event');

const notWritten = new GatewireError(
  ErrorCode.Unavailable,
  'that the message is about to be handled could not be written down, so it was not',
);

const tooMany = new GatewireError(ErrorCode.TooManyRequests, 'too many messages are being handled');

type Pending = PromiseLike<void> | undefined;
type First = Handled<MessageId, unknown>;

/** What a runner works with. */
export interface MessageRunnerSettings {
  readonly table: EventTable<MessageHandler>;
  /** What becomes of messages that come again in their session. */
  readonly repeats: Repeats;
  /** Inbound phases of the module's middleware, in order. */
  readonly stages: readonly NamedPhase[];
  /** Counts a message that a stage has dropped. */
  readonly dropped: (reason: string) => void;
  readonly deadlines: MessageDeadlines;
  /** Counts what a handler has given after its message had expired. */
  readonly late: () => void;
  readonly outcomes: Outcomes;
  readonly refusals: Refusals;
  /** Which values are several values in time. */
  readonly isStream: (value: unknown) => value is StreamSource;
  /** Instead of telling the peer. */
  readonly onUnsendable: ((error: unknown) => void) | null;
  /** Takes over a handler's several values. Throws when the connection has too many streams. */
  readonly startStream: (message: InboundMessage, source: StreamSource, handler: MessageHandler) => void;
}

/** Carries messages through middleware to their handlers, and what those return to the outcomes. */
export class MessageRunner implements GateRunner {
  readonly #settings: MessageRunnerSettings;
  readonly #run: (message: InboundMessage) => void | Promise<void>;
  readonly #chains = new WeakMap<MessageHandler, (message: InboundMessage) => void | Promise<void>>();

  constructor(settings: MessageRunnerSettings) {
    this.#settings = settings;
    this.#run = composeStages(
      settings.stages,
      (message) => this.#dispatch(message) as void | Promise<void>,
      this.#ended,
    );
  }

  laneOf(message: InboundMessage): Lane | null {
    const handler = this.#settings.table.lookup(message.event)?.[0];
    if (handler === undefined || (handler.concurrency === undefined && handler.orderBy === undefined))
      return null;
    const key = handler.orderBy?.(message) ?? undefined;
    if (key !== undefined) return { owner: handler, key, width: 1 };
    if (handler.concurrency === undefined) return null;
    return { owner: handler.lane ?? handler, key: undefined, width: handler.concurrency };
  }

  sequenceOf(message: InboundMessage): SequenceRule | undefined {
    return this.#settings.table.lookup(message.event)?.[0]?.sequence;
  }

  run(message: InboundMessage): Pending {
    const { session } = message.connection;
    if (session === undefined || message.id === undefined) return this.#runFirst(message);
    return this.#runOnce(message, message.id, session);
  }

  /** In a session a message with an id is handled once. */
  #runOnce(message: InboundMessage, id: MessageId, session: Session): Pending {
    const { handled: window, journal } = session;
    const first = window.get(id);
    if (first !== undefined) return this.#repeat(message, first);
    const handled = window.begin(id, message.event);
    if (handled === undefined) {
      this.refuse(message, tooMany);
      return undefined;
    }
    if (journal !== null && this.#settings.table.lookup(message.event)?.[0]?.record === 'before') {
      const written = journal.enter(id, message.event);
      if (written !== undefined) return this.#runWritten(message, handled, session, written);
    }
    return this.#runBegun(message, handled, session, false);
  }

  async #runWritten(
    message: InboundMessage,
    handled: First,
    session: Session,
    written: PromiseLike<void>,
  ): Promise<void> {
    try {
      await written;
    } catch {
      session.handled.forget(handled);
      this.refuse(message, notWritten);
      return;
    }
    await this.#runBegun(message, handled, session, true);
  }

  /** @param isWritten whether it is written down that it has begun */
  #runBegun(message: InboundMessage, first: First, session: Session, isWritten: boolean): Pending {
    const pending = this.#runFirst(message);
    if (pending !== undefined) return pending.then(() => this.#remember(message, first, session, isWritten));
    this.#remember(message, first, session, isWritten);
    return undefined;
  }

  #remember(message: InboundMessage, first: First, session: Session, isWritten: boolean): void {
    const { repeats } = this.#settings;
    repeats.remember(message, first, session.handled);
    if (session.journal === null) return;
    const record = repeats.recordOf(message, first);
    if (record !== undefined) session.journal.settle(first.key, record);
    else if (isWritten)
      session.journal.settle(first.key, { event: first.event, kind: 'dropped', reason: againReason });
  }

  #repeat(message: InboundMessage, first: First): Pending {
    const end = (): void => {
      if (message.outcome !== undefined) this.#ended(message, 'session');
    };
    const pending = this.#settings.repeats.repeat(message, first);
    if (pending !== undefined) return pending.then(end);
    end();
    return undefined;
  }

  #runFirst(message: InboundMessage): Pending {
    if (message.meta === undefined) return this.#carry(message);
    return this.#settings.deadlines.run(
      message,
      () => this.#carry(message),
      (error) => this.refuse(message, error),
    );
  }

  #carry(message: InboundMessage): Pending {
    try {
      const pending = this.#run(message);
      if (!isPromise(pending)) return undefined;
      return pending.then(undefined, (error: unknown) => this.refuse(message, error));
    } catch (error) {
      this.refuse(message, error);
      return undefined;
    }
  }

  /** A stage has not let a message pass: as it said, else it is dropped in the stage's name. */
  readonly #ended = (message: InboundMessage, stage: string): void => {
    const outcome = message.outcome ?? { kind: 'dropped', reason: stage };
    if (outcome.kind === 'value') {
      // As if the handler had returned it: what it sends passes its outbound stages.
      const handler = this.#settings.table.lookup(message.event)?.[0];
      this.#settings.outcomes.value(message, outcome.value, handler?.outbound);
    } else if (outcome.kind === 'error') this.refuse(message, outcome.error);
    else if (outcome.kind === 'dropped') {
      message.drop(outcome.reason);
      this.#settings.dropped(outcome.reason);
      if (message.id !== undefined && message.claimAnswer())
        this.#settings.refusals.outcome(message.connection, message.id, filtered);
    }
  };

  refuse(message: InboundMessage, error: unknown): void {
    message.settle({ kind: 'error', error });
    if (message.id === undefined || message.claimAnswer()) {
      this.#settings.refusals.refuse(message.connection, message.id, error);
    }
  }

  #dispatch(message: InboundMessage): Pending {
    const handlers = this.#settings.table.lookup(message.event);
    if (handlers === undefined) {
      this.refuse(message, unknownEvent);
      return undefined;
    }
    if (handlers.length === 1) return this.#handle(handlers[0] as MessageHandler, message);
    return this.#handleAll(handlers, message, 0);
  }

  /** All at once, in order: where one waits, the next starts when what needs no waiting has been done. */
  #handleAll(handlers: readonly MessageHandler[], message: InboundMessage, from: number): Pending {
    for (let i = from; i < handlers.length; i++) {
      const pending = this.#handle(handlers[i] as MessageHandler, message);
      if (pending === undefined) continue;
      const others = new Promise<void>((resolve) => process.nextTick(resolve)).then(() =>
        this.#handleAll(handlers, message, i + 1),
      );
      return Promise.all([pending, others]).then(() => undefined);
    }
    return undefined;
  }

  #handle(handler: MessageHandler, message: InboundMessage): Pending {
    if (!hasStages(handler)) return this.#invoke(handler, message);
    let chain = this.#chains.get(handler);
    if (chain === undefined) {
      chain = composeStages(
        handler.inbound,
        (one) => this.#invoke(handler, one) as void | Promise<void>,
        this.#ended,
      );
      this.#chains.set(handler, chain);
    }
    return chain(message) as Pending;
  }

  #invoke(handler: MessageHandler, message: InboundMessage): Pending {
    let value: unknown;
    try {
      value = handler.invoke(message);
    } catch (error) {
      this.#fail(handler, message, error);
      return undefined;
    }
    if (!isPromise(value)) {
      this.#settle(handler, message, value);
      return undefined;
    }
    return value.then(
      (result) => this.#settle(handler, message, result),
      (error: unknown) => this.#fail(handler, message, error),
    );
  }

  #settle(handler: MessageHandler, message: InboundMessage, value: unknown): void {
    if (message.isExpired) return this.#settings.late();
    try {
      const isStream = this.#settings.isStream(value);
      if (isStream) this.#settings.startStream(message, value, handler);
      else this.#settings.outcomes.value(message, value, handler.outbound);
      message.settleValue(value, isStream);
    } catch (error) {
      // A value that cannot be encoded (a cycle, a BigInt), or one stream too many.
      if (this.#settings.onUnsendable !== null) this.#settings.onUnsendable(error);
      else this.#fail(handler, message, error);
    }
  }

  #fail(handler: MessageHandler, message: InboundMessage, error: unknown): void {
    if (message.isExpired) return this.#settings.late();
    message.settle({ kind: 'error', error });
    handler.fail(error, message);
    if (message.id === undefined) this.#settings.refusals.count(error);
    else if (message.claimAnswer())
      this.#settings.refusals.outcome(message.connection, message.id, error, {
        message,
        phases: handler.outbound,
      });
  }
}

function hasStages(handler: MessageHandler): handler is MessageHandler & { inbound: readonly NamedPhase[] } {
  return handler.inbound !== undefined && handler.inbound.length > 0;
}
