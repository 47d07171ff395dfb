import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { Tree } from '@angular-devkit/schematics';

import { readSource } from '../app/source-files.js';

/** The part of Prettier that is used. */
interface Prettier {
  resolveConfig(path: string): Promise<Record<string, unknown> | null>;
  format(source: string, options: Record<string, unknown>): Promise<string>;
}

/** Formats files with the Prettier of the app, as its own configuration says. Without Prettier they stay as they are. */
export async function formatFiles(tree: Tree, paths: readonly string[]): Promise<void> {
  const prettier = await loadPrettier();
  if (prettier === undefined) return;
  for (const path of paths) {
    const filepath = join(process.cwd(), path);
    const options = await prettier.resolveConfig(filepath);
    tree.overwrite(path, await prettier.format(readSource(tree, path), { ...options, filepath }));
  }
}

async function loadPrettier(): Promise<Prettier | undefined> {
  let path: string;
  try {
    path = createRequire(join(process.cwd(), 'package.json')).resolve('prettier');
  } catch {
    return undefined;
  }
  const loaded = (await import(pathToFileURL(path).href)) as { default?: Prettier } & Prettier;
  return loaded.default ?? loaded;
}
