import type { Clock } from '../../lib/primitives/clock.js';
import type { Endings } from './endings.js';
import type { History } from './history.js';
import { ServerLife } from './server-life.js';

export interface ServerLivesSettings {
  readonly history: History;
  readonly clock: Clock;
  /** Is given what goes on after a drain or a crash. */
  readonly endings: Endings;
}

/** One server after the other: it drains or crashes, and starts again. */
export class ServerLives {
  /** The one that runs; null: none does. */
  current: ServerLife | null = null;
  readonly #settings: ServerLivesSettings;
  #started = 0;
  #isDraining = false;

  constructor(settings: ServerLivesSettings) {
    this.#settings = settings;
  }

  async start(): Promise<void> {
    const number = ++this.#started;
    const { history, clock } = this.#settings;
    const server = await ServerLife.start({ history, clock, number });
    if (number !== this.#started) return server.stop();
    history.note(() => `server ${number} starts`);
    this.current = server;
  }

  drain(): void {
    const server = this.current;
    if (this.#isDraining || server === null) return;
    this.#isDraining = true;
    this.#settings.endings.add(
      server.stop().then(async () => {
        if (this.current !== server) return;
        this.#isDraining = false;
        this.current = null;
        await this.start();
      }),
    );
  }

  /** @param gone called between the end of the process and the next one's start */
  crash(gone: () => void): void {
    const server = this.current;
    if (server === null) return;
    this.current = null;
    this.#isDraining = false;
    gone();
    this.#settings.endings.add(server.crash());
    this.#settings.endings.add(this.start());
  }
}
