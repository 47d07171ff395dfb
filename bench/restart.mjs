#!/usr/bin/env node
// node bench/restart.mjs [--sessions 10000 --durability full --missed 5]                             (README.md)
// Sessions whose server is killed: how long the next process takes until all of them have what they have missed, and what it needs.
// Beside that, what a plain echo takes while messages to all of them are written down.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { WebSocket } from 'ws';

import { tick } from './lib/dialects.mjs';
import { ServerProcess } from './lib/server-process.mjs';
import { forEachClient, sessionClients } from './lib/session-clients.mjs';

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '10000' },
    missed: { type: 'string', default: '5' },
    durability: { type: 'string', default: 'full' },
    port: { type: 'string', default: '4610' },
  },
});
const [sessions, missed, port] = ['sessions', 'missed', 'port'].map((name) => Number(values[name]));
const folder = mkdtempSync(join(tmpdir(), 'gatewire-bench-'));
Object.assign(process.env, { STORE_FILE: join(folder, 'sessions.db'), STORE_DURABILITY: values.durability });
const kind = { file: 'nest.mjs', variant: 'gatewire:durable' };
const hostOf = (index) => `127.0.0.${1 + (index % 8)}`;
const since = (start) => `${((performance.now() - start) / 1000).toFixed(2)} s`;

let server = await ServerProcess.start(kind, port, []);
const publisher = new sessionClients.json();
await publisher.connect(port, '127.0.0.1');
const clients = Array.from({ length: sessions }, () => new sessionClients.json());
let start = performance.now();
await forEachClient(clients, async (client, index) => {
  await client.connect(port, hostOf(index));
  client.join();
});
console.log(`${sessions} durable sessions (${values.durability}) begun: ${since(start)}`);
start = performance.now();
publisher.publish(1, tick);
await Promise.all(clients.map((client) => client.until(1)));
console.log(`a broadcast written down for each of them, and received: ${since(start)}`);
console.log(`plain echoes meanwhile, milliseconds: ${await echoesWhile(() => publisher.publish(5, tick))}`);
await Promise.all(clients.map((client) => client.until(6)));

for (const client of clients) client.cut();
publisher.cut();
await server.kill();
start = performance.now();
server = await ServerProcess.start(kind, port, []);
console.log(`killed; the next process listens, with all sessions in their rooms: ${since(start)}`);
const again = new sessionClients.json();
await again.connect(port, '127.0.0.1');
again.publish(missed, tick);
await new Promise((resolve) => setTimeout(resolve, 2_000));
start = performance.now();
await forEachClient(clients, async (client, index) => {
  await client.connect(port, hostOf(index));
  await client.until(6 + missed);
});
const { memory } = await server.ask('memory');
const lost = clients.filter(({ isRecovered, received }) => !isRecovered || received !== 6 + missed).length;
console.log(`all back with ${missed} missed messages each: ${since(start)}; ${lost} have lost something`);
console.log(
  `memory of the process for each: ${Math.round(memory.rss / sessions)} B RSS, ${Math.round(memory.heapUsed / sessions)} B heap`,
);
await server.stop();
rmSync(folder, { recursive: true });
process.exit(lost === 0 ? 0 : 1);

/** Round trips of one plain connection, one at a time, while something else is done. */
async function echoesWhile(work) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { perMessageDeflate: false });
  await new Promise((resolve) => socket.on('open', resolve));
  const times = [];
  work();
  const until = performance.now() + 2_000;
  for (let id = 1; performance.now() < until; id++) {
    const at = performance.now();
    const answered = new Promise((resolve) => socket.once('message', resolve));
    socket.send(JSON.stringify({ event: 'echo', data: { name: 'x' }, id }));
    await answered;
    times.push(performance.now() - at);
  }
  socket.terminate();
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.floor(times.length * share)].toFixed(2);
  return `median ${at(0.5)}, p99 ${at(0.99)}, longest ${at(0.9999)}`;
}
