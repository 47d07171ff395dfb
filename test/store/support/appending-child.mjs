/**
 * Appends to a store for as long as it lives, in bursts to several logs, and prints each position when it is confirmed:
 * `node appending-child.mjs <compiled program> <file> <durability> <first number>`.
 */
import { join } from 'node:path';

const [program, file, durability, first] = process.argv.slice(2);
const { SqliteMessageLog } = await import(join(program, 'store/sqlite/index.js'));

const store = new SqliteMessageLog({
  file,
  durability,
  onLoss: (error) => process.stdout.write(`lost ${error.message}\n`),
});
const retention = { count: Infinity, bytes: Infinity, ageMs: Infinity, latestPerKey: false };
let number = Number(first);

async function append(log) {
  const body = `${++number} ${'x'.repeat((number * 37) % 900)}`;
  const { epoch, offset } = await store.append(log, { body }, retention);
  process.stdout.write(`${log} ${epoch} ${offset} ${body.split(' ')[0]}\n`);
}

/** Several that do not wait for each other: whenever the process is killed, a commit is on its way. */
async function keepAppending(log, most) {
  for (;;) await Promise.all(Array.from({ length: 1 + (number % most) }, () => append(log)));
}
for (let i = 0; i < 6; i++) void keepAppending(`log-${i % 3}`, [1, 4, 30][i % 3]);
