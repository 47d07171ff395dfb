/**
 * Changes sessions for as long as it lives, in bursts, and prints each change when it is confirmed:
 * `node writing-child.mjs <compiled program> <file> <durability> <life>`.
 */
import { join } from 'node:path';

const [program, file, durability, life] = process.argv.slice(2);
const { SqliteSessionStore } = await import(join(program, 'store/sqlite/index.js'));

const owner = `node/${life}`;
const store = new SqliteSessionStore({
  file,
  durability,
  onLoss: (error) => process.stdout.write(`lost ${error.message}\n`),
});
const tell = (words) => process.stdout.write(`${words.join(' ')}\n`);
/** Number of the last message of each. */
const sessions = new Map();
for (const { record, last } of await store.adopt(owner)) sessions.set(record.id, last);

async function begin(id) {
  sessions.set(id, 0);
  const record = { id, tokenHash: 'h', endpoint: '/', encoding: 'json', url: '/', remembers: 100_000 };
  await store.write(id, owner, { begin: record, rooms: [id] });
  tell(['begun', id]);
}

/** Two messages and an outcome, and the room tells how far it is. */
async function change(id) {
  const last = sessions.get(id) + 2;
  sessions.set(id, last);
  const frames = Buffer.from(`${id} ${last} `.padEnd(10 + ((last * 37) % 900), 'x'));
  const outcome = { event: 'e', kind: 'value', json: `${last}` };
  await store.write(id, owner, {
    sent: [{ first: last - 1, count: 2, frames }],
    settled: [{ id: last, outcome }],
    rooms: [`${last}`],
    ...(last > 40 && last % 20 === 0 && { forget: last - 30 }),
  });
  tell(['changed', id, last]);
}

/** Several that do not wait for each other: whenever the process is killed, a commit is on its way. */
async function keepChanging(id, most) {
  for (let i = 0; ; i++) await Promise.all(Array.from({ length: 1 + (i % most) }, () => change(id)));
}

async function keepEnding(id) {
  for (let i = 0; ; i++) {
    await begin(`${id}-${i}`);
    await change(`${id}-${i}`);
    await store.write(`${id}-${i}`, owner, { end: true });
    tell(['ended', `${id}-${i}`]);
  }
}

for (const [index, id] of ['a', 'b', 'c'].entries()) {
  if (!sessions.has(id)) await begin(id);
  void keepChanging(id, [1, 4, 30][index]);
}
void keepEnding(`short-${life}`);
