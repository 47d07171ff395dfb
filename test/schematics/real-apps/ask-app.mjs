import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';

import { WebSocket } from 'ws';

import { start } from './shell.mjs';

const startTimeoutMs = 20_000;

/** Serves a built application, asks its gateways over a real connection, and stops it. */
export async function askApp(folder, { validates }) {
  const port = await freePort();
  const app = start('node', ['dist/main'], { cwd: folder, env: { PORT: String(port) } });
  let output = '';
  for (const stream of [app.stdout, app.stderr]) stream.on('data', (chunk) => (output += chunk));
  try {
    await started(app, () => output);
    await ask(port, validates);
    const page = await fetch(`http://127.0.0.1:${port}/`);
    assert.equal(await page.text(), 'Hello World!', 'HTTP is served as before');
  } catch (error) {
    throw new Error(`${folder}: ${error.message}\n${output}`, { cause: error });
  } finally {
    app.kill('SIGKILL');
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
    assert.equal(typeof refusal.error?.code, 'string', JSON.stringify(refusal));
  }
  client.terminate();
}

async function request(client, envelope) {
  client.send(JSON.stringify(envelope));
  const [frame] = await once(client, 'message', { signal: AbortSignal.timeout(5_000) });
  return JSON.parse(frame.toString());
}

/** Waits for the line that Nest prints last; fails when the application ends before. */
async function started(app, output) {
  const ended = once(app, 'exit', { signal: AbortSignal.timeout(startTimeoutMs) }).then(([code]) => {
    throw new Error(`the application ended with ${code}`);
  });
  const ready = new Promise((resolve) => {
    app.stdout.on('data', () => output().includes('successfully started') && resolve());
  });
  await Promise.race([ready, ended]);
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
