import type { SlowConsumerPolicy } from '../../lib/connection/slow-consumer.js';
import { SessionFixture, until } from '../support/session-fixture.js';
import type { SessionClient } from '../support/session-client.js';

let at: SessionFixture;

afterEach(() => at.fixture.stop());

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const text = 'x'.repeat(16 * 1024);

/** A client that does not read, sent more than any buffer of the system hides. Returns how many messages that were. */
async function stall(
  slowConsumer: SlowConsumerPolicy,
  sessionBytes: number,
): Promise<[SessionClient, number]> {
  at = await SessionFixture.start({
    options: {
      slowConsumer,
      timeouts: { closeMs: 100 },
      session: { bytes: sessionBytes, messages: 100_000 },
    },
  });
  const client = await at.open();
  client.client.socket.pause();
  let sent = 0;
  while (sent < 4096 && at.connection.state === 'open') {
    at.connection.emit('n', `${++sent} ${text}`);
    if (sent % 64 === 0) await turn();
  }
  return [client, sent];
}

const numberOf = (data: unknown): number => Number((data as string).split(' ')[0]);

it('a client that reads too slowly is away, and gets the rest when it is back: also what found no room', async () => {
  const [client, sent] = await stall('disconnect', 128 * 1024 * 1024);
  expect(at.connection.state).toBe('away');
  expect(at.connection.session?.left).toMatchObject({ code: 1013 });
  expect(at.counters).toMatchObject({ slowConsumersClosed: 1 });
  at.connection.emit('n', `${sent + 1} ${text}`);
  client.client.socket.resume();
  expect([1006, 1013]).toContain((await client.client.closed).code);
  const seen = (await client.take(client.client.unread.length)).map(numberOf);
  const back = await at.open(client);
  expect(back.welcome).toMatchObject({ resumed: true, recovered: true });
  seen.push(...(await back.take(sent + 1 - seen.length)).map(numberOf));
  expect(seen).toEqual(Array.from({ length: sent + 1 }, (_, index) => index + 1));
  expect(at.connection.state).toBe('open');
  expect(at.disconnected).toEqual([]);
});

it('a client that has missed more than is kept is told so', async () => {
  const [client] = await stall('disconnect', 1024 * 1024);
  await client.cut();
  const back = await at.open({ welcome: client.welcome, token: client.token, seq: 1 });
  expect(back.welcome).toMatchObject({ resumed: true, recovered: false });
  at.connection.emit('n', 'now');
  expect(await back.take(1)).toEqual(['now']);
});

it.each<SlowConsumerPolicy>(['drop-oldest', 'drop-newest', 'latest-only'])(
  'what %s drops has no number: the rest comes whole',
  async (policy) => {
    const [client, sent] = await stall(policy, 128 * 1024 * 1024);
    expect(at.connection.state).toBe('open');
    const dropped = at.counters['framesDropped'] as number;
    expect(dropped).toBeGreaterThan(0);
    await client.cut();
    await until(() => at.connection.state === 'away');
    const { unread } = client.client;
    const seen = (await client.take(unread.length)).map(numberOf);
    const back = await at.open(client);
    expect(back.welcome).toMatchObject({ recovered: true, seq: client.seq + 1 });
    seen.push(...(await back.take(sent - dropped - seen.length)).map(numberOf));
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
    expect(at.connection.session?.sent).toBe(sent - dropped);
    expect(back.client.unread).toEqual([]);
  },
);

it('what is repeated does not count against the bound of what waits', async () => {
  at = await SessionFixture.start({ options: { limits: { sendQueueBytes: 64 * 1024 } } });
  const client = await at.open();
  await at.cut(client);
  for (let n = 1; n <= 60; n++) at.connection.emit('n', `${n} ${text}`);
  const back = await at.open(client);
  for (let n = 61; n <= 64; n++) at.connection.emit('n', `${n} ${n}`);
  expect((await back.take(64)).map(numberOf)).toEqual(Array.from({ length: 64 }, (_, index) => index + 1));
  expect(at.connection.state).toBe('open');
});
