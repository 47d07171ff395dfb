import { connect } from 'node:net';
import { EngineFixture } from '../support/engine-fixture.js';

it('terminates a peer that floods pings and reads none of the pongs', async () => {
  const fixture = await EngineFixture.start();
  const { hostname, port } = new URL(fixture.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  const request = [
    'GET / HTTP/1.1',
    `Host: ${hostname}:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ];
  socket.write(`${request.join('\r\n')}\r\n\r\n`);
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  while (fixture.endpoint.connections.size === 0) await turn();
  socket.pause();
  // A ping with the longest payload (RFC 6455 section 5.5), masked with zeros.
  const ping = Buffer.concat([Buffer.from([0x89, 0xfd, 0, 0, 0, 0]), Buffer.alloc(125)]);
  const pings = Buffer.concat(Array.from({ length: 1000 }, () => ping));
  const [connection] = fixture.endpoint.connections;
  while (fixture.endpoint.connections.size > 0) {
    socket.write(pings);
    await turn();
  }
  expect(connection?.state).toBe('closed');
  socket.destroy();
  await fixture.stop();
});
