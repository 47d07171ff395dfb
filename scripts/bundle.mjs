/**
 * Bundles browser programs as a user's build does, with the package that is in dist/: for `npm run size`, for the build
 * for script tags, and for tests.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { rolldown } from 'rolldown';

import { root } from './shell.mjs';

const entry = 'program.ts';

/**
 * The chunks of a program, the entry first; nothing is written.
 *
 * @param source TypeScript that may import `gatewire/…` and whatever is installed
 * @param options `format`: `es`, or `iife` with everything in one file, whose exports become the global `name`; `from`: the
 * build to take, or `lib` for the sources as they are; `file`: the name of the
 * entry; `mode`: what `NODE_ENV` says
 */
export async function bundle(
  source,
  { format = 'es', name, from = join(root, 'dist'), file, mode = 'production' } = {},
) {
  const build = await rolldown({
    input: entry,
    cwd: root,
    platform: 'browser',
    logLevel: 'warn',
    transform: { define: { 'process.env.NODE_ENV': JSON.stringify(mode) } },
    resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
    plugins: [program(source), ownPackage(from)],
  });
  const { output } = await build.generate({
    format,
    minify: true,
    ...(name !== undefined && { name }),
    ...(file !== undefined && { entryFileNames: file }),
    ...(format === 'iife' && { codeSplitting: false }),
  });
  await build.close();
  return output
    .filter(({ type }) => type === 'chunk')
    .sort((one, other) => Number(other.isEntry) - Number(one.isEntry));
}

/** The chunks that are fetched before anything runs: those that are imported later, if at all, are left out. */
export function initialChunks(chunks) {
  const reached = new Set([chunks[0].fileName]);
  for (const fileName of reached) {
    const { imports } = chunks.find((chunk) => chunk.fileName === fileName);
    for (const imported of imports) reached.add(imported);
  }
  return chunks.filter(({ fileName }) => reached.has(fileName));
}

/** Bytes of all of it, minified, and as a server sends them. */
export function sizeOf(chunks) {
  return {
    minified: chunks.reduce((sum, { code }) => sum + Buffer.byteLength(code), 0),
    gzip: chunks.reduce((sum, { code }) => sum + gzipSync(code, { level: 9 }).length, 0),
  };
}

/** Files of the package that have left something in these chunks, named as in lib/. */
export function ownFiles(chunks) {
  return chunks
    .flatMap(({ modules }) => Object.entries(modules))
    .filter(([, { renderedLength }]) => renderedLength > 0)
    .flatMap(([id, { renderedLength }]) => {
      const file = /\/dist\/esm\/(.*)\.js$/.exec(id)?.[1];
      return file === undefined ? [] : [{ file, bytes: renderedLength }];
    });
}

function program(source) {
  const id = join(root, entry);
  return {
    name: 'program',
    resolveId: (asked) => (asked === entry ? id : undefined),
    load: (asked) => (asked === id ? { code: source, moduleType: 'ts' } : undefined),
  };
}

/** Looks `gatewire/…` up in `exports`, as bundlers do for browsers. */
function ownPackage(from) {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return {
    name: 'own-package',
    resolveId(id) {
      if (!/^gatewire(\/|$)/.test(id)) return undefined;
      const conditions = exports[id.replace('gatewire', '.')];
      if (conditions === undefined) throw new Error(`package.json exports no ${id}`);
      const file = (conditions.browser ?? conditions).import.default.replace('./dist/', '');
      if (from !== 'lib') return join(from, file);
      return join(root, file.replace(/^esm/, 'lib').replace(/js$/, 'ts'));
    },
  };
}
