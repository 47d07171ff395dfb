import { after, type Clock, type TimerHandle } from '../primitives/clock.js';
import { durationMs } from '../primitives/option-checks.js';
import type { TransportSocket } from '../transport/transport-socket.js';
import type { ConnectionCounters } from './connection-counters.js';

/** How a silent peer is noticed. */
export interface HeartbeatOptions {
  /** Silence in milliseconds after which a ping is sent. @default 25_000 */
  readonly intervalMs?: number;
  /** Wait in milliseconds for a sign of life after the ping, before the socket is terminated. @default 20_000 */
  readonly timeoutMs?: number;
}

export interface ResolvedHeartbeatOptions {
  /** `Infinity`: no heartbeat. */
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

export const heartbeatDefaults = {
  intervalMs: 25_000,
  timeoutMs: 20_000,
} as const satisfies Required<HeartbeatOptions>;

/** Fills in defaults; `false` is no heartbeat. @throws {OptionError} */
export function resolveHeartbeatOptions(input: HeartbeatOptions | false = {}): ResolvedHeartbeatOptions {
  if (input === false) return { intervalMs: Infinity, timeoutMs: Infinity };
  return {
    intervalMs: durationMs('heartbeat.intervalMs', input.intervalMs ?? heartbeatDefaults.intervalMs),
    timeoutMs: durationMs('heartbeat.timeoutMs', input.timeoutMs ?? heartbeatDefaults.timeoutMs),
  };
}

/** Signs of life of one peer, in whole milliseconds of the heartbeat's clock. */
export class Pulse {
  /** Last message. */
  messageAt: number;
  /** Last message or pong. */
  seenAt: number;
  /** When the ping was sent that still waits for a sign of life; 0: none does. */
  pingedAt = 0;
  /** Round trip of the last ping; -1 before the first. */
  latencyMs = -1;

  constructor(now: number) {
    this.messageAt = now;
    this.seenAt = now;
  }

  /** Another socket: nothing is known of it yet. */
  restart(now: number): void {
    this.messageAt = now;
    this.seenAt = now;
    this.pingedAt = 0;
  }
}

/** What the heartbeat looks after. */
export interface HeartbeatPatient {
  readonly pulse: Pulse;
  readonly socket: Pick<TransportSocket, 'isPaused' | 'ping'>;
  /** No sign of life in time. */
  silent(): void;
  /** No message for `idleMs`. */
  idle(): void;
}

/** Pings and checks all connections of an application from one timer. */
export class Heartbeat {
  /** Coarse time in whole milliseconds, moved on by each sweep: good enough to stamp every message with. */
  now = 1;
  readonly #options: ResolvedHeartbeatOptions;
  readonly #idleMs: number;
  readonly #clock: Clock;
  readonly #counters: ConnectionCounters;
  readonly #startedAt: number;
  readonly #patients = new Set<HeartbeatPatient>();
  #timer: TimerHandle = null;

  constructor(options: ResolvedHeartbeatOptions, idleMs: number, clock: Clock, counters: ConnectionCounters) {
    this.#options = options;
    this.#idleMs = idleMs;
    this.#clock = clock;
    this.#counters = counters;
    this.#startedAt = clock.now();
  }

  /** Between two sweeps: a fifth of the shortest wait, between 5 ms and a second. */
  get sweepMs(): number {
    const shortest = Math.min(this.#options.intervalMs, this.#options.timeoutMs, this.#idleMs);
    return Math.max(5, Math.min(1000, Math.floor(shortest / 5)));
  }

  add(patient: HeartbeatPatient): void {
    this.#patients.add(patient);
    if (this.#timer === null) this.#timer = this.#clock.setInterval(() => this.sweep(), this.sweepMs);
  }

  remove(patient: HeartbeatPatient): void {
    this.#patients.delete(patient);
  }

  /** Runs `action` once `delayMs` has passed, by the same clock. */
  later(delayMs: number, action: () => void): void {
    after(this.#clock, delayMs, action);
  }

  stop(): void {
    if (this.#timer !== null) this.#clock.clearInterval(this.#timer);
    this.#timer = null;
  }

  /** A pong has come: the round trip is over. */
  pong(pulse: Pulse): void {
    const now = this.#elapsed();
    if (pulse.pingedAt > 0) pulse.latencyMs = Math.max(0, now - pulse.pingedAt);
    pulse.pingedAt = 0;
    pulse.seenAt = now;
  }

  sweep(): void {
    this.now = this.#elapsed();
    for (const patient of this.#patients) this.#check(patient);
  }

  #elapsed(): number {
    return 1 + Math.floor(this.#clock.now() - this.#startedAt);
  }

  #check(patient: HeartbeatPatient): void {
    const { pulse, socket } = patient;
    // What we do not read we cannot hold against the peer.
    if (socket.isPaused) {
      pulse.seenAt = this.now;
      pulse.pingedAt = 0;
    }
    if (pulse.messageAt > pulse.seenAt) pulse.seenAt = pulse.messageAt;
    if (this.now - pulse.messageAt >= this.#idleMs) return patient.idle();
    if (pulse.pingedAt > 0) {
      const lastSign = Math.max(pulse.pingedAt, pulse.seenAt);
      if (this.now - lastSign >= this.#options.timeoutMs) patient.silent();
    } else if (this.now - pulse.seenAt >= this.#options.intervalMs) {
      pulse.pingedAt = this.now;
      this.#counters.pings++;
      socket.ping();
    }
  }
}
