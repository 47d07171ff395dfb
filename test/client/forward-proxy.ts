import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Certificate } from '../support/certificate.js';
import { freePort } from '../support/free-port.js';

/** What the proxies connect from, so that a server sees who came through one. */
export const proxyAddress = '127.0.0.2';
export const proxyUser = 'user';
export const proxyPassword = 'secret';

const programs = {
  tinyproxy: '/usr/bin/tinyproxy',
  microsocks: '/usr/bin/microsocks',
  haproxy: '/usr/sbin/haproxy',
} as const;

export const hasForwardProxies = (): boolean => Object.values(programs).every((path) => existsSync(path));

/** A real proxy program that asks for a password, on a port of its own. */
export class ForwardProxy {
  readonly port: number;
  readonly #folder = mkdtempSync(join(tmpdir(), 'gatewire-forward-'));
  readonly #program: keyof typeof programs;
  readonly #args: readonly string[];
  #child: ChildProcess | undefined;

  /** Tunnels with CONNECT (RFC 9110 section 9.3.6): tinyproxy. */
  static async http(): Promise<ForwardProxy> {
    const port = await freePort();
    const config = [
      `Port ${port}`,
      'Listen 127.0.0.1',
      'Allow 127.0.0.1',
      `Bind ${proxyAddress}`,
      `BasicAuth ${proxyUser} ${proxyPassword}`,
      'Timeout 60',
    ];
    return new ForwardProxy('tinyproxy', port, ['-d', '-c'], config.join('\n')).start();
  }

  /** SOCKS version 5 (RFC 1928): microsocks. */
  static async socks(): Promise<ForwardProxy> {
    const port = await freePort();
    const login = ['-u', proxyUser, '-P', proxyPassword];
    const args = ['-i', '127.0.0.1', '-p', String(port), '-b', proxyAddress, ...login];
    return new ForwardProxy('microsocks', port, args).start();
  }

  /** TLS in front of another proxy: HAProxy. */
  static async tls(inner: ForwardProxy, { key, cert }: Certificate): Promise<ForwardProxy> {
    const port = await freePort();
    const pem = join(inner.#folder, 'proxy.pem');
    writeFileSync(pem, cert + key);
    const config = `
defaults
  mode tcp
  timeout connect 5s
  timeout client 60s
  timeout server 60s
listen secure
  bind 127.0.0.1:${port} ssl crt ${pem}
  server inner 127.0.0.1:${inner.port}
`;
    return new ForwardProxy('haproxy', port, ['-db', '-f'], config).start();
  }

  private constructor(program: keyof typeof programs, port: number, args: readonly string[], config = '') {
    this.#program = program;
    this.port = port;
    const file = join(this.#folder, 'config');
    writeFileSync(file, config);
    this.#args = config === '' ? args : [...args, file];
  }

  /** Begins, or begins again. */
  async start(): Promise<this> {
    let output = '';
    const child = spawn(programs[this.#program], this.#args, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text: Buffer) => (output += text.toString()));
    this.#child = child;
    while (!(await accepts(this.port))) {
      if (child.exitCode !== null) throw new Error(`${this.#program} has ended: ${output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return this;
  }

  /** Ends the program, and with it all that goes through it. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const isThere = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
  });
  socket.destroy();
  return isThere;
}
