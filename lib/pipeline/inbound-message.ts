import type { Connection } from '../connection/connection.js';
import type { Principal } from '../connection/principal.js';
import type { ErrorCode } from '../protocol/error-code.js';
import type { MessageId } from '../protocol/envelope.js';
import { GatewireError } from '../protocol/gatewire-error.js';
import type { Protection } from './protection.js';

/** Who sees a message through. */
export interface MessageOwner {
  /** Its handler is being entered: the next message may follow. */
  entered(message: InboundMessage): void;
  /** Somebody watches its signal: it must be told of a cancellation. */
  watched(message: InboundMessage): void;
  /** Its peer is to be told of this error at once, although its handler still runs. */
  expired(message: InboundMessage, error: unknown): void;
  /** Time, as the clock of the engine has it. */
  now(): number;
}

/** What became of a message; of several handlers of one event, the first outcome. */
export type MessageOutcome =
  | { readonly kind: 'value'; readonly value: unknown }
  /** An Observable or an async iterable: it may still run. */
  | { readonly kind: 'stream' }
  | { readonly kind: 'error'; readonly error: unknown }
  | { readonly kind: 'dropped'; readonly reason: string };

/** A decoded message on its way to its handler. One object per message; stages may replace `event`, `data` and `meta`. */
export class InboundMessage {
  /** Frame bytes it was decoded from: what it weighs in the inbound queue. */
  readonly bytes: number;
  readonly connection: Connection;
  /** A stage that changes it routes the message to another handler. */
  event: string;
  data: unknown;
  /** Present when the peer waits for an outcome. */
  readonly id: MessageId | undefined;
  meta: Record<string, unknown> | undefined;
  /** What held for the frame it came in. */
  readonly protection: Protection | undefined;
  /** When it came, by the engine's clock; 0 where it has no `meta`, as nobody asks then. */
  readonly receivedAt: number;
  /** @internal Index of the stage it has got to; -1 once it is through. */
  stoppedAt = -1;
  /** @internal The `data` of the reply as it was sent, JSON, where that was made without detours. */
  reply: string | undefined = undefined;
  readonly #owner: MessageOwner;
  #hasEntered = false;
  #abort: AbortController | null = null;
  #isAborted = false;
  #isAnswered = false;
  #isExpired = false;
  #outcome: MessageOutcome | undefined = undefined;
  #settledAs: 'value' | 'stream' | undefined = undefined;
  #value: unknown = undefined;
  #principal: Principal | undefined = undefined;

  constructor(
    connection: Connection,
    event: string,
    data: unknown,
    id: MessageId | undefined,
    meta: Record<string, unknown> | undefined,
    bytes: number,
    owner: MessageOwner,
    protection?: Protection,
  ) {
    this.connection = connection;
    this.event = event;
    this.data = data;
    this.id = id;
    this.meta = meta;
    this.bytes = bytes;
    this.#owner = owner;
    this.protection = protection;
    this.receivedAt = meta === undefined ? 0 : owner.now();
  }

  /** Whom the message speaks for: whom its own credentials name, else its connection's principal. */
  get principal(): Principal | undefined {
    return this.#principal ?? this.connection.principal;
  }

  set principal(principal: Principal | undefined) {
    this.#principal = principal;
  }

  /** True once the handler has been entered (or will never be). */
  get hasEntered(): boolean {
    return this.#hasEntered;
  }

  /** Marks the handler as entered. Called once by who runs the handler; further calls do nothing. */
  enter(): void {
    if (this.#hasEntered) return;
    this.#hasEntered = true;
    this.#owner.entered(this);
  }

  /** What became of it: known after `next()`, awaited where it is a promise. */
  get outcome(): MessageOutcome | undefined {
    if (this.#outcome === undefined && this.#settledAs !== undefined) {
      this.#outcome =
        this.#settledAs === 'stream' ? { kind: 'stream' } : { kind: 'value', value: this.#value };
    }
    return this.#outcome;
  }

  /** @internal What a handler has given. The outcome becomes an object only when a stage asks for it. */
  settleValue(value: unknown, isStream: boolean): void {
    if (this.#settledAs !== undefined || this.#outcome !== undefined) return;
    this.#settledAs = isStream ? 'stream' : 'value';
    this.#value = value;
  }

  /** Notes what became of it; the first one counts. */
  settle(outcome: MessageOutcome): void {
    if (this.#settledAs === undefined) this.#outcome ??= outcome;
  }

  /**
   * Ends the way of the message, counted by `reason`, which comes from a fixed set. A requester gets the error
   * `FILTERED`; nobody else hears of it. Return without calling `next()`.
   */
  drop(reason: string): void {
    this.settle({ kind: 'dropped', reason });
  }

  /** Ends the way of the message with an error for the peer. Return without calling `next()`. */
  reject(code: ErrorCode | (string & {}), message: string, details?: unknown): void {
    this.settle({ kind: 'error', error: new GatewireError(code, message, { details }) });
  }

  /** Ends the way of the message with an outcome of the stage's own, as if a handler had returned it. Return without calling `next()`. */
  answer(value: unknown): void {
    this.settle({ kind: 'value', value });
  }

  /** Whether its time is over: what its handler gives goes nowhere. */
  get isExpired(): boolean {
    return this.#isExpired;
  }

  /** Tells the peer of an error at once and fires {@link signal}, although the handler still runs: what it gives then goes nowhere. */
  expire(error: unknown): void {
    if (this.#isExpired || this.outcome !== undefined) return;
    this.#isExpired = true;
    this.settle({ kind: 'error', error });
    this.abort(error);
    this.#owner.expired(this, error);
  }

  /** Whether somebody has claimed the answer. */
  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  /** True for the first who asks: of several handlers of one event, the first outcome answers. */
  claimAnswer(): boolean {
    if (this.#isAnswered) return false;
    this.#isAnswered = true;
    return true;
  }

  /** Aborted when the requester cancels or the connection closes. The controller exists only once somebody asks. */
  get signal(): AbortSignal {
    if (this.#abort === null) {
      this.#abort = new AbortController();
      if (this.#isAborted) this.#abort.abort();
      else this.#owner.watched(this);
    }
    return this.#abort.signal;
  }

  /** Aborts {@link signal}. */
  abort(reason?: unknown): void {
    this.#isAborted = true;
    this.#abort?.abort(reason);
  }
}
