/**
 * What browsers fetch: `npm run size` prints a table for README.md. Fails when the client has become larger than its
 * budget, or when something optional is in a program that does not use it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { bundle, initialChunks, ownFiles, sizeOf } from './bundle.mjs';
import { root } from './shell.mjs';

/**
 * All that is fetched until the first message after a reconnect: connection, requests, reconnect, resume, JSON. The plan
 * was 6 KB; streams, rooms, the outbox and its order take the rest. It goes down, or up for a promise that was broken.
 */
const budgetBytes = 11_500;

const client = "import { createClient } from 'gatewire/client';";
const connects = "globalThis.client = createClient({ url: '/chat' });";

/** Where optional parts are; each of their functions is measured. */
const doors = [
  'gatewire/client',
  'gatewire/client/storage',
  'gatewire/client/stages',
  'gatewire/client/flow',
  'gatewire/client/shared',
];

const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const measured = async (source) => sizeOf(initialChunks(await bundle(source)));

const chunks = await bundle(`${client} ${connects}`);
const base = sizeOf(initialChunks(chunks));
const rows = [['`createClient`', base]];
for (const door of doors.filter((one) => one.replace('gatewire', '.') in exports)) {
  for (const part of await functionsOf(door)) {
    const program = `${client} import { ${part} as part } from '${door}'; globalThis.part = part; ${connects}`;
    const size = await measured(program);
    if (size.minified > base.minified + 100) rows.push([`with \`${part}\``, size]);
  }
}
const other = "import { io } from 'socket.io-client'; globalThis.client = io('/chat');";
rows.push(['socket.io-client: `io`', await measured(other)]);

console.log('| in a bundle, fetched at the start | minified | min + gzip |');
console.log('| --- | --: | --: |');
for (const [name, { minified, gzip }] of rows)
  console.log(`| ${name} | ${grouped(minified)} B | ${grouped(gzip)} B |`);

if (process.argv.includes('--files')) {
  const files = ownFiles(initialChunks(chunks)).sort((one, other) => other.bytes - one.bytes);
  for (const { file, bytes } of files) console.log(`${String(bytes).padStart(6)}  ${file}`);
}

const faults = [...(await leftovers()), ...tooLarge()];
for (const fault of faults) console.error(fault);
process.exitCode = faults.length === 0 ? 0 : 1;

function tooLarge() {
  return base.gzip > budgetBytes
    ? [`createClient is ${base.gzip} B, more than its budget of ${budgetBytes} B`]
    : [];
}

/** Imports everything that a browser can, and uses `createClient` alone. */
async function leftovers() {
  const entries = Object.keys(exports).filter((entry) =>
    /^\.\/(client|msgpack|cbor)(?!\/(node|react|vue|rxjs))/.test(entry),
  );
  const imports = entries.map(
    (entry, at) => `import * as all${at} from '${entry.replace('.', 'gatewire')}';`,
  );
  const used = `all${entries.indexOf('./client')}.createClient({ url: '/chat' })`;
  const everything = await bundle(`${imports.join(' ')} globalThis.client = ${used};`);
  const own = new Set(ownFiles(initialChunks(chunks)).map(({ file }) => file));
  const left = ownFiles(initialChunks(everything)).filter(({ file }) => !own.has(file));
  const more = sizeOf(initialChunks(everything)).minified - base.minified;
  const names = left.map(({ file }) => file).join(', ');
  // Names of variables may come out a little longer or shorter.
  return left.length > 0 || more > 100
    ? [`not shaken off: ${more} B${names === '' ? '' : `, of ${names}`}`]
    : [];
}

async function functionsOf(door) {
  const { browser, ...conditions } = exports[door.replace('gatewire', '.')];
  const names = await import(join(root, (browser ?? conditions).import.default));
  return Object.keys(names).filter((name) => /^[a-z]/.test(name));
}

function grouped(bytes) {
  return bytes.toLocaleString('en-US');
}
