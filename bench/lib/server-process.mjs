// A server under test: a fresh process for every measurement.
import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import { sleep } from './sleep.mjs';

const canPin = existsSync('/usr/bin/taskset') && os.cpus().length > 1;

/** Runs a module in a process, on a CPU of its own where the system can. */
export function startProcess(url, { cpu, nodeArgs = [], env = {} }) {
  const pinned = {
    execPath: '/usr/bin/taskset',
    execArgv: ['-c', String(cpu), process.execPath, ...nodeArgs],
  };
  return fork(url, [], {
    ...(canPin ? pinned : { execArgv: nodeArgs }),
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

export class ServerProcess {
  #child;
  #lastId = 0;
  #answers = new Map();

  static async start({ file, variant }, port, nodeArgs) {
    const server = new ServerProcess();
    server.#child = startProcess(new URL(`../servers/${file}`, import.meta.url), {
      cpu: 0,
      nodeArgs: ['--expose-gc', ...nodeArgs, '--import', new URL('./agent.mjs', import.meta.url).href],
      env: { PORT: String(port), VARIANT: variant, NODE_ENV: 'production' },
    });
    server.#child.on('message', (answer) => server.#answers.get(answer.id)?.(answer));
    await server.#listening(port);
    return server;
  }

  /** @param ask 'cpu', or 'memory' (after garbage collection) */
  ask(ask) {
    const id = ++this.#lastId;
    this.#child.send({ ask, id });
    return new Promise((resolve) => this.#answers.set(id, resolve));
  }

  /** As a machine that fails. */
  async kill() {
    const exited = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await exited;
  }

  async stop() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.send({ ask: 'exit' });
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 3000);
    await exited;
    clearTimeout(timer);
  }

  async #listening(port) {
    for (let attempt = 0; attempt < 200; attempt++) {
      if (this.#child.exitCode !== null)
        throw new Error(`the server has exited with ${this.#child.exitCode}`);
      if (await canConnect(port)) return;
      await sleep(50);
    }
    throw new Error('the server does not listen');
  }
}

function canConnect(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('connect', () => socket.destroy());
    socket.on('close', (hadError) => resolve(!hadError));
    socket.on('error', () => undefined);
  });
}
