import type { RetryStrategy } from '../exchange/retry-strategy.js';
import type { Clock, TimerHandle } from '../primitives/clock.js';
import { after } from '../primitives/clock.js';
import { closeReaction } from '../protocol/close-code.js';
import type { Envelope } from '../protocol/envelope.js';
import type { ClientStatus } from './client-api.js';
import { type ClientState, clientStates, type ClientStep } from './client-states.js';
import type { Environment } from './environment.js';
import { type Greeting, Link, type LinkOwner } from './link.js';
import { Liveness } from './liveness.js';
import type { Welcome } from './session.js';
import type { Connect } from './socket.js';
import type { Wire } from './wire.js';

export interface ConnectorSettings {
  /** All that the next attempt needs, asked anew for each. */
  readonly greeting: () => Promise<Greeting>;
  readonly connect: Connect;
  readonly wire: Wire;
  /** False: one attempt, and no second. */
  readonly reconnect: RetryStrategy | false;
  /** Whether credentials can be made anew: without that `refresh-then-reconnect` means stop. */
  readonly canRefresh: boolean;
  readonly connectMs: number;
  readonly closeMs: number;
  readonly environment: Environment;
  readonly clock: Clock;
}

/** What a connector tells. */
export interface ConnectorOwner {
  changed(): void;
  opened(link: Link, welcome: Welcome | undefined): void;
  /** One frame of the connection that is open. */
  received(envelopes: readonly Envelope[], isCounted: boolean): void;
  /** The connection is gone; another will come, unless {@link ended} follows. */
  lost(): void;
  /** For good. */
  ended(code: number, reason: string, error: unknown): void;
  failed(error: unknown): void;
}

/**
 * Keeps one connection, as the table of {@link clientStates} says: one attempt at a time, and none that is over comes back.
 */
export class Connector implements LinkOwner {
  readonly #settings: ConnectorSettings;
  readonly #owner: ConnectorOwner;
  readonly #liveness: Liveness;
  #state: ClientState = 'idle';
  /** Tells an attempt whether it is still the one that counts. */
  #generation = 0;
  #link: Link | null = null;
  #timer: TimerHandle = undefined;
  #retryAt: number | undefined = undefined;
  #attempt = 0;
  #failingSince = 0;
  #closed: { readonly code: number; readonly reason: string } | undefined = undefined;
  #unwatch: (() => void) | null = null;
  /** The end of a close that was asked for; whoever asks again waits for the same. */
  #closing: { readonly done: Promise<void>; readonly end: () => void } | null = null;
  /** The server has told when to come back. */
  #isDrained = false;
  /** The page is in the cache of the browser, or frozen. */
  #isLeft = false;
  /** Credentials were refused once: fresh ones are tried at once, but not for ever. */
  #hasRefreshed = false;

  constructor(settings: ConnectorSettings, owner: ConnectorOwner) {
    this.#settings = settings;
    this.#owner = owner;
    this.#liveness = new Liveness(settings.clock, {
      probe: () => this.#link?.say({ event: '$ping' }),
      dead: () => this.#link?.end(1006, 'the server is silent'),
    });
  }

  get state(): ClientState {
    return this.#state;
  }

  get status(): ClientStatus {
    const retryInMs =
      this.#retryAt === undefined ? undefined : Math.max(0, this.#retryAt - this.#settings.clock.now());
    return { state: this.#state, attempt: this.#attempt, retryInMs, closed: this.#closed };
  }

  /** Wants a connection, now. */
  connect(): void {
    if (clientStates[this.#state].connect === undefined) return;
    const { environment } = this.#settings;
    this.#unwatch ??= environment.watch((what) => this.#noticed(what));
    this.#clearTimer();
    this.#step('connect');
    void this.#open(++this.#generation);
  }

  /** Ends it. Resolves when the socket is closed. */
  async close(code: number, reason: string): Promise<void> {
    if (this.#state === 'closed') return;
    await this.#closeLink(code, reason);
    if (clientStates[this.#state].close !== undefined) this.#end(code, reason);
  }

  /** Lets go of the socket until somebody wants it again; the session waits. @param step `rest`: until there is something to send */
  async rest(reason: string, step: 'rest' | 'retry'): Promise<void> {
    if (this.#link === null) return;
    await this.#closeLink(1001, reason);
    // Somebody else has closed it as well.
    if (clientStates[this.#state][step] === undefined) return;
    this.#owner.lost();
    this.#step(step);
  }

  connected(): void {
    this.#step('socket');
  }

  welcomed(welcome: Welcome | undefined): void {
    this.#clearTimer();
    this.#attempt = 0;
    this.#hasRefreshed = false;
    this.#isDrained = false;
    this.#closed = undefined;
    this.#liveness.start(welcome?.heartbeat ?? this.#link?.knowsPing);
    this.#step('welcome');
    this.#owner.opened(this.#link as Link, welcome);
  }

  received(envelopes: readonly Envelope[], isCounted: boolean): void {
    this.#owner.received(envelopes, isCounted);
  }

  alive(): void {
    this.#liveness.alive();
  }

  failed(error: unknown): void {
    this.#owner.failed(error);
  }

  /** The server is about to go: nothing new is sent to it, and it is left when it has said so. */
  drain(reconnectMs: number): void {
    if (this.#state !== 'open') return;
    this.#isDrained = true;
    this.#step('drain');
    this.#timer = this.#settings.clock.setTimeout(
      () => this.#link?.close(1001, 'the server drains', this.#settings.closeMs),
      Math.max(0, reconnectMs),
    );
  }

  ended(code: number, reason: string, error?: unknown): void {
    const wasOpen = this.#state === 'open' || this.#state === 'draining';
    this.#leave();
    if (this.#closing !== null) {
      this.#closing.end();
      this.#closing = null;
      return;
    }
    if (wasOpen) this.#owner.lost();
    this.#closed = { code, reason };
    if (error !== undefined) this.#owner.failed(error);
    this.#afterwards(code, reason, error);
  }

  async #open(generation: number): Promise<void> {
    const { greeting, connect, wire, connectMs, clock } = this.#settings;
    const tooLate = (): void => {
      if (this.#link === null) this.ended(1006, 'no connection in time');
      else this.#link.end(1006, 'no connection in time');
    };
    this.#timer = after(clock, connectMs, tooLate);
    try {
      const found = await greeting();
      if (generation !== this.#generation || this.#state !== 'connecting') return;
      this.#link = new Link(wire, found, this, clock);
      this.#link.open(connect);
    } catch (error) {
      if (generation === this.#generation) this.ended(1006, 'the attempt failed', error);
    }
  }

  #afterwards(code: number, reason: string, error: unknown): void {
    const reaction = this.#isDrained ? 'reconnect' : closeReaction(code);
    const { canRefresh, reconnect, environment, clock } = this.#settings;
    if (reaction === 'stop' || (reaction === 'refresh-then-reconnect' && !canRefresh) || reconnect === false)
      return this.#end(code, reason, error);
    if (this.#attempt++ === 0) this.#failingSince = clock.now();
    const isAtOnce = this.#isDrained || (reaction === 'refresh-then-reconnect' && !this.#hasRefreshed);
    this.#hasRefreshed ||= reaction === 'refresh-then-reconnect';
    this.#isDrained = false;
    const elapsedMs = clock.now() - this.#failingSince;
    const delayMs = isAtOnce ? 0 : reconnect({ attempt: this.#attempt, elapsedMs, error });
    if (delayMs === false) return this.#end(code, reason, error);
    if (!environment.isOnline()) return this.#step('offline');
    this.#retryAt = clock.now() + delayMs;
    this.#timer = clock.setTimeout(() => this.connect(), delayMs);
    this.#step('retry');
  }

  #noticed(what: 'online' | 'offline' | 'awake' | 'leaving'): void {
    this.#isLeft = what === 'leaving' || (this.#isLeft && what !== 'awake');
    const isAway = this.#state === 'waiting' || this.#state === 'offline';
    if (what === 'leaving') void this.#leftPage();
    else if (what === 'offline') {
      if (this.#state === 'waiting') {
        this.#clearTimer();
        this.#step('offline');
      } else this.#liveness.probe();
    } else if (isAway) this.connect();
    // Timers may have stood still, and the network may be another: what seems open need not be.
    else this.#liveness.probe();
  }

  async #leftPage(): Promise<void> {
    await this.rest('the page is left', 'retry');
    // It may be looked at again before the socket is closed.
    if (!this.#isLeft && this.#state === 'waiting') this.connect();
  }

  #closeLink(code: number, reason: string): Promise<void> {
    const link = this.#link;
    this.#generation++;
    if (link === null) return Promise.resolve();
    let end!: () => void;
    const done = this.#closing?.done ?? new Promise<void>((resolve) => (end = resolve));
    this.#closing ??= { done, end };
    link.close(code, reason, this.#settings.closeMs);
    return done;
  }

  #leave(): void {
    this.#generation++;
    this.#link = null;
    this.#liveness.stop();
    this.#clearTimer();
  }

  #end(code: number, reason: string, error?: unknown): void {
    this.#leave();
    this.#unwatch?.();
    this.#unwatch = null;
    this.#closed = { code, reason };
    this.#attempt = 0;
    this.#step('close');
    this.#owner.ended(code, reason, error);
  }

  #clearTimer(): void {
    this.#settings.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#retryAt = undefined;
  }

  #step(step: ClientStep): void {
    const next = clientStates[this.#state][step];
    if (next === undefined) throw new Error(`a client cannot ${step} in the state ${this.#state}`);
    this.#state = next;
    this.#owner.changed();
  }
}
