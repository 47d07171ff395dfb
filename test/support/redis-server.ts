import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'redis';
import { Redis } from 'ioredis';

import type { RedisClient } from '../../lib/store/redis/redis-client.js';
import { describeWith } from '../e2e/required-program.js';
import { freePort } from './free-port.js';

const program = '/usr/bin/redis-server';

export const hasRedis = (): boolean => existsSync(program);

/** `describe`, or one line that says what is missing. */
export const describeWithRedis = describeWith('redis-server', hasRedis);

export interface RedisServerOptions {
  /** Whether and how writes are kept in a file. @default 'no' */
  readonly appendfsync?: 'no' | 'everysec' | 'always';
  /** As in `redis.conf`: `{ maxmemory: '2mb' }`. */
  readonly config?: Readonly<Record<string, string>>;
}

/** The kinds of clients that stores are tried with. */
export const redisClients = ['ioredis', 'node-redis'] as const;
export type RedisClientName = (typeof redisClients)[number];

/** A client of a test, as stores take it, with what tests need besides. */
export interface TestRedisClient {
  readonly client: RedisClient;
  /** One command, for the test itself; texts come as texts. */
  command(name: string, ...args: string[]): Promise<unknown>;
  close(): Promise<void>;
}

/** A Redis of its own, with a folder of its own, on a port that stays the same when it is started again. */
export class RedisServer {
  readonly port: number;
  readonly folder = mkdtempSync(join(tmpdir(), 'gatewire-redis-'));
  readonly #options: RedisServerOptions;
  readonly #clients = new Set<TestRedisClient>();
  readonly #endWithUs = (): void => void this.#child?.kill('SIGKILL');
  #child: ChildProcess | undefined;

  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), options);
    await server.#run();
    process.once('exit', server.#endWithUs);
    return server;
  }

  private constructor(port: number, options: RedisServerOptions) {
    this.port = port;
    this.#options = options;
  }

  /** A connected client. It is closed by {@link stop}, if it is not by then. @param port of a proxy before the server */
  async client(name: RedisClientName, port = this.port): Promise<TestRedisClient> {
    const made = name === 'ioredis' ? ioredis(port) : await nodeRedis(port);
    this.#clients.add(made);
    return made;
  }

  /** At once, as by a lack of power: nothing is written that is not by then. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGCONT');
    await this.#end('SIGKILL');
  }

  /** Starts it (again), with what is in its folder, or with nothing. */
  async restart({ empty = false } = {}): Promise<void> {
    await this.kill();
    if (empty) for (const name of ['appendonlydir', 'dump.rdb']) this.#remove(name);
    await this.#run();
  }

  /** It takes connections and bytes, and answers nothing. */
  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Ends it and its clients, and removes its folder. */
  async stop(): Promise<void> {
    for (const client of this.#clients) await client.close();
    await this.kill();
    process.off('exit', this.#endWithUs);
    this.#remove('.');
  }

  async #run(): Promise<void> {
    const { appendfsync, config = {} } = this.#options;
    const settings = {
      port: String(this.port),
      bind: '127.0.0.1',
      dir: this.folder,
      save: '',
      appendonly: appendfsync === undefined ? 'no' : 'yes',
      appendfsync: appendfsync ?? 'no',
      ...config,
    };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child = child;
    let said = '';
    await new Promise<void>((resolve, reject) => {
      child.stdout.on('data', (text: Buffer) => {
        said += text.toString();
        if (said.includes('Ready to accept connections')) resolve();
      });
      child.once('error', reject);
      child.once('exit', () => reject(new Error(`redis-server has ended: ${said}`)));
    });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  #remove(name: string): void {
    rmSync(join(this.folder, name), { recursive: true, force: true });
  }
}

function ioredis(port: number): TestRedisClient {
  const client = new Redis(port, '127.0.0.1', { retryStrategy: () => 20, disconnectTimeout: 20 });
  // It says so for each attempt to connect; what matters to a test is what its calls are told.
  client.on('error', () => undefined);
  return {
    client,
    command: (name, ...args) => client.call(name, ...args),
    close: async () => {
      // Between two attempts to connect it says nothing of its end.
      const ended = client.status === 'ready' ? once(client, 'end') : undefined;
      client.disconnect();
      await ended;
    },
  };
}

async function nodeRedis(port: number): Promise<TestRedisClient> {
  const client = createClient({ socket: { host: '127.0.0.1', port, reconnectStrategy: 20 } });
  client.on('error', () => undefined);
  await client.connect();
  return {
    client,
    command: (name, ...args) => client.sendCommand([name, ...args]),
    close: () => {
      if (client.isOpen) client.destroy();
      return Promise.resolve();
    },
  };
}
