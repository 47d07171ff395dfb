import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';

import { WebSocket } from 'ws';

import { start, stop } from './shell.mjs';

const startTimeoutMs = 20_000;

/** Serves a built application, asks its gateways over a real connection, and stops it. */
export async function askApp(folder, { validates }) {
  const port = await freePort();
  const app = start('node', ['dist/main'], { cwd: folder, env: { PORT: String(port) } });
  let output = '';
  for (const stream of [app.stdout, app.stderr]) stream.on('data', (chunk) => (output += chunk));
  try {
    const page = await firstPage(app, port);
    assert.equal(page, 'Hello World!', 'HTTP is served as before');
    await ask(port, validates);
  } catch (error) {
    throw new Error(`${folder}: ${error.message}\n${output}`, { cause: error });
  } finally {
    stop(app);
  }
}

async function ask(port, validates) {
  const client = new WebSocket(`ws://127.0.0.1:${port}`);
  await once(client, 'open');
  for (const event of ['events.message', 'room-list.message']) {
    const answer = await request(client, { id: event, event, data: { text: 'hello' } });
    assert.deepEqual(answer, { id: event, data: { text: 'hello' } });
  }
  if (validates) {
    const refusal = await request(client, { id: 9, event: 'events.message', data: { text: 42 } });
    assert.equal(refusal.id, 9);
    assert.equal(refusal.error?.code, 'VALIDATION_FAILED', JSON.stringify(refusal));
  }
  client.terminate();
}

async function request(client, envelope) {
  client.send(JSON.stringify(envelope));
  const [frame] = await once(client, 'message', { signal: AbortSignal.timeout(5_000) });
  return JSON.parse(frame.toString());
}

/** Asks until the application listens; it says so nowhere. */
async function firstPage(app, port) {
  const deadline = Date.now() + startTimeoutMs;
  while (app.exitCode === null && Date.now() < deadline) {
    try {
      return await (await fetch(`http://127.0.0.1:${port}/`)).text();
    } catch {
      await setTimeout(50);
    }
  }
  throw new Error(
    app.exitCode === null ? 'the application does not listen' : 'the application ended by itself',
  );
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
