import { posix } from 'node:path';

import type { Tree } from '@angular-devkit/schematics';

import { workspacePath } from './source-files.js';

/**
 * The module nearest to a folder: in it, else in the folders above it. Undefined when there is none.
 *
 * Of several in one folder it is the one that is named after the folder, or `app.module.ts`.
 */
export function findNearestModule(tree: Tree, folder: string): string | undefined {
  for (let directory = tree.getDir(folder); ; directory = directory.parent) {
    const modules: readonly string[] = directory.subfiles.filter((file) => file.endsWith('.module.ts'));
    const expected = [`${posix.basename(directory.path)}.module.ts`, 'app.module.ts'];
    const name = expected.find((file) => modules.includes(file)) ?? modules[0];
    if (name !== undefined) return workspacePath(directory.path, name);
    if (directory.parent === null) return undefined;
  }
}

/**
 * The module that a user names: `chat`, `chat/chat.module`, `src/chat/chat.module.ts`.
 *
 * @param folders where it may be, the likeliest first
 * @throws {Error} when it is in none of them
 */
export function findNamedModule(tree: Tree, named: string, folders: readonly string[]): string {
  const base = posix.basename(named);
  const spellings = [named, `${named}.ts`, `${named}.module.ts`, `${named}/${base}.module.ts`];
  const candidates = folders.flatMap((folder) =>
    spellings.map((spelling) => workspacePath(folder, spelling)),
  );
  const found = candidates.find((path) => path.endsWith('.ts') && tree.exists(path));
  if (found === undefined) {
    throw new Error(`No module "${named}" in ${folders.map((folder) => folder || '.').join(' or ')}.`);
  }
  return found;
}
