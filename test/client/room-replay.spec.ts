import type { Client } from '../../lib/client/client-api.js';
import type { AnyContract } from '../../lib/client/contract.js';
import { roomHistory } from '../../lib/client/history.js';
import { createClient } from '../../lib/client/index.js';
import type { ClientMiddleware } from '../../lib/client/middleware.js';
import type { ClientOptions } from '../../lib/client/options.js';
import { pipeline } from '../../lib/client/pipeline.js';
import { deduplicate } from '../../lib/client/stages/deduplicate.js';
import { memoryStorage, type StorageMemory } from '../../lib/client/storage/memory-storage.js';
import { MemoryMessageLog } from '../../lib/store/memory/memory-message-log.js';
import type { RoomRetention } from '../../lib/delivery/history-options.js';
import { FaultProxy } from '../consistency/fault-proxy.js';
import { EngineFixture } from '../support/engine-fixture.js';
import { until } from '../support/session-fixture.js';

const room = 'chat.1';

let log: MemoryMessageLog;
let server: EngineFixture;
let proxy: FaultProxy;
let clients: Client<AnyContract>[] = [];

async function start(retention: RoomRetention = {}, sessionMessages = 1_000): Promise<void> {
  log = new MemoryMessageLog();
  server = await EngineFixture.start({
    options: {
      // Outlives an engine, as a store does that is no part of the process.
      history: {
        rooms: { 'chat.*': retention },
        log: {
          append: (...args) => log.append(...args),
          read: (...args) => log.read(...args),
          remove: (...args) => log.remove(...args),
        },
      },
      session: { messages: sessionMessages },
      shutdown: { drainMs: 500 },
    },
    authorizers: [{ pattern: '**', canSubscribe: () => true, canPublish: () => true }],
    handlers: { ping: () => 'pong' },
  });
  proxy = await FaultProxy.start(() => Number(new URL(server.url).port));
}

afterEach(async () => {
  for (const client of clients) await client.close();
  clients = [];
  await server.stop();
  await proxy.stop();
});

/** A client in the room, with what it has heard and what it was told to be missing. */
async function enter(options: Partial<ClientOptions> = {}) {
  const client = createClient({ url: `ws://127.0.0.1:${proxy.port}`, reconnect: () => 5, ...options });
  clients.push(client);
  const heard: unknown[] = [];
  const gaps: unknown[] = [];
  client.when('gap', (gap) => gaps.push(gap));
  await client.subscribe(room, ({ data }) => heard.push(data)).ready;
  return { client, heard, gaps };
}

function publish(...numbers: number[]): void {
  for (const n of numbers) server.endpoint.server.publish(room, 'n', n);
}

/** As a server leaves it that dies between its history and a session. */
function leaveUnsent(data: unknown, meta?: object): void {
  const body = JSON.stringify({ event: 'n', data, meta });
  log.append(`/#${room}`, { body }, { count: 10, bytes: 1_000, ageMs: 60_000, latestPerKey: false });
}

it('gets what was published while the server was away, in order and once', async () => {
  await start();
  const { client, heard, gaps } = await enter();
  publish(1, 2);
  await until(() => heard.length === 2);
  await server.engine.close();
  server.startEngine();
  publish(3, 4);
  await until(() => heard.length === 4);
  publish(5);
  await until(() => heard.length === 5);
  expect(heard).toEqual([1, 2, 3, 4, 5]);
  // The session is another; the room has lost nothing.
  expect(gaps).toEqual([{}]);
  expect(client.state).toBe('open');
});

it.each([
  ['reaches back just far enough', 2, [1, 2, 3], [{}]],
  ['does not reach back so far', 1, [1], [{}, { room }]],
])('is told when the history %s', async (_what, count, expected, expectedGaps) => {
  await start({ count });
  const { heard, gaps } = await enter();
  publish(1);
  await until(() => heard.length === 1);
  await server.engine.close();
  server.startEngine();
  publish(2, 3);
  await until(() => heard.length === expected.length && gaps.length === expectedGaps.length);
  publish(4);
  await until(() => heard.at(-1) === 4);
  expect(heard).toEqual([...expected, 4]);
  expect(gaps).toEqual(expectedGaps);
});

it('asks for what a session has not kept', async () => {
  await start({}, 2);
  const { client, heard, gaps } = await enter({ reconnect: () => 50 });
  publish(1);
  await client.request('ping');
  const [connection] = server.endpoint.connections;
  proxy.current?.reset();
  await until(() => connection?.state === 'away');
  publish(2, 3, 4, 5, 6);
  await until(() => heard.length === 6);
  expect(heard).toEqual([1, 2, 3, 4, 5, 6]);
  expect(gaps).toEqual([{}]);
});

it('goes on after a reload from the last message that it has kept', async () => {
  await start();
  const memory: StorageMemory = new Map();
  const kept = () => ({ history: roomHistory(memoryStorage(memory), { rooms: { 'chat.*': {} } }) });
  const first = await enter(kept());
  publish(1, 2);
  await until(() => first.heard.length === 2);
  await first.client.close();
  publish(3, 4);
  const second = await enter(kept());
  await until(() => second.heard.length === 2);
  publish(5);
  await until(() => second.heard.length === 3);
  expect(second.heard).toEqual([3, 4, 5]);
  expect(second.gaps).toEqual([]);
  const read = await second.client.history(room);
  expect(read.map(({ data }) => data)).toEqual([1, 2, 3, 4, 5]);
});

it('does not take what was replaced for what is missing', async () => {
  await start({ latestPerKey: true });
  const { heard, gaps } = await enter();
  await server.engine.close();
  server.startEngine();
  for (const n of [1, 2, 3]) server.endpoint.server.publish(room, 'n', n, { key: 'one' });
  await until(() => heard.length === 1);
  publish(4);
  await until(() => heard.length === 2);
  expect(heard).toEqual([3, 4]);
  expect(gaps).toEqual([{}]);
});

it('begins again when the history has another life', async () => {
  await start();
  const { heard, gaps } = await enter();
  publish(1, 2);
  await server.endpoint.server.history(room).clear();
  publish(3);
  await until(() => heard.length === 3);
  proxy.current?.reset();
  publish(4);
  await until(() => heard.length === 4);
  expect(heard).toEqual([1, 2, 3, 4]);
  // Who sees another life cannot know how far the one before had come.
  expect(gaps).toEqual([{ room }]);
});

it('asks for what the history has and its session was not sent', async () => {
  await start();
  const { heard, gaps } = await enter();
  publish(1, 2);
  await until(() => heard.length === 2);
  leaveUnsent('unsent');
  publish(3, 4);
  await until(() => heard.length === 5);
  expect(heard).toEqual([1, 2, 'unsent', 3, 4]);
  expect(gaps).toEqual([]);
});

describe('with stages', () => {
  const meta = { key: 'k' };

  it('hears once what is in the history twice under one key, and goes on behind it', async () => {
    await start();
    const { heard, gaps } = await enter({ pipeline: pipeline(deduplicate()) });
    server.endpoint.server.publish(room, 'n', 'keyed', { meta });
    server.endpoint.server.publish(room, 'n', 'keyed', { meta });
    publish(2, 3);
    await until(() => heard.at(-1) === 3);
    expect(heard).toEqual(['keyed', 2, 3]);
    expect(gaps).toEqual([]);
  });

  it('hears what its session was not sent, though the repeat under its key was there before', async () => {
    await start();
    const { heard, gaps } = await enter({ pipeline: pipeline(deduplicate()) });
    publish(1);
    leaveUnsent('keyed', meta);
    server.endpoint.server.publish(room, 'n', 'keyed', { meta });
    publish(2);
    await until(() => heard.at(-1) === 2);
    expect(heard).toEqual([1, 'keyed', 2]);
    expect(gaps).toEqual([]);
  });

  it('is told of what nobody can read, and goes on behind it instead of asking for ever', async () => {
    await start();
    let asked = 0;
    const blind: ClientMiddleware = {
      name: 'blind',
      outbound({ envelope }, next) {
        if (envelope.event === '$subscribe') asked++;
        return next();
      },
      inboundFrame({ data }, next) {
        if (String(data).includes('bad')) throw new Error('unreadable');
        return next();
      },
    };
    const { heard, gaps } = await enter({ pipeline: pipeline(blind) });
    publish(1);
    server.endpoint.server.publish(room, 'n', 'bad');
    publish(2, 3);
    await until(() => heard.at(-1) === 3);
    server.endpoint.server.publish(room, 'n', 'bad again');
    publish(4);
    await until(() => heard.at(-1) === 4);
    expect(heard).toEqual([1, 2, 3, 4]);
    expect(gaps).toEqual([{ room }, { room }]);
    expect(asked).toBe(3);
  });

  it.each<[string, ClientMiddleware['inbound']]>([
    ['takes away', ({ envelope }, next) => (envelope.data === 'bad' ? undefined : next())],
    [
      'takes its time to take away',
      async ({ envelope }, next) => {
        await Promise.resolve();
        if (envelope.data !== 'bad') await next();
      },
    ],
    [
      'cannot read',
      ({ envelope }, next) => {
        if (envelope.data === 'bad') throw new Error('unreadable');
        return next();
      },
    ],
  ])('goes on behind a message that a stage %s', async (_what, inbound) => {
    await start();
    const { heard, gaps } = await enter({ pipeline: pipeline({ name: 'picky', inbound: inbound! }) });
    publish(1);
    server.endpoint.server.publish(room, 'n', 'bad');
    publish(2, 3);
    await until(() => heard.at(-1) === 3);
    expect(heard).toEqual([1, 2, 3]);
    expect(gaps).toEqual([]);
  });
});
