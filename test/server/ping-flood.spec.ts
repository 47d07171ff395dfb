import { EngineFixture } from '../support/engine-fixture.js';
import { rawUpgrade } from '../support/raw-upgrade.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('terminates a peer that floods pings and reads none of the pongs', async () => {
  const fixture = await EngineFixture.start();
  const socket = await rawUpgrade(fixture.url);
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
