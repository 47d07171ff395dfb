import { posix } from 'node:path';

import type { DirEntry, Tree } from '@angular-devkit/schematics';

/** Visits the TypeScript files below a folder until one answers true. Declarations are not sources. */
export function someSourceFile(
  tree: Tree,
  folder: string,
  test: (text: string, path: string) => boolean,
): boolean {
  return someFileIn(tree.getDir(folder), test);
}

/** The text of a file that must be there. Keeps a byte order mark, unlike `tree.readText`. */
export function readSource(tree: Tree, path: string): string {
  const content = tree.read(path);
  if (content === null) throw new Error(`${path} does not exist.`);
  return content.toString('utf8');
}

/** A path below the root of the workspace, in the one spelling that is used here: `src/app.module.ts`. */
export function workspacePath(...parts: readonly string[]): string {
  return posix.join('/', ...parts.map((part) => part.replaceAll('\\', '/'))).slice(1);
}

/** The specifier by which the file `from` imports the file `to` (without its extension). */
export function relativeSpecifier(from: string, to: string, extension: string): string {
  const relative = posix.relative(posix.dirname(from), to);
  return (relative.startsWith('.') ? relative : `./${relative}`) + extension;
}

function someFileIn(folder: DirEntry, test: (text: string, path: string) => boolean): boolean {
  const here = folder.subfiles
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .some((name) =>
      test(folder.file(name)?.content.toString('utf8') ?? '', workspacePath(folder.path, name)),
    );
  const below = () =>
    folder.subdirs
      .filter((name) => name !== 'node_modules')
      .some((name) => someFileIn(folder.dir(name), test));
  return here || below();
}
