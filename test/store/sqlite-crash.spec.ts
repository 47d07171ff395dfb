import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { storeProgram } from '../support/store-program.js';
import { everything, StoreFiles } from './support/store-files.js';

const kills = Number(process.env['GATEWIRE_KILLS'] ?? 30);
const logNames = ['log-0', 'log-1', 'log-2'];

let files: StoreFiles;
beforeEach(() => void (files = new StoreFiles()));
afterEach(() => files.remove());

/** What a child was told is safe, until it was killed after so many answers. */
async function killedAfter(answers: number, durability: string, first: number): Promise<string[]> {
  const program = join(import.meta.dirname, 'support/appending-child.mjs');
  const child = spawn(process.execPath, [program, storeProgram(), files.file, durability, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (lines.length === answers) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  expect(child.signalCode).toBe('SIGKILL');
  return lines;
}

it.each(['full', 'normal'] as const)(
  'has every message that was confirmed after its process was killed, in its place and in one epoch: %s',
  async (durability) => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const rounds = Math.ceil(kills / 2);
    const confirmed = new Map<string, string>();
    for (let round = 0; round < rounds; round++) {
      const answers = 1 + ((seed >>> (round % 16)) % 700);
      for (const line of await killedAfter(answers, durability, round * 100_000)) {
        const [log, epoch, offset, number] = line.split(' ');
        confirmed.set(`${log} ${epoch} ${offset}`, number!);
      }
      const store = files.store({ durability });
      const kept = new Map<string, string>();
      for (const log of logNames) {
        const { epoch, entries } = await store.read(log, everything);
        expect(entries.map(({ offset }) => offset)).toEqual(entries.map((_, index) => index + 1));
        for (const { offset, body } of entries)
          kept.set(`${log} ${epoch} ${offset}`, String(body).split(' ')[0]!);
      }
      await store.close();
      const missing = [...confirmed].filter(([place, number]) => kept.get(place) !== number);
      expect({ seed, round, missing: missing.slice(0, 3) }).toEqual({ seed, round, missing: [] });
    }
    expect(confirmed.size).toBeGreaterThan(rounds * 20);
  },
  120_000 + kills * 3_000,
);
