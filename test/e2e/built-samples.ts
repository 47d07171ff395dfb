import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

/** Builds a sample with the Nest CLI, where it is stale. */
export async function buildSample(name: string): Promise<void> {
  await run(process.execPath, ['scripts/build-sample.mjs', name], { cwd: root });
}

/** A built sample in a process of its own. */
export class SampleServer {
  readonly #child: ChildProcess;
  output = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.on('data', (chunk) => (this.output += String(chunk)));
    child.stderr?.on('data', (chunk) => (this.output += String(chunk)));
  }

  /** Starts it and waits until it answers by HTTP. */
  static async start(name: string, port: number, variables: NodeJS.ProcessEnv = {}): Promise<SampleServer> {
    const env = { ...process.env, ...variables, PORT: String(port), NODE_OPTIONS: '' };
    const server = new SampleServer(
      spawn(process.execPath, [`sample/${name}/dist/main.js`], { cwd: root, env }),
    );
    for (;;) {
      if (server.#child.exitCode !== null) throw new Error(`${name} has ended: ${server.output}`);
      if (await answers(port)) return server;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  /** Ends it with a signal; gives its exit code, null where the signal has killed it. */
  async stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return this.#child.exitCode;
    this.#child.kill(signal);
    const [code] = (await once(this.#child, 'exit')) as [number | null];
    return code;
  }
}

async function answers(port: number): Promise<boolean> {
  try {
    await fetch(`http://127.0.0.1:${port}/`);
    return true;
  } catch {
    // Not listening yet.
    return false;
  }
}
