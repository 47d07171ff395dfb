import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as ts from 'typescript';

/** The compiler's API. */
export type TypeScript = typeof ts;

let loaded: TypeScript | undefined;

/**
 * Finds the compiler of the app: gatewire has none of its own, since an app in production needs none.
 *
 * `@nestjs/cli` brings one that has the API, which TypeScript 7 no longer has.
 * @throws {Error} when there is none, saying what to install
 */
export function loadTypeScript(): TypeScript {
  loaded ??= findTypeScript();
  if (loaded === undefined) {
    throw new Error(
      'gatewire edits your module with the TypeScript compiler API and found none. ' +
        'Install it with "npm install --save-dev typescript@6".',
    );
  }
  return loaded;
}

/** Parses the text of a file, with parent links. */
export function parseSource(text: string): ts.SourceFile {
  const compiler = loadTypeScript();
  return compiler.createSourceFile('source.ts', text, compiler.ScriptTarget.Latest, true);
}

function findTypeScript(): TypeScript | undefined {
  const app = join(process.cwd(), 'package.json');
  const cli = resolveFrom(app, '@nestjs/cli/package.json');
  for (const place of [app, cli, __filename, require.main?.filename]) {
    const path = place === undefined ? undefined : resolveFrom(place, 'typescript');
    const api = path === undefined ? undefined : (createRequire(path)(path) as Partial<TypeScript>);
    if (typeof api?.createSourceFile === 'function') return api;
  }
  return undefined;
}

/** Undefined when the module is not to be found from there, which is an answer here. */
function resolveFrom(place: string, specifier: string): string | undefined {
  try {
    return createRequire(place).resolve(specifier);
  } catch {
    return undefined;
  }
}
