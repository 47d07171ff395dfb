import type { Clock, TimerHandle } from '../primitives/clock.js';

/** How often a server sends, and how long after that it is taken for dead. */
export interface Heartbeat {
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

const defaults: Heartbeat = { intervalMs: 25_000, timeoutMs: 20_000 };
/** After a sleep, or a change of network, an answer is expected sooner. */
const probeMs = 5_000;

/**
 * Whether the server is still there, judged by when it was last heard: browsers hold timers of hidden pages back, and
 * those of a sleeping machine stand still, so a late timer asks again before it judges.
 */
export class Liveness {
  readonly #clock: Clock;
  readonly #calls: { probe(): void; dead(): void };
  #heartbeat = defaults;
  #ticks: TimerHandle = undefined;
  #heardAt = 0;
  #tickedAt = 0;
  /** When it was asked for a sign of life; negative: it was not. */
  #askedAt = -1;
  #patienceMs = 0;

  /** @param calls `probe` asks the server, `dead` is called when it has not answered */
  constructor(clock: Clock, calls: { probe(): void; dead(): void }) {
    this.#clock = clock;
    this.#calls = calls;
  }

  /** @param heartbeat the server's; `true`: the usual. Falsy: it does not answer such questions, and is never asked */
  start(heartbeat: Heartbeat | boolean | undefined): void {
    this.stop();
    if (heartbeat === undefined || heartbeat === false) return;
    this.#heartbeat = heartbeat === true ? defaults : heartbeat;
    this.#heardAt = this.#tickedAt = this.#clock.now();
    this.#ticks = this.#clock.setInterval(() => this.#tick(), this.#tickMs);
  }

  stop(): void {
    this.#clock.clearInterval(this.#ticks);
    this.#ticks = undefined;
    this.#askedAt = -1;
  }

  alive(): void {
    this.#heardAt = this.#clock.now();
    this.#askedAt = -1;
  }

  /** Asks at once. */
  probe(): void {
    if (this.#ticks !== undefined) this.#ask(Math.min(probeMs, this.#heartbeat.timeoutMs));
  }

  get #tickMs(): number {
    return Math.max(1, Math.min(this.#heartbeat.intervalMs, probeMs) / 4);
  }

  #tick(): void {
    const now = this.#clock.now();
    const wasLate = now - this.#tickedAt > 3 * this.#tickMs;
    this.#tickedAt = now;
    // A server that pings by itself is heard before that.
    const isSilent = now - this.#heardAt > this.#heartbeat.intervalMs * 1.2;
    if (wasLate && isSilent) this.#ask(probeMs);
    else if (this.#askedAt < 0) {
      if (isSilent) this.#ask(this.#heartbeat.timeoutMs);
    } else if (now - this.#askedAt >= this.#patienceMs) this.#calls.dead();
  }

  #ask(patienceMs: number): void {
    this.#askedAt = this.#clock.now();
    this.#patienceMs = patienceMs;
    this.#calls.probe();
  }
}
