import type { HistoryOptions } from '../../lib/delivery/history-options.js';
import { MemoryMessageLog } from '../../lib/store/memory/memory-message-log.js';
import { EngineFixture } from '../support/engine-fixture.js';
import type { TestClient } from '../support/test-client.js';
import { SlowLog } from './slow-log.js';

type Message = Record<string, unknown>;

let server: EngineFixture;
const authorizers = [{ pattern: '**', canSubscribe: () => true, canPublish: () => true }];

async function start(history: Partial<HistoryOptions> = {}): Promise<void> {
  server = await EngineFixture.start({
    authorizers,
    options: { history: { rooms: { 'chat.*': {}, kept: { count: 3 } }, ...history } },
  });
}

afterEach(() => server.stop());

const publish = (room: string, ...numbers: number[]): void => {
  for (const n of numbers) server.endpoint.server.publish(room, 'n', n);
};

async function enter(client: TestClient, room: string, since?: object): Promise<Message> {
  const { data } = await client.ask('$subscribe', { room, since });
  return data as Message;
}

/** The next messages of a room: `offset:data`. */
async function take(client: TestClient, count: number): Promise<string[]> {
  const taken: string[] = [];
  while (taken.length < count) {
    const { offset, data } = await client.nextJson();
    taken.push(`${offset as number}:${data as number}`);
  }
  return taken;
}

describe('a room with history', () => {
  beforeEach(() => start());

  it('numbers what is published, and says whose history it is with the first message', async () => {
    const client = await server.connect();
    const entered = await enter(client, 'chat.1');
    expect(entered).toEqual({ epoch: expect.any(String), offset: 0 });
    publish('chat.1', 10, 11);
    const { epoch } = entered;
    expect(await client.nextJson()).toEqual({ event: 'n', data: 10, room: 'chat.1', offset: 1, epoch });
    expect(await client.nextJson()).toEqual({ event: 'n', data: 11, room: 'chat.1', offset: 2 });
  });

  it('tells who enters where it is, and sends nothing of before that was not asked for', async () => {
    publish('chat.1', 1, 2);
    const client = await server.connect();
    const { offset, recovered } = await enter(client, 'chat.1');
    expect([offset, recovered]).toEqual([2, undefined]);
    publish('chat.1', 3);
    expect(await take(client, 1)).toEqual(['3:3']);
  });

  it('sends what was missed after the answer, in order, and goes on from there', async () => {
    const first = await server.connect();
    const { epoch } = await enter(first, 'chat.1');
    publish('chat.1', 1, 2, 3);
    const client = await server.connect();
    expect(await enter(client, 'chat.1', { epoch, offset: 1 })).toEqual({
      epoch,
      offset: 1,
      recovered: true,
    });
    publish('chat.1', 4);
    expect(await take(client, 3)).toEqual(['2:2', '3:3', '4:4']);
    expect(await take(first, 4)).toEqual(['1:1', '2:2', '3:3', '4:4']);
  });

  it('recovers when nothing was missed', async () => {
    const client = await server.connect();
    const { epoch } = await enter(client, 'chat.1');
    expect(await enter(client, 'chat.1', { epoch, offset: 0 })).toMatchObject({ recovered: true });
    publish('chat.1', 1);
    expect(await take(client, 1)).toEqual(['1:1']);
  });

  it.each([
    ['at the bound', 1, true],
    ['one past it', 0, false],
  ])('never passes a partial replay off as whole: %s', async (_what, offset, recovered) => {
    const client = await server.connect();
    const { epoch } = await enter(client, 'kept');
    publish('kept', 1, 2, 3, 4);
    const late = await server.connect();
    const entered = await enter(late, 'kept', { epoch, offset });
    expect(entered).toEqual({ epoch, offset: recovered ? offset : 4, recovered });
    publish('kept', 5);
    const expected = recovered ? ['2:2', '3:3', '4:4', '5:5'] : ['5:5'];
    expect(await take(late, expected.length)).toEqual(expected);
  });

  it.each([
    ['another life', { epoch: 'x', offset: 1 }],
    ['a place where nobody has been', { offset: 9 }],
  ])('does not recover from %s', async (_what, since) => {
    const client = await server.connect();
    const { epoch } = await enter(client, 'chat.1');
    publish('chat.1', 1);
    await take(client, 1);
    const entered = await enter(client, 'chat.1', { epoch, ...since });
    expect(entered).toEqual({ epoch, offset: 1, recovered: false });
    publish('chat.1', 2);
    expect(await take(client, 1)).toEqual(['2:2']);
  });

  it.each([[{ epoch: 'x' }], [{ epoch: 1, offset: 1 }], [{ epoch: 'x', offset: -1 }], ['x']])(
    'refuses since %j',
    async (since) => {
      const client = await server.connect();
      const { error } = await client.ask('$subscribe', { room: 'chat.1', since });
      expect(error).toMatchObject({ code: 'BAD_REQUEST' });
    },
  );

  it('remembers what clients publish, with bytes too', async () => {
    const client = await server.connect();
    const { epoch } = await enter(client, 'chat.1');
    expect(await client.ask('$publish', { room: 'chat.1', event: 'said', data: 'hi' }, 2)).toEqual({
      id: 2,
      data: null,
    });
    server.endpoint.server.publish('chat.1', 'bytes', Buffer.from([1, 2]), { meta: { of: 'me' } });
    const late = await server.connect();
    await enter(late, 'chat.1', { epoch, offset: 0 });
    expect(await late.nextJson()).toMatchObject({ event: 'said', data: 'hi', offset: 1 });
    expect(String(await late.next())).toContain('"meta":{"of":"me"},"room":"chat.1","offset":2');
  });

  it('is only for what is published to it', async () => {
    const client = await server.connect();
    const { epoch } = await enter(client, 'chat.1');
    server.endpoint.server.to('chat.1').emit('typing');
    server.endpoint.server.publish('chat.1', 'cursor', 1, { volatile: true });
    server.endpoint.server.publish('other.1', 'n', 1);
    publish('chat.1', 1);
    expect(await client.nextJson()).toEqual({ event: 'typing' });
    expect(await client.nextJson()).toEqual({ event: 'cursor', data: 1, room: 'chat.1' });
    expect(await client.nextJson()).toEqual({ event: 'n', data: 1, room: 'chat.1', offset: 1, epoch });
  });

  it('is read by the application, page by page', async () => {
    publish('chat.1', 1, 2, 3);
    const history = server.endpoint.server.history('chat.1');
    const { epoch, offset, isWhole, messages } = await history.read({ limit: 2 });
    expect({ epoch, offset, isWhole }).toEqual({ epoch: expect.any(String), offset: 3, isWhole: true });
    expect(messages.map(({ offset, event, data }) => [offset, event, data])).toEqual([
      [1, 'n', 1],
      [2, 'n', 2],
    ]);
    const rest = await history.read({ after: 2 });
    expect(rest.messages).toHaveLength(1);
    const latest = await server.engine.server.history('chat.1').read({ order: 'newest', limit: 1 });
    expect(latest.messages).toMatchObject([{ offset: 3, data: 3 }]);
  });

  it('begins another life when it is cleared', async () => {
    const client = await server.connect();
    const { epoch } = await enter(client, 'chat.1');
    publish('chat.1', 1);
    await server.endpoint.server.history('chat.1').clear();
    publish('chat.1', 2);
    expect(await client.nextJson()).toMatchObject({ offset: 1, epoch });
    const next = await client.nextJson();
    expect(next).toMatchObject({ offset: 1, data: 2, epoch: expect.any(String) });
    expect(next['epoch']).not.toBe(epoch);
    expect(await enter(client, 'chat.1', { epoch, offset: 1 })).toMatchObject({
      recovered: false,
      offset: 1,
    });
  });

  it('gives a subscriber of patterns what comes', async () => {
    const client = await server.connect();
    await client.ask('$subscribe', { room: 'chat.*', since: { epoch: 'x', offset: 1 } });
    publish('chat.1', 1);
    expect(await take(client, 1)).toEqual(['1:1']);
  });

  it('lets go of who leaves while it catches up', async () => {
    const client = await server.connect();
    const { epoch } = await enter(client, 'chat.1');
    publish('chat.1', 1);
    client.send({ event: '$subscribe', id: 7, data: { room: 'chat.1', since: { epoch, offset: 0 } } });
    client.send({ event: '$unsubscribe', id: 8, data: { room: 'chat.1' } });
    await client.ask('$publish', { room: 'chat.1', event: 'n', data: 2 }, 9);
    publish('chat.1', 3);
    const frames = client.unread.map((frame) => JSON.parse(String(frame)) as Message);
    expect(frames.filter(({ data }) => data === 2 || data === 3)).toEqual([]);
  });
});

describe('a room that keeps the latest of each key', () => {
  it('recovers with what is left', async () => {
    await start({ rooms: { 'state.*': { latestPerKey: true } } });
    const client = await server.connect();
    const { epoch } = await enter(client, 'state.1');
    const { server: app } = server.endpoint;
    for (const [key, n] of [
      ['a', 1],
      ['b', 2],
      ['a', 3],
    ] as const)
      app.publish('state.1', 'n', n, { key });
    const late = await server.connect();
    expect(await enter(late, 'state.1', { epoch, offset: 0 })).toMatchObject({ recovered: true });
    app.publish('state.1', 'n', 4, { key: 'b' });
    expect(await take(late, 3)).toEqual(['2:2', '3:3', '4:4']);
  });
});

describe('with a store that takes its time', () => {
  let log: SlowLog;
  beforeEach(async () => {
    log = new SlowLog(new MemoryMessageLog());
    await start({ log });
  });

  it('sends nothing before it is stored, and keeps the order', async () => {
    const client = await server.connect();
    const entering = enter(client, 'chat.1');
    await log.release();
    await entering;
    publish('chat.1', 1, 2);
    await client.ask('echo');
    expect(client.unread).toEqual([]);
    await log.release();
    expect(await take(client, 2)).toEqual(['1:1', '2:2']);
  });

  it('tells who publishes where it is', async () => {
    const { logged } = server.endpoint.server.publish('chat.1', 'n', 1);
    await log.release();
    await expect(logged).resolves.toMatchObject({ offset: 1 });
    await expect(server.endpoint.server.publish('plain', 'n', 1).logged).resolves.toBeUndefined();
  });

  it('sends nobody what could not be stored, says so, and goes on', async () => {
    const client = await server.connect();
    const entering = enter(client, 'chat.1');
    await log.release();
    await entering;
    log.failing = new Error('disk full');
    const { logged } = server.endpoint.server.publish('chat.1', 'n', 1);
    const asked = client.ask('$publish', { room: 'chat.1', event: 'n', data: 2 }, 5);
    await log.until(2);
    await log.release();
    await expect(logged).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await asked).toMatchObject({ error: { code: 'UNAVAILABLE' } });
    log.failing = null;
    publish('chat.1', 3);
    await log.release();
    expect(await take(client, 1)).toEqual(['1:3']);
    expect(server.engine.server.stats().stages).toMatchObject({ 'history.failed': 2 });
    expect(server.log.lines.join()).toContain('disk full');
  });

  it('refuses a subscriber whose place cannot be found', async () => {
    const client = await server.connect();
    log.failing = new Error('no connection');
    const entering = client.ask('$subscribe', { room: 'chat.1' });
    await log.until(1);
    await log.release();
    expect(await entering).toMatchObject({ error: { code: 'UNAVAILABLE' } });
  });
});
