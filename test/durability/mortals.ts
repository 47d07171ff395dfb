import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '../support/free-port.js';
import { RedisServer } from '../support/redis-server.js';
import { nestProgram } from '../support/store-program.js';

/** When a life ends: after so many steps of handlers, or after so many milliseconds, whichever comes first. */
export interface Death {
  readonly steps: number;
  readonly ms: number;
}

/** Where servers keep what is to outlive them; a Redis outlives them itself. */
export type StoreKind = 'sqlite' | 'redis';

/** Servers that are killed, one after another, at the same port and with the same store. */
export class Mortals {
  readonly folder = mkdtempSync(join(tmpdir(), 'gatewire-mortals-'));
  /** Errors that a server has told of, and confirmed changes that it has lost. */
  readonly troubles: string[] = [];
  /** Lives that ended while a handler was inside. */
  deathsInside = 0;
  lives = 0;
  port = 0;
  readonly #mutant: string;
  readonly #store: StoreKind;
  #redis: RedisServer | undefined;
  #next: Mortal | undefined;
  #current: Mortal | undefined;

  constructor(mutant: string, store: StoreKind) {
    this.#mutant = mutant;
    this.#store = store;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/`;
  }

  async open(): Promise<void> {
    this.port = await freePort();
    if (this.#store === 'redis') this.#redis = await RedisServer.start();
    this.#prepare();
  }

  /** One life. Resolves when it is over, or, without a death, when it has begun. */
  async live(death?: Death): Promise<void> {
    const mortal = this.#next as Mortal;
    this.lives++;
    this.#current = mortal;
    await mortal.begin();
    // Loads while this one lives.
    this.#prepare();
    if (death === undefined) return;
    await mortal.end(death);
    if (mortal.wasInside) this.deathsInside++;
  }

  async close(): Promise<void> {
    await this.#current?.kill();
    await this.#next?.kill();
    await this.#redis?.stop();
    rmSync(this.folder, { recursive: true });
  }

  #prepare(): void {
    const life = String(this.lives + 1);
    const store = this.#redis === undefined ? this.#store : String(this.#redis.port);
    const args = [nestProgram(), this.folder, String(this.port), store, life, this.#mutant];
    this.#next = new Mortal(args, (line) => this.troubles.push(`life ${life}: ${line}`));
  }
}

class Mortal {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ready: Promise<void>;
  #steps = 0;
  #enough: { steps: number; reached: () => void } | undefined;
  #stepAt = 0;
  wasInside = false;

  constructor(args: string[], trouble: (line: string) => void) {
    const program = join(import.meta.dirname, 'mortal-server.mjs');
    this.#child = spawn(process.execPath, [program, ...args], { env: { ...process.env, NODE_OPTIONS: '' } });
    this.#child.stdin.on('error', () => undefined);
    this.#child.stderr.on('data', (text: Buffer) => trouble(text.toString()));
    let ready!: () => void;
    this.#ready = new Promise((resolve) => (ready = resolve));
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      if (line === 'ready') ready();
      else if (line === 'inside') this.#inside();
      else trouble(line);
    });
  }

  async begin(): Promise<void> {
    this.#child.stdin.write('go\n');
    const exited = once(this.#child, 'exit').then(([code]) => {
      throw new Error(`a server has ended before it began: ${String(code)}`);
    });
    exited.catch(() => undefined);
    await Promise.race([this.#ready, exited]);
  }

  async end({ steps, ms }: Death): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      const reached = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.#enough = { steps, reached };
      if (this.#steps >= steps) reached();
    });
    this.wasInside = this.#steps > 0 && performance.now() - this.#stepAt < 1;
    await this.kill();
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }

  #inside(): void {
    this.#stepAt = performance.now();
    if (++this.#steps === this.#enough?.steps) this.#enough.reached();
  }
}
