import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

const lib = join(import.meta.dirname, '../../lib');
const rooms = ['primitives', 'store'];

/**
 * The rooms that the thread of the store needs, as JavaScript: Jest compiles for itself alone, and a thread or a child
 * process of a test runs without it. Compiled once for the same sources.
 */
export function storeProgram(): string {
  const sources = rooms.flatMap((room) =>
    readdirSync(join(lib, room), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.c?ts$/.test(path))
      .map((path) => ({ path: join(room, path), text: readFileSync(join(lib, room, path), 'utf8') })),
  );
  const hash = createHash('sha256').update(JSON.stringify(sources)).digest('hex').slice(0, 16);
  const folder = join(import.meta.dirname, '../../.cache/store', hash);
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}-${process.pid}`;
  for (const { path, text } of sources) {
    const target = join(unfinished, path.replace(/ts$/, 'js'));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, compiled(path, text));
  }
  writeFileSync(join(unfinished, 'package.json'), '{"type":"module"}');
  moved(unfinished, folder);
  return folder;
}

function compiled(path: string, text: string): string {
  const module = path.endsWith('.cts') ? ts.ModuleKind.CommonJS : ts.ModuleKind.ESNext;
  return ts.transpileModule(text, { compilerOptions: { module, target: ts.ScriptTarget.ES2023 } }).outputText;
}

/** Another worker of Jest may have been quicker. */
function moved(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!existsSync(to)) throw error;
    rmSync(from, { recursive: true });
  }
}
