import type { OnApplicationShutdown } from '@nestjs/common';
import { distinctUntilChanged, map } from 'rxjs';
import type { ServerProcess } from './server-process.js';
import type { Moment } from './supervisor-events.js';

/** When a server is killed: so long after it has begun to take orders. */
export interface HunterSettings {
  readonly minMs: number;
  readonly maxMs: number;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** Beside the times when it is killed while it starts. */
const moments: readonly Moment[] = ['anywhere', 'uncommitted', 'unanswered', 'unnoted'];
/** Of so many lives one does not get beyond its start. */
const startsInOne = 8;
const startMs = 600;
/** Where nobody orders it comes to no point at which it could die. */
const patienceMs = 1_000;

/** Kills the server again and again, in other places each time. */
export class Hunter implements OnApplicationShutdown {
  readonly #server: ServerProcess;
  readonly #settings: HunterSettings;
  #timer: NodeJS.Timeout | undefined;

  constructor(server: ServerProcess, settings: HunterSettings) {
    this.#server = server;
    this.#settings = settings;
    server.states
      .pipe(
        map(({ life, isUp, isHunted }) => `${life} ${isUp} ${isHunted}`),
        distinctUntilChanged(),
      )
      .subscribe(() => this.#aim());
  }

  onApplicationShutdown(): void {
    clearTimeout(this.#timer);
  }

  #aim(): void {
    clearTimeout(this.#timer);
    const { isUp, isHunted } = this.#server.state;
    if (!isHunted) return this.#server.killAt(null);
    const { minMs, maxMs, random } = this.#settings;
    if (isUp) this.#timer = setTimeout(() => this.#strike(), minMs + random() * (maxMs - minMs));
    else if (random() * startsInOne < 1) this.#killIn(random() * startMs);
  }

  #strike(): void {
    const moment = moments[Math.floor(this.#settings.random() * moments.length)] as Moment;
    if (moment === 'anywhere') return this.#server.kill();
    this.#server.killAt(moment);
    this.#killIn(patienceMs);
  }

  #killIn(ms: number): void {
    this.#timer = setTimeout(() => this.#server.kill(), ms);
  }
}
