import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** Vite's bundler; in a process of its own, as its native parts do not take objects of Jest's realm. */
const rolldown = join(root, 'node_modules/rolldown/bin/cli.mjs');

/** A program of the tests, with all that it imports, in one file: for a page or for a process of its own. */
export class Bundle {
  readonly #folder = mkdtempSync(join(tmpdir(), 'gatewire-bundle-'));
  readonly file = join(this.#folder, 'bundle.mjs');

  /** @param entry from the root of the project */
  static async of(entry: string, platform: 'browser' | 'node'): Promise<Bundle> {
    const bundle = new Bundle();
    const args = [
      rolldown,
      entry,
      '--platform',
      platform,
      '--format',
      'esm',
      '--no-codeSplitting',
      '--file',
      bundle.file,
    ];
    await promisify(execFile)(process.execPath, args, {
      cwd: root,
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    return bundle;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
