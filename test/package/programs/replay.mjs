/** Replays a recording against a bare server, by each build and by the command. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { WebSocketServer } from 'ws';

const require = createRequire(import.meta.url);
const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
await once(server, 'listening');
server.on('connection', (socket) =>
  socket.on('message', (frame) => {
    const { id } = JSON.parse(frame.toString());
    socket.send(JSON.stringify({ id, data: 'now' }));
  }),
);
const url = `ws://127.0.0.1:${server.address().port}`;
const file = join(import.meta.dirname, 'traffic.ndjson');
const lines = [
  { type: 'recording', version: 1, startedAt: '2026-01-01T00:00:00.000Z', sample: 1 },
  { type: 'opened', at: 0, connection: 1, path: '/' },
  { type: 'in', at: 0, connection: 1, event: 'say', id: 1 },
  { type: 'out', at: 1, connection: 1, id: 1, data: 'then' },
];
writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));

const report = {};
const doors = { import: await import('gatewire/replay'), require: require('gatewire/replay') };
for (const [system, { replay }] of Object.entries(doors)) {
  const { isSame, differences } = await replay({ file, url, speed: 'max' });
  report[system] = [isSame, differences.map(({ kind, event }) => `${kind} ${event}`)];
}

const folder = join(import.meta.dirname, 'node_modules/gatewire');
const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
const program = join(folder, bin['gatewire-replay']);
const run = async (...args) => {
  const child = spawn(process.execPath, [program, file, url, ...args], { stdio: 'ignore' });
  const [code] = await once(child, 'exit');
  return code;
};
report.command = [await run(), await run('--ignore', 'data'), await run('--no-such-option')];
report.shebang = readFileSync(program, 'utf8').split('\n')[0];
console.log(JSON.stringify(report));
server.close();
for (const client of server.clients) client.terminate();
