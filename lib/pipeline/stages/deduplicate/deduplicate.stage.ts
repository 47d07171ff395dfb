import type { Connection } from '../../../connection/connection.js';
import type { Next } from '../../../exchange/compose.js';
import { isPromise } from '../../../primitives/is-promise.js';
import { CloseCode } from '../../../protocol/close-code.js';
import type { MessageId } from '../../../protocol/envelope.js';
import { ErrorCode } from '../../../protocol/error-code.js';
import type { DedupRecord } from '../../../store/dedup-store.js';
import type { InboundMessage } from '../../inbound-message.js';
import type { GatewayMiddleware, StageHost } from '../../middleware.js';
import { EventSelection } from '../../../routing/event-selection.js';
import { type DedupScope, DedupScopes } from './dedup-scopes.js';
import {
  type DeduplicateOptions,
  type ResolvedDeduplicate,
  resolveDeduplicate,
} from './deduplicate.options.js';
import { FarMemory } from './far-memory.js';
import { FirstRun } from './first-run.js';
import {
  isToBeRepeated,
  otherEvent,
  recallOutcome,
  type RememberedOutcome,
  rememberOutcome,
  toRecord,
} from './remembered-outcome.js';

/** Longest `meta.key`, in UTF-16 code units: what a peer can have us remember. */
const longestKey = 256;

/** What a message is known by. */
interface Identity {
  readonly scope: DedupScope;
  readonly key: MessageId;
  /** Under which the store knows it; null where the store has no part in it. */
  readonly farKey: string | null;
  readonly isOwnId: boolean;
}

/** Handles a message once, however often it is sent. */
export class DeduplicateStage implements GatewayMiddleware {
  readonly #options: ResolvedDeduplicate;
  readonly #events: EventSelection;
  readonly #host: StageHost;
  readonly #scopes: DedupScopes;
  readonly #far: FarMemory | null;

  /** @throws {OptionError} */
  constructor(options: DeduplicateOptions | undefined, host: StageHost) {
    this.#options = resolveDeduplicate(options);
    this.#events = new EventSelection(this.#options.events);
    this.#host = host;
    this.#scopes = new DedupScopes(this.#options, () => host.count('deduplicate.users-evicted'));
    const { store } = this.#options;
    this.#far = store === undefined ? null : new FarMemory(store, this.#options, host);
  }

  disconnected(connection: Connection): void {
    this.#scopes.leave(connection);
  }

  inbound(message: InboundMessage, next: Next): void | Promise<void> {
    if (!this.#events.has(message.event)) return next();
    const now = this.#host.clock.now();
    const identity = this.#identify(message, now);
    if (identity === undefined) return message.outcome === undefined ? next() : undefined;
    const { scope, key } = identity;
    const first = scope.window.get(key, now);
    if (first !== undefined) return this.#repeat(message, identity, first);
    const run = new FirstRun(message.event, scope.budget);
    if (scope.window.add(key, run, now)) return this.#begin(message, next, identity, run);
    message.reject(ErrorCode.TooManyRequests, 'too many messages are being handled');
  }

  /** Undefined: nothing tells it from others; where `message.outcome` is set, it has been refused. */
  #identify(message: InboundMessage, now: number): Identity | undefined {
    const { connection, id, meta } = message;
    const key = meta?.['key'];
    if (key === undefined) {
      // An event of the protocol's own may name the id of another message: of the one whose items it brings.
      if (id === undefined || message.event.startsWith('$')) return undefined;
      const own = typeof id === 'number' ? id : `id:${id}`;
      return { scope: this.#scopes.ofConnection(connection), key: own, farKey: null, isOwnId: true };
    }
    if (typeof key !== 'string' || key === '' || key.length > longestKey) {
      message.reject(ErrorCode.BadRequest, `meta.key must be a string of 1 to ${longestKey} characters`);
      return undefined;
    }
    const user = connection.principal?.id;
    // Nobody known shares anything. Ids and keys of one connection must not be taken for one another.
    if (user === undefined)
      return {
        scope: this.#scopes.ofConnection(connection),
        key: `key:${key}`,
        farKey: null,
        isOwnId: false,
      };
    const farKey = `${user.length}:${user}:${key}`;
    return { scope: this.#scopes.ofUser(user, now), key, farKey, isOwnId: false };
  }

  #begin(message: InboundMessage, next: Next, identity: Identity, run: FirstRun): void | Promise<void> {
    const { farKey } = identity;
    if (this.#far === null || farKey === null) return this.#run(message, next, identity, run);
    let known: DedupRecord | undefined | Promise<DedupRecord | undefined>;
    try {
      known = this.#far.claim(farKey, message.event);
    } catch (error) {
      return this.#storeFailed(message, identity, run, error);
    }
    if (!isPromise(known)) return this.#claimed(message, next, identity, run, known);
    return known.then(
      (record) => this.#claimed(message, next, identity, run, record),
      (error: unknown) => this.#storeFailed(message, identity, run, error),
    );
  }

  #claimed(
    message: InboundMessage,
    next: Next,
    identity: Identity,
    run: FirstRun,
    known: DedupRecord | undefined,
  ): void | Promise<void> {
    if (known === undefined) return this.#run(message, next, identity, run);
    run.settle({ outcome: known, bytes: 0 });
    // What the store keeps is not kept here as well.
    identity.scope.window.delete(identity.key);
    return this.#end(message, identity, known);
  }

  #storeFailed(message: InboundMessage, identity: Identity, run: FirstRun, error: unknown): void {
    this.#host.count('deduplicate.store-failed');
    this.#host.log.error('DEDUPLICATE_STORE', error);
    message.reject(ErrorCode.Unavailable, 'whether this message has been handled cannot be found out now');
    this.#forget(message, identity, run);
  }

  #run(message: InboundMessage, next: Next, identity: Identity, run: FirstRun): void | Promise<void> {
    const { event } = run;
    try {
      const pending = next();
      if (!isPromise(pending)) return this.#settled(message, identity, run, event);
      return pending.then(
        () => this.#settled(message, identity, run, event),
        (error: unknown) => this.#failed(message, identity, run, error),
      );
    } catch (error) {
      this.#failed(message, identity, run, error);
    }
  }

  /** A stage further in has thrown: that is the outcome. */
  #failed(message: InboundMessage, identity: Identity, run: FirstRun, error: unknown): never {
    message.settle({ kind: 'error', error });
    this.#settled(message, identity, run, run.event);
    throw error;
  }

  #settled(message: InboundMessage, identity: Identity, run: FirstRun, event: string): void {
    const { scope, key, farKey } = identity;
    if (isToBeRepeated(message.outcome)) {
      if (farKey !== null) this.#far?.release(farKey);
      return this.#forget(message, identity, run);
    }
    const remembered = rememberOutcome(message, event, this.#options.maxReplyBytes);
    run.settle(remembered);
    scope.window.done(key, this.#host.clock.now());
    if (farKey !== null) this.#far?.settle(farKey, toRecord(remembered.outcome));
  }

  /** Who waits gets the same; who comes later is a first. */
  #forget(message: InboundMessage, { scope, key }: Identity, run: FirstRun): void {
    run.settle({ ...rememberOutcome(message, run.event, Infinity), bytes: 0 });
    scope.window.delete(key);
  }

  #repeat(message: InboundMessage, identity: Identity, first: FirstRun): void | Promise<void> {
    this.#host.count('deduplicate.repeats');
    if (first.event !== message.event) throw otherEvent;
    const outcome = first.outcome();
    if (this.#options.onDuplicate !== 'reply' || !isPromise(outcome))
      return this.#end(message, identity, isPromise(outcome) ? running(first.event) : outcome);
    // Its turn is over: those behind it need not wait for the first.
    message.enter();
    return outcome.then((known) => this.#end(message, identity, known));
  }

  #end(message: InboundMessage, identity: Identity, outcome: RememberedOutcome): void {
    const { onDuplicate } = this.#options;
    if (outcome.event !== message.event) throw otherEvent;
    if (onDuplicate === 'reply') return recallOutcome(message, outcome);
    if (onDuplicate === 'ignore' && (message.id === undefined || identity.isOwnId)) {
      // The outcome of this id is the first one's: nothing is said twice.
      message.claimAnswer();
      return message.drop('duplicate');
    }
    message.reject(ErrorCode.Duplicate, 'the same message has been here before');
    if (onDuplicate === 'close') this.#close(message.connection);
  }

  #close(connection: Connection): void {
    this.#host.count('deduplicate.closed');
    // What refuses the message is written when the stages have returned; a connection that closes writes no more.
    process.nextTick(() => connection.close(CloseCode.Conflict, 'a message was sent twice'));
  }
}

function running(event: string): RememberedOutcome {
  return { event, kind: 'running' };
}
