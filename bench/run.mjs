#!/usr/bin/env node
// npm run bench [-- --rows reply,async --rounds 5 --quick --profile gatewire]        (README.md)
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { check } from './check.mjs';
import { measure } from './lib/measure.mjs';
import { medianRatio } from './lib/statistics.mjs';
import { topFunctions } from './lib/top-functions.mjs';
import { plain, rows, servers } from './rows.mjs';

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string' },
    rounds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    profile: { type: 'string' },
  },
});
const rounds = Number(options.rounds ?? (options.quick ? 1 : 5));
const asked = options.rows?.split(',');
const chosen = rows.filter(({ id }) => asked === undefined || asked.includes(id));
const unknown = asked?.filter((id) => !rows.some((row) => row.id === id)) ?? [];
if (unknown.length > 0)
  throw new Error(`no row ${unknown.join(', ')}; there are: ${rows.map(({ id }) => id).join(', ')}`);
const results = fileURLToPath(new URL('./results/', import.meta.url));
mkdirSync(results, { recursive: true });

/** A server with what a row adds to it. */
function contender(name, { variant, contenders }) {
  if (contenders !== undefined) return contenders[name];
  if (name === 'plain') return plain;
  const server = servers[name];
  return variant !== undefined && server.file === 'nest.mjs'
    ? { ...server, variant: `${server.variant}:${variant}` }
    : server;
}

/** One round: every server once; the next round goes the other way round. */
async function runRound(row, isReversed) {
  const measured = new Map();
  const among = row.reference === 'plain' ? ['plain', ...row.among] : row.among;
  for (const name of isReversed ? among.toReversed() : among) {
    const nodeArgs = options.profile === name ? ['--cpu-prof', `--cpu-prof-dir=${results}profile`] : [];
    try {
      measured.set(name, await measure(contender(name, row), row, nodeArgs));
    } catch (error) {
      console.error(`${row.id}, ${name}: ${error.message}`);
    }
  }
  return measured;
}

const names = Object.keys(servers);
let port = 19_000;
for (const name of names) await check(name, servers[name], port++);

const lines = [
  `| work (ratio to bare \`ws\`) | ${names.slice(1).join(' | ')} | to reach |`,
  `| --- |${' --- |'.repeat(names.length - 1)} --- |`,
];
const record = [];
let missed = 0;
for (const row of chosen) {
  const measured = [];
  for (let round = 0; round < rounds; round++) measured.push(await runRound(row, round % 2 === 1));
  const reference = row.reference ?? 'ws';
  const ratio = (name) => medianRatio(measured, name, reference, row.metric);
  const cells = names
    .slice(1)
    .map((name) => (row.among.includes(name) && name !== reference ? format(ratio(name)) : '–'));
  const ours = ratio('gatewire')?.median ?? NaN;
  const isReached = row.atLeast === undefined ? ours <= row.atMost : ours >= row.atLeast;
  if (!isReached) missed++;
  const goal = `${row.atLeast === undefined ? `≤ ${row.atMost}` : `≥ ${row.atLeast}`}${isReached ? '' : ' (missed)'}`;
  lines.push(`| ${row.title} | ${cells.join(' | ')} | ${goal} |`);
  console.error(lines.at(-1));
  record.push({ row: row.id, rounds: measured.map((round) => Object.fromEntries(round)) });
}
console.log(`${lines.join('\n')}\n\n${circumstances()}`);
writeFileSync(`${results}${Date.now()}.json`, JSON.stringify(record, null, 1));
if (options.profile !== undefined) console.log(topFunctions(`${results}profile`));
if (missed > 0) console.log(`${missed} of ${chosen.length} rows missed`);

function format(ratio) {
  if (ratio === undefined) return 'failed';
  const digits = (number) => number.toFixed(number >= 10 ? 1 : 2);
  return `${digits(ratio.median)} (${digits(ratio.lowest)}–${digits(ratio.highest)})`;
}

function circumstances() {
  const require = createRequire(import.meta.url);
  const version = (name) => `${name} ${require(`${name}/package.json`).version}`;
  const packages = ['ws', 'socket.io'].map(version).join(', ');
  const nest = require('@nestjs/core/package.json').version;
  return `Medians of ${rounds} interleaved rounds (lowest–highest). ${os.cpus().length} × ${os.cpus()[0]?.model}, Node ${process.version}, ${packages}, Nest ${nest}.`;
}
