import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSentinel } from 'redis';
import { Redis } from 'ioredis';

import { freePort } from './free-port.js';
import { type RedisClientName, RedisServer, type TestRedisClient } from './redis-server.js';

const group = 'main';

/** A primary with a replica, and a Sentinel that lets the one take over when the other is gone. */
export class RedisSentinel {
  readonly primary: RedisServer;
  readonly replica: RedisServer;
  readonly #port: number;
  readonly #folder = mkdtempSync(join(tmpdir(), 'gatewire-sentinel-'));
  readonly #clients: TestRedisClient[] = [];
  #child: ChildProcess | undefined;

  static async start(): Promise<RedisSentinel> {
    const primary = await RedisServer.start();
    const replica = await RedisServer.start({ config: { replicaof: `127.0.0.1 ${primary.port}` } });
    const sentinel = new RedisSentinel(primary, replica, await freePort());
    await sentinel.#run();
    return sentinel;
  }

  private constructor(primary: RedisServer, replica: RedisServer, port: number) {
    this.primary = primary;
    this.replica = replica;
    this.#port = port;
  }

  /** A client that asks the Sentinel who the primary is. */
  async client(name: RedisClientName): Promise<TestRedisClient> {
    const made = name === 'ioredis' ? this.#ioredis() : await this.#nodeRedis();
    this.#clients.push(made);
    return made;
  }

  /** The replica has all that there is, and the Sentinel knows of it. */
  async settled(): Promise<void> {
    const { command, close } = await this.primary.client('ioredis');
    while (Number(await command('WAIT', '1', '1000')) < 1);
    await close();
    const asked = new Redis(this.#port, '127.0.0.1');
    const isKnown = async (): Promise<boolean> => {
      const replicas = (await asked.call('SENTINEL', 'REPLICAS', group)) as string[][];
      return replicas.some((fields) => fields[fields.indexOf('master-link-status') + 1] === 'ok');
    };
    while (!(await isKnown())) await new Promise((resolve) => setTimeout(resolve, 50));
    asked.disconnect();
  }

  /** What the primary confirms from now on, its replica does not get. */
  async cutReplica(): Promise<void> {
    const { command, close } = await this.primary.client('ioredis');
    // Who is connected stays so; who comes anew, as the replica has to, does not know the word.
    await command('CONFIG', 'SET', 'requirepass', 'nobody knows it');
    await command('CLIENT', 'KILL', 'TYPE', 'replica');
    while (!String(await command('INFO', 'replication')).includes('connected_slaves:0'));
    await close();
  }

  /** The primary is gone; resolves when these clients have another one. */
  async failOver(...clients: TestRedisClient[]): Promise<void> {
    await this.primary.kill();
    for (const { command } of clients) {
      const role = async (): Promise<unknown> => {
        const info = await command('INFO', 'replication').catch(() => '');
        return String(info).includes('role:master');
      };
      while (!(await role())) await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) await client.close();
    const child = this.#child;
    if (child?.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    await Promise.all([this.primary.stop(), this.replica.stop()]);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #run(): Promise<void> {
    const file = join(this.#folder, 'sentinel.conf');
    const lines = [
      `port ${this.#port}`,
      'bind 127.0.0.1',
      `dir ${this.#folder}`,
      `sentinel monitor ${group} 127.0.0.1 ${this.primary.port} 1`,
      `sentinel down-after-milliseconds ${group} 300`,
      `sentinel failover-timeout ${group} 5000`,
    ];
    writeFileSync(file, lines.join('\n'));
    const child = spawn('/usr/bin/redis-server', [file, '--sentinel'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child = child;
    process.once('exit', () => child.kill('SIGKILL'));
    let said = '';
    await new Promise<void>((resolve, reject) => {
      child.stdout.on('data', (text: Buffer) => {
        said += text.toString();
        if (said.includes('+monitor')) resolve();
      });
      child.once('exit', () => reject(new Error(`the Sentinel has ended: ${said}`)));
    });
  }

  #ioredis(): TestRedisClient {
    const client = new Redis({
      sentinels: [{ host: '127.0.0.1', port: this.#port }],
      name: group,
      retryStrategy: () => 50,
      sentinelRetryStrategy: () => 50,
    });
    client.on('error', () => undefined);
    return {
      client,
      command: (name, ...args) => client.call(name, ...args),
      close: () => {
        client.disconnect();
        return Promise.resolve();
      },
    };
  }

  async #nodeRedis(): Promise<TestRedisClient> {
    const client = createSentinel({
      name: group,
      sentinelRootNodes: [{ host: '127.0.0.1', port: this.#port }],
      scanInterval: 100,
    });
    client.on('error', () => undefined);
    await client.connect();
    return {
      client,
      command: (name, ...args) => client.sendCommand(false, [name, ...args]),
      close: async () => {
        await client.destroy();
      },
    };
  }
}
