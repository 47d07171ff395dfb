import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import type { Connection } from '../../lib/connection/connection.js';
import { CuttingProxy } from '../support/cutting-proxy.js';
import { SessionClient } from '../support/session-client.js';
import { SessionFixture } from '../support/session-fixture.js';

let at: SessionFixture;
let proxy: CuttingProxy;

afterEach(async () => {
  await at.fixture.stop();
  await proxy.close();
});

/** How the next number is sent. */
const ways = {
  emit: (connection, n) => connection.emit('n', n),
  broadcast: (_connection, n) => at.server.emit('n', n),
  fragments: (connection, n) =>
    connection.emit('n', n, { fragmentBytes: 3, meta: { filling: 'x'.repeat(20) } }),
  long: (connection, n) => connection.emit('n', n, { meta: { filling: 'x'.repeat(70_000) } }),
  raw: (connection, n) => connection.send(`{"data":${n}}`),
  turn: () => undefined,
} satisfies Record<string, (connection: Connection, n: number) => unknown>;

type Way = keyof typeof ways;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What the client has seen when the network is as bad as the schedule says. */
async function play(schedule: readonly Way[], cutAfter: readonly number[]): Promise<number[]> {
  const seen: number[] = [];
  let client = await SessionClient.open(proxy.url);
  const connection = at.connected.at(-1) as Connection;
  const cuts = [...cutAfter];
  const nextCut = (): void => void (proxy.bytesLeft = cuts.shift() ?? Infinity);
  let sent = 0;
  const sending = (async () => {
    for (const way of schedule) {
      if (way === 'turn') await turn();
      else ways[way](connection, ++sent);
    }
  })();
  nextCut();
  const count = schedule.filter((way) => way !== 'turn').length;
  const listen = async (): Promise<void> => {
    while (seen.length < count) seen.push((await client.next())['data'] as number);
  };
  while (seen.length < count) {
    try {
      await listen();
    } catch {
      // Cut: and so may be the next, in the middle of its handshake or of what is sent again.
      nextCut();
      client = await reopen(client, nextCut);
    }
  }
  await sending;
  proxy.bytesLeft = Infinity;
  client.client.close(1000);
  await client.client.closed;
  expect(client.client.unread).toEqual([]);
  return seen;
}

async function reopen(before: SessionClient, nextCut: () => void): Promise<SessionClient> {
  for (;;) {
    try {
      const client = await SessionClient.open(proxy.url, before);
      expect(client.welcome).toMatchObject({ resumed: true, recovered: true });
      return client;
    } catch (error) {
      if ((error as Error).message.includes('expect')) throw error;
      nextCut();
    }
  }
}

it('loses nothing and doubles nothing, wherever the network is cut', async () => {
  at = await SessionFixture.start({ options: { session: { bytes: 4 * 1024 * 1024 } } });
  proxy = await CuttingProxy.start((at.fixture.httpServer.address() as AddressInfo).port);
  const way = fc.constantFrom(...(Object.keys(ways) as Way[]));
  await fc.assert(
    fc.asyncProperty(
      fc.array(way, { minLength: 1, maxLength: 30 }),
      fc.array(fc.oneof(fc.nat(120), fc.nat(1200), fc.nat(200_000)), { maxLength: 6 }),
      async (schedule, cutAfter) => {
        const seen = await play(schedule, cutAfter);
        expect(seen).toEqual(seen.map((_, index) => index + 1));
      },
    ),
    // What is being made smaller when the time is up is told as it is.
    { numRuns: 150, interruptAfterTimeLimit: 45_000, markInterruptAsFailure: true },
  );
  // Not a test of a network that is never cut.
  expect(proxy.cuts).toBeGreaterThan(100);
  expect(at.counters['messagesReplayed']).toBeGreaterThan(100);
}, 60_000);
