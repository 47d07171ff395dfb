import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

import { describeWith } from '../e2e/required-program.js';
import { freePort } from './free-port.js';

const versions = '/usr/lib/postgresql';
const programs = (): string | undefined => {
  const [latest] = existsSync(versions) ? readdirSync(versions).sort((a, b) => Number(b) - Number(a)) : [];
  return latest && join(versions, latest, 'bin');
};

/** `describe`, or one line that says what is missing. */
export const describeWithPostgres = describeWith('PostgreSQL', () => programs() !== undefined);

const user = 'gatewire';

/** A PostgreSQL of its own, with nothing in it. */
export class PostgresServer {
  readonly port: number;
  readonly #folder: string;
  readonly #child: ChildProcess;
  readonly #endWithUs = (): void => void this.#child.kill('SIGKILL');
  #databases = 0;

  static async start(): Promise<PostgresServer> {
    const bin = programs() as string;
    const folder = mkdtempSync(join(tmpdir(), 'gatewire-postgres-'));
    const as = notRoot(folder);
    const data = join(folder, 'data');
    execFileSync(join(bin, 'initdb'), ['-D', data, '-U', user, '-A', 'trust', '-E', 'UTF8', '--no-sync'], {
      ...as,
      stdio: 'ignore',
    });
    const port = await freePort();
    const settings = { port, listen_addresses: '127.0.0.1', unix_socket_directories: '', fsync: 'off' };
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const child = spawn(join(bin, 'postgres'), ['-D', data, ...args], {
      ...as,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const server = new PostgresServer(port, folder, child);
    process.once('exit', server.#endWithUs);
    let said = '';
    await new Promise<void>((resolve, reject) => {
      child.stderr.on('data', (text: Buffer) => {
        said += text.toString();
        if (said.includes('ready to accept connections')) resolve();
      });
      child.once('exit', () => reject(new Error(`postgres has ended: ${said}`)));
    });
    return server;
  }

  private constructor(port: number, folder: string, child: ChildProcess) {
    this.port = port;
    this.#folder = folder;
    this.#child = child;
  }

  /** A new database, with nothing in it: its URL. */
  async database(): Promise<string> {
    const name = `test_${++this.#databases}`;
    const client = new pg.Client({ connectionString: this.#url('postgres') });
    await client.connect();
    await client.query(`CREATE DATABASE ${name}`);
    await client.end();
    return this.#url(name);
  }

  async stop(): Promise<void> {
    process.off('exit', this.#endWithUs);
    const ended = once(this.#child, 'exit');
    // At once, whoever is connected.
    this.#child.kill('SIGQUIT');
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #url(database: string): string {
    return `postgres://${user}@127.0.0.1:${this.port}/${database}`;
  }
}

/** PostgreSQL refuses to be root: then it is the user that its package has made. */
function notRoot(folder: string): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  execFileSync('chown', ['postgres', folder]);
  chmodSync(folder, 0o700);
  return { uid: id('-u'), gid: id('-g') };
}
