import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../support/free-port.js';

/** Where Debian has it; not on everybody's path. */
export const programPath = (name: 'nginx' | 'haproxy'): string => `/usr/sbin/${name}`;

export const hasProgram =
  (name: 'nginx' | 'haproxy'): (() => boolean) =>
  () =>
    existsSync(programPath(name));

/** A proxy that runs a configuration file of docs/proxies, with free ports in place of those it names. */
export class ProxyProgram {
  readonly #child: ChildProcess;
  readonly #folder: string;
  #output = '';

  /** @param edit further changes, for a program that is not installed as a service */
  static async start(
    name: 'nginx' | 'haproxy',
    ports: ReadonlyMap<number, number>,
    edit: (config: string) => string = (config) => config,
  ): Promise<ProxyProgram> {
    const file = name === 'nginx' ? 'nginx.conf' : 'haproxy.cfg';
    const source = readFileSync(join(import.meta.dirname, '../../docs/proxies', file), 'utf8');
    const config = [...ports].reduce((text, [documented, port]) => {
      if (!new RegExp(`\\b${documented}\\b`).test(text))
        throw new Error(`${file} does not name port ${documented}`);
      return text.replace(new RegExp(`:${documented}\\b|\\blisten ${documented}\\b`, 'g'), (found) =>
        found.replace(String(documented), String(port)),
      );
    }, source);
    const program = new ProxyProgram(name, edit(config));
    for (const [documented, port] of ports) if (documented >= 8080) await program.#accepts(port);
    return program;
  }

  private constructor(name: 'nginx' | 'haproxy', config: string) {
    this.#folder = mkdtempSync(join(tmpdir(), `gatewire-${name}-`));
    const file = join(this.#folder, name);
    writeFileSync(file, config);
    const args =
      name === 'nginx'
        ? ['-p', this.#folder, '-c', file, '-g', 'daemon off; pid nginx.pid;']
        : ['-db', '-f', file];
    this.#child = spawn(programPath(name), args, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (text: Buffer) => (this.#output += text.toString()));
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null) {
      const exited = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      await exited;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Waits until it listens. */
  async #accepts(port: number): Promise<void> {
    for (;;) {
      if (this.#child.exitCode !== null) throw new Error(`the proxy has ended: ${this.#output}`);
      const socket = connect(port, '127.0.0.1');
      const isThere = await new Promise<boolean>((resolve) => {
        socket.once('connect', () => resolve(true));
        socket.once('error', () => resolve(false));
      });
      socket.destroy();
      if (isThere) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** For each documented port one that is free. */
export async function freePortsFor(...documented: readonly number[]): Promise<Map<number, number>> {
  const ports = new Map<number, number>();
  for (const port of documented) ports.set(port, await freePort());
  return ports;
}
