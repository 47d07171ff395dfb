import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

const lib = join(import.meta.dirname, '../../lib');
/** What the thread of a store needs. */
export function storeProgram(): string {
  return compiledRooms(['primitives', 'store']);
}

const options = {
  target: ts.ScriptTarget.ES2023,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
};

const serverRooms = [
  'primitives',
  'protocol',
  'codecs',
  'exchange',
  'routing',
  'store',
  'transport',
  'connection',
  'pipeline',
  'rooms',
  'delivery',
  'server',
];

/** Everything that a Nest application has. */
export function nestProgram(): string {
  return compiledRooms([...serverRooms, 'nest']);
}

/** The client that Prisma has generated for test/transactions. */
export function prismaProgram(): string {
  return compiledRooms(['generated'], join(import.meta.dirname, '../transactions/prisma'));
}

/**
 * Rooms of the library as JavaScript: Jest compiles for itself alone, and a thread or a child process of a test runs without
 * it. Compiled once for the same sources.
 */
function compiledRooms(rooms: readonly string[], root = lib): string {
  const sources = rooms.flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.c?ts$/.test(path))
      .map((path) => ({ path: join(room, path), text: readFileSync(join(root, room, path), 'utf8') })),
  );
  const hash = createHash('sha256')
    .update(JSON.stringify([options, sources]))
    .digest('hex')
    .slice(0, 16);
  const folder = join(import.meta.dirname, '../../.cache/rooms', hash);
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
  return ts.transpileModule(text, { compilerOptions: { ...options, module } }).outputText;
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
