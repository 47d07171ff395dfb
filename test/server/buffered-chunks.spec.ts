import { once } from 'node:events';
import type { Socket } from 'node:net';
import { EngineFixture } from '../support/engine-fixture.js';
import { rawUpgrade } from '../support/raw-upgrade.js';

const limit = 16;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A text message of `chunks` bytes, each of which reaches the server alone. */
async function dribble(socket: Socket, server: Socket, chunks: number): Promise<void> {
  const text = JSON.stringify({ event: 'x' }).padEnd(chunks);
  const header = Buffer.from([0x81, 0x80 | chunks, 0, 0, 0, 0]);
  for (const chunk of [header, ...Buffer.from(text).map((byte) => byte)]) {
    const before = server.bytesRead;
    socket.write(typeof chunk === 'number' ? Buffer.from([chunk]) : chunk);
    while (server.bytesRead === before) await turn();
  }
}

it.each([
  [limit, 0x81],
  [limit + 1, 0x88],
])('a message that comes in %d chunks, of %i allowed', async (chunks, opcode) => {
  const fixture = await EngineFixture.start({
    options: { limits: { maxBufferedChunks: limit } },
    handlers: { x: () => ({ event: 'x', data: 'whole' }) },
  });
  const accepted = once(fixture.httpServer, 'connection') as Promise<[Socket]>;
  const socket = await rawUpgrade(fixture.url);
  const [server] = await accepted;
  const answer = once(socket, 'data') as Promise<[Buffer]>;
  await dribble(socket, server, chunks);
  const [frame] = await answer;
  expect(frame[0]).toBe(opcode);
  if (opcode === 0x88) expect(frame.readUInt16BE(2)).toBe(1008);
  socket.destroy();
  await fixture.stop();
});
