import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import { BehaviorSubject, type Observable } from 'rxjs';
import type { Doom } from '../orders/mortality.js';
import type { Moment, ServerState } from './supervisor-events.js';

/** How a server is run. */
export interface ServerProcessSettings {
  readonly program: string;
  readonly port: number;
  /** A folder that is there: what the server keeps. */
  readonly data: string;
}

const restartMs = 100;

/** The server in all its lives: one process after another, on one port, with one folder. */
export class ServerProcess implements OnApplicationShutdown {
  readonly #settings: ServerProcessSettings;
  readonly #logger = new Logger('Server');
  readonly #state: BehaviorSubject<ServerState>;
  #child: ChildProcess | null = null;
  #timer: NodeJS.Timeout | undefined;
  /** Where it is to die; null: it is not to. */
  #doom: Moment | null = null;
  #isOver = false;

  constructor(settings: ServerProcessSettings) {
    this.#settings = settings;
    this.#state = new BehaviorSubject<ServerState>({
      port: settings.port,
      life: 0,
      isUp: false,
      isHunted: false,
      kills: { anywhere: 0, starting: 0, uncommitted: 0, unanswered: 0, unnoted: 0 },
    });
  }

  /** Each change of it, and how it is now. */
  get states(): Observable<ServerState> {
    return this.#state;
  }

  get state(): ServerState {
    return this.#state.value;
  }

  set isHunted(isHunted: boolean) {
    this.#change({ isHunted });
  }

  start(): void {
    const { program, port, data } = this.#settings;
    const env = { ...process.env, PORT: String(port), DATA: data };
    // In a process group of its own: Ctrl+C is for the supervisor.
    const child = fork(program, { env, detached: true });
    this.#child = child;
    this.#doom = null;
    child.on('message', () => this.#change({ isUp: true }));
    child.on('error', (error) => this.#logger.error(error));
    child.once('exit', (code, signal) => this.#ended(code, signal));
    this.#change({ life: this.state.life + 1, isUp: false });
  }

  /** `kill -9`. It is started again. */
  kill(): void {
    if (this.#child === null) return;
    this.#doom = this.state.isUp ? 'anywhere' : 'starting';
    this.#child.kill('SIGKILL');
  }

  /** Lets it kill itself where it comes to a certain point; null: no more. */
  killAt(moment: Moment | null): void {
    this.#doom = moment;
    const doom: Doom = { dieAt: moment };
    // It may be dead already.
    if (this.#child?.connected === true) this.#child.send(doom, () => undefined);
  }

  async onApplicationShutdown(): Promise<void> {
    this.#isOver = true;
    clearTimeout(this.#timer);
    if (this.#child === null) return;
    this.#child.kill('SIGTERM');
    await once(this.#child, 'exit');
  }

  #ended(code: number | null, signal: NodeJS.Signals | null): void {
    this.#child = null;
    if (this.#isOver) return;
    const { kills } = this.state;
    const moment = signal === 'SIGKILL' ? (this.#doom ?? 'anywhere') : null;
    if (moment === null) this.#logger.error(`has ended by itself: ${signal ?? `code ${code}`}`);
    this.#change({ isUp: false, ...(moment && { kills: { ...kills, [moment]: kills[moment] + 1 } }) });
    this.#timer = setTimeout(() => this.start(), restartMs);
  }

  #change(change: Partial<ServerState>): void {
    this.#state.next({ ...this.state, ...change });
  }
}
