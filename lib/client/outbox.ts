import { Fifo } from '../exchange/fifo.js';
import { isPromise } from '../primitives/is-promise.js';
import { after, type Clock, type TimerHandle } from '../primitives/clock.js';
import type { Codec } from '../protocol/codec.js';
import type { Envelope } from '../protocol/envelope.js';
import { type GatewireError, isGatewireError } from '../protocol/gatewire-error.js';
import type { OutboxPolicy } from './options.js';
import { clientError, type Outgoing } from './outgoing.js';

import type { Batch, Flow, Line, Ranked } from './flow.js';
import type { ServerLimits } from './session.js';
import type { Payload, Wire } from './wire.js';

/** Bytes that a socket is given before the outbox waits for it to get rid of some. */
const highWaterBytes = 1_048_576;
/** Sockets do not tell when they have written: so often they are asked, while they are full. */
const pollMs = 20;

/** Settled messages that may stand in the line beside those that wait, before it is made anew. */
const staleSlack = 64;

/** A connection, as the outbox needs it. */
export interface Carrier {
  readonly bufferedAmount: number;
  send(payload: Payload): void;
}

export interface OutboxSettings {
  readonly outboxMessages: number;
  readonly outboxBytes: number;
  readonly outboxAgeMs: number;
  readonly whenFull: OutboxPolicy;
  readonly clock: Clock;
  readonly wire: Wire;
  readonly codec?: Codec | undefined;
  readonly flow?: Flow | undefined;
  /** An emit has been taken, or is settled: for who keeps it across a reload. */
  readonly kept?: ((message: Outgoing, isSettled: boolean) => void) | undefined;
}

/**
 * Messages from the call until their outcome is there, in order; bounded. What a broken connection leaves open is sent again,
 * with the same id and before anything new, on the next one.
 */
export class Outbox {
  readonly #settings: OutboxSettings;
  readonly #messages = new Map<string | number, Outgoing>();
  /** Those of them that wait for their turn; what was settled meanwhile is skipped. */
  readonly #line: Line<Outgoing>;
  readonly #batch: Batch | undefined;
  #bytes = 0;
  #inFlight = 0;
  #isPumping = false;
  /** How many outcomes may be missing at once. */
  #window = Infinity;
  #carrier: Carrier | null = null;
  #poll: TimerHandle = undefined;
  #expiry: TimerHandle = undefined;

  constructor(settings: OutboxSettings) {
    this.#settings = settings;
    const { flow, clock, codec } = settings;
    // A line gives back what it has been given.
    this.#line = (flow?.order?.() as Line<Ranked & Outgoing> | undefined) ?? new Fifo();
    this.#batch = flow?.batch?.({ clock, codec, wake: () => this.#pump() });
  }

  get size(): number {
    return this.#messages.size;
  }

  get(id: string | number): Outgoing | undefined {
    return this.#messages.get(id);
  }

  /** Takes a message; what speaks against it is told to who waits for its outcome. */
  add(message: Outgoing): void {
    const encoded = this.#encode(message);
    if (encoded === undefined || !this.#makeRoom(message)) return;
    message.since = this.#settings.clock.now();
    this.#messages.set(message.id, message);
    this.#bytes += message.bytes;
    this.#replace(message);
    if (this.#line.size > 2 * this.#messages.size + staleSlack) this.#lineUp();
    else this.#line.push(message);
    this.#expireLater();
    if (isPromise(encoded)) return this.#whenEncoded(message, encoded);
    this.#encoded(message);
  }

  /** Takes what an earlier life of the client has left, before anything of this one. */
  restore(messages: readonly Outgoing[]): void {
    const own = [...this.#messages.values()];
    this.#messages.clear();
    for (const message of [...messages, ...own]) this.#messages.set(message.id, message);
    for (const { bytes } of messages) this.#bytes += bytes;
    this.#lineUp();
    this.#expireLater();
    this.#pump();
  }

  /** The outcome of a message, or a part of it. False: nobody waits for it (any more). */
  outcome(envelope: Envelope): boolean {
    const message = this.#messages.get(envelope.id as string | number);
    if (message === undefined) return false;
    if (envelope.more === true) message.items++;
    else if (this.#triesAgain(message, envelope)) return true;
    else this.#settle(message);
    message.taker.outcome(envelope);
    return true;
  }

  /** Gives a message up. False: it has an outcome already. */
  fail(message: Outgoing, error: GatewireError): boolean {
    if (this.#messages.get(message.id) !== message) return false;
    this.#settle(message);
    message.taker.failed(error);
    return true;
  }

  failAll(error: GatewireError): void {
    for (const message of [...this.#messages.values()]) this.fail(message, error);
  }

  /** There is a connection: everything is sent, in order. */
  open(carrier: Carrier, limits: ServerLimits = {}): void {
    this.#carrier = carrier;
    this.#window = bound(limits.requestsInFlight) ?? 1_024;
    this.#batch?.limits({
      batchItems: bound(limits.batchItems) ?? Infinity,
      maxPayloadBytes: bound(limits.maxPayloadBytes) ?? Infinity,
    });
    this.#inFlight = 0;
    for (const message of this.#messages.values()) message.isWaiting = true;
    this.#lineUp();
    this.#pump();
  }

  /** What waits for others leaves without them. */
  flush(): void {
    this.#batch?.release();
    this.#pump();
  }

  /** Nothing more is sent until the next {@link open}. */
  pause(): void {
    this.#carrier = null;
    this.#settings.clock.clearTimeout(this.#poll);
    this.#poll = undefined;
  }

  /** What has been sent and not been answered. */
  unanswered(): Outgoing[] {
    return [...this.#messages.values()].filter((message) => !message.isWaiting);
  }

  clear(): void {
    this.pause();
    this.#settings.clock.clearTimeout(this.#expiry);
  }

  #encode(message: Outgoing): Payload | Promise<Payload | null> | undefined {
    try {
      const encoded = this.#settings.wire.encode(message.envelope);
      if (isPromise(encoded)) return encoded;
      message.payload = encoded;
      if (encoded !== null) return encoded;
      refuse(message, filtered());
    } catch (error) {
      refuse(message, unencodable(error));
    }
    return undefined;
  }

  /** It has its place already: what comes after it waits. */
  #whenEncoded(message: Outgoing, encoded: Promise<Payload | null>): void {
    encoded.then(
      (payload) => {
        if (this.#messages.get(message.id) !== message) return;
        if (payload === null) return void this.fail(message, filtered());
        message.payload = payload;
        this.#bytes += message.bytes;
        this.#encoded(message);
      },
      (error: unknown) => this.fail(message, unencodable(error)),
    );
  }

  #encoded(message: Outgoing): void {
    if (message.isEmit) this.#settings.kept?.(message, false);
    this.#batch?.arrived(message.bytes, message.rank);
    this.#pump();
  }

  /** All that waits, anew. */
  #lineUp(): void {
    this.#line.clear();
    for (const message of this.#messages.values())
      if (message.isWaiting && !message.isDelayed) this.#line.push(message);
  }

  #makeRoom(message: Outgoing): boolean {
    const { outboxMessages, outboxBytes, whenFull } = this.#settings;
    const isFull = (): boolean =>
      this.#messages.size >= outboxMessages ||
      // One message of any size goes into an empty outbox.
      (this.#messages.size > 0 && this.#bytes + message.bytes > outboxBytes);
    while (isFull()) {
      const oldest =
        whenFull === 'drop-oldest'
          ? [...this.#messages.values()].find(({ isEmit, sends }) => isEmit && sends === 0)
          : undefined;
      if (oldest === undefined) {
        refuse(message, full());
        return false;
      }
      this.fail(oldest, full());
    }
    return true;
  }

  #replace(message: Outgoing): void {
    if (message.latest === undefined) return;
    for (const one of this.#messages.values())
      if (one !== message && one.latest === message.latest && one.isWaiting && one.sends === 0)
        return void this.fail(one, clientError('CANCELLED', 'a later message has taken its place'));
  }

  /** An error that a later attempt may not meet: the same message again, with the same id, after others. */
  #triesAgain(message: Outgoing, { error }: Envelope): boolean {
    const delayMs = error === undefined ? false : (message.retryInMs?.(error) ?? false);
    if (delayMs === false) return false;
    message.isWaiting = true;
    this.#inFlight--;
    // A server that drains refuses what comes too late: the next connection takes it, in its place.
    if (this.#carrier === null) return true;
    message.isDelayed = true;
    this.#settings.clock.setTimeout(() => {
      message.isDelayed = false;
      this.#line.push(message);
      this.#pump();
    }, delayMs);
    this.#pump();
    return true;
  }

  #settle(message: Outgoing): void {
    this.#messages.delete(message.id);
    this.#bytes -= message.bytes;
    message.settled?.();
    if (message.isEmit) this.#settings.kept?.(message, true);
    if (message.isWaiting) return;
    this.#inFlight--;
    this.#pump();
  }

  /** Sends what may be sent. What a send brings about (an outcome, a failure) finds the queue as it is. */
  #pump(): void {
    if (this.#isPumping || this.#batch?.isHolding === true) return;
    this.#isPumping = true;
    while (this.#carrier !== null && this.#inFlight < this.#window) {
      const message = this.#line.peek();
      if (message === undefined) break;
      if (this.#messages.get(message.id) === message && message.isWaiting && !message.isDelayed) {
        if (message.payload === null) break;
        if (this.#carrier.bufferedAmount > highWaterBytes) {
          this.#pollLater();
          break;
        }
        message.isWaiting = false;
        message.sends++;
        this.#inFlight++;
        this.#line.shift();
        if (this.#batch === undefined) this.#carrier.send(message.payload);
        else this.#batch.put(message.payload, this.#carrier);
      } else this.#line.shift();
    }
    this.#batch?.end(this.#carrier);
    this.#isPumping = false;
  }

  #pollLater(): void {
    this.#poll ??= this.#settings.clock.setTimeout(() => {
      this.#poll = undefined;
      this.#pump();
    }, pollMs);
  }

  #expireLater(): void {
    const { outboxAgeMs: ageMs, clock } = this.#settings;
    if (this.#expiry !== undefined) return;
    const [oldest] = this.#messages.values();
    if (oldest === undefined) return;
    this.#expiry = after(clock, Math.max(1, Math.min(ageMs, oldest.since + ageMs - clock.now())), () => {
      this.#expiry = undefined;
      for (const message of [...this.#messages.values()]) {
        if (clock.now() - message.since < ageMs) break;
        this.fail(message, clientError('EXPIRED', `not settled within ${ageMs} ms`));
      }
      this.#expireLater();
    });
  }
}

/** `false` is none. */
function bound(limit: number | false | undefined): number | undefined {
  return limit === false ? Infinity : limit;
}

/** It has not been taken. */
function refuse(message: Outgoing, error: GatewireError): void {
  message.settled?.();
  message.taker.failed(error);
}

function full(): GatewireError {
  return clientError('OUTBOX_FULL', 'too many messages wait for the connection');
}

function filtered(): GatewireError {
  return clientError('FILTERED', 'a stage of the client has taken the message away');
}

/** A stage's own error says best what it is. */
function unencodable(error: unknown): GatewireError {
  if (isGatewireError(error)) return error;
  return clientError('BAD_REQUEST', 'the message cannot be encoded', error);
}
