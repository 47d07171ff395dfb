#!/usr/bin/env node
// node bench/restart.mjs [--sessions 10000 --missed 5 --durability full --only gatewire]             (README.md)
// A server with many sessions is killed and started again, and all clients come back at once: how long it takes, what they have
// lost, what the process needs. Before that, what a plain echo takes while a broadcast to all of them is written down. The peer is
// Socket.IO with its connection state recovery, which keeps sessions in the process.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { tick } from './lib/dialects.mjs';
import { ServerProcess } from './lib/server-process.mjs';
import { forEachClient, sessionClients } from './lib/session-clients.mjs';
import { sleep } from './lib/sleep.mjs';

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '10000' },
    missed: { type: 'string', default: '5' },
    durability: { type: 'string', default: 'full' },
    port: { type: 'string', default: '4610' },
    only: { type: 'string' },
  },
});
const [sessions, missed, port] = ['sessions', 'missed', 'port'].map((name) => Number(values[name]));
const contenders = {
  'socket.io': {
    kind: { file: 'socket-io.mjs', variant: 'recovery' },
    Client: sessionClients.socketIo,
    Plain: sessionClients.socketIo,
  },
  gatewire: {
    kind: { file: 'nest.mjs', variant: 'gatewire:durable' },
    Client: sessionClients.json,
    Plain: sessionClients.plain,
  },
};
/** Several loopback addresses, so that ports last. */
const hostOf = (index) => `127.0.0.${1 + (index % 8)}`;

for (const [name, contender] of Object.entries(contenders)) {
  if (values.only !== undefined && values.only !== name) continue;
  console.log(`\n${name}, ${sessions} sessions`);
  for (const [what, figure] of Object.entries(await measure(contender))) console.log(`  ${what}: ${figure}`);
}
process.exit(0);

async function measure({ kind, Client, Plain }) {
  const folder = mkdtempSync(join(tmpdir(), 'gatewire-bench-'));
  Object.assign(process.env, {
    STORE_FILE: join(folder, 'sessions.db'),
    STORE_DURABILITY: values.durability,
  });
  const figures = {};
  const timed = async (what, work) => {
    const start = performance.now();
    await work();
    figures[what] = `${((performance.now() - start) / 1000).toFixed(2)} s`;
  };
  let server = await ServerProcess.start(kind, port, []);
  const publisher = await joined(new Client(), 0);
  const clients = Array.from({ length: sessions }, () => new Client());
  await timed('begun', () => forEachClient(clients, joined));
  figures['an echo in a session'] = await echoes(Client, () => undefined);
  figures['an echo without a session'] = await echoes(Plain, () => undefined);
  await timed('one broadcast, received by all', async () => {
    publisher.publish(1, tick);
    await Promise.all(clients.map((client) => client.until(1)));
  });
  figures['an echo without a session, broadcasts meanwhile'] = await echoes(Plain, () =>
    publisher.publish(5, tick),
  );
  await Promise.all(clients.map((client) => client.until(6)));

  await server.kill();
  for (const client of [...clients, publisher]) client.cut();
  await timed('killed; the next process listens', async () => {
    server = await ServerProcess.start(kind, port, []);
  });
  // To those who are away.
  const again = await joined(new Client(), 0);
  again.publish(missed, tick);
  await sleep(2_000);
  await timed('all back', () =>
    forEachClient(clients, async (client, index) => {
      await client.connect(port, hostOf(index));
      if (client.isRecovered) await client.until(6 + missed);
    }),
  );
  await sleep(500);
  const { memory } = await server.ask('memory');
  const received = clients.reduce((sum, client) => sum + client.received - 6, 0);
  figures['sessions that go on'] = clients.filter((client) => client.isRecovered).length;
  figures['messages they missed'] = `${sessions * missed}, received ${received}`;
  figures['memory for each'] = `${perSession(memory.rss)} RSS, ${perSession(memory.heapUsed)} heap`;
  for (const client of [...clients, again]) client.cut();
  await server.stop();
  rmSync(folder, { recursive: true });
  return figures;
}

async function joined(client, index) {
  await client.connect(port, hostOf(index));
  client.join();
  return client;
}

function perSession(bytes) {
  return `${(bytes / sessions / 1024).toFixed(1)} KB`;
}

/** Round trips of one client, one at a time, in two seconds in which something else is done. */
async function echoes(Client, work) {
  const client = new Client();
  await client.connect(port, '127.0.0.1');
  const times = [];
  work();
  const until = performance.now() + 2_000;
  while (performance.now() < until) {
    const at = performance.now();
    await client.echo();
    times.push(performance.now() - at);
  }
  client.cut();
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.floor(times.length * share)].toFixed(2);
  return `median ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(0.9999)} ms`;
}
