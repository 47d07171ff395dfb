import { EngineFixture } from '../support/engine-fixture.js';
import { rawUpgrade } from '../support/raw-upgrade.js';

let fixture: EngineFixture;
afterEach(() => fixture.stop());

const closeMs = 60;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('gives a peer closeMs to answer a close frame, then ends the socket', async () => {
  fixture = await EngineFixture.start({ options: { timeouts: { closeMs } } });
  const silent = await rawUpgrade(fixture.url);
  const polite = await fixture.connect();
  const connections = [...fixture.endpoint.connections];
  const since = performance.now();
  for (const connection of connections) connection.close(4000, 'enough');
  expect(await polite.closed).toEqual({ code: 4000, reason: 'enough' });
  const ended = new Promise<void>((resolve) => silent.once('end', resolve));
  expect(fixture.endpoint.connections.size).toBeGreaterThan(0);
  await ended;
  // The timer is that of `ws`, in whole milliseconds.
  expect(performance.now() - since).toBeGreaterThan(closeMs - 2);
  while (fixture.endpoint.connections.size > 0) await turn();
  expect(connections.map(({ state }) => state)).toEqual(['closed', 'closed']);
  silent.destroy();
});
