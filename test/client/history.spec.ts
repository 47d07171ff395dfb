import { createClient } from '../../lib/client/index.js';
import type { Client, RoomMessage } from '../../lib/client/client-api.js';
import type { AnyContract } from '../../lib/client/contract.js';
import { type RoomHistory, roomHistory, type RoomHistoryOptions } from '../../lib/client/history.js';
import { persist } from '../../lib/client/keeper.js';
import type { Port } from '../../lib/client/shared/messages.js';
import { serveClient, type SharedWorkerScope } from '../../lib/client/shared/serve-client.js';
import { sharedClient } from '../../lib/client/shared/shared-client.js';
import { memoryStorage, type StorageMemory } from '../../lib/client/storage/memory-storage.js';
import type { ClientStorage } from '../../lib/client/storage.js';
import { EngineFixture } from '../support/engine-fixture.js';

describe('the history of rooms', () => {
  let memory: StorageMemory;
  let now: number;
  let failures: unknown[];

  beforeEach(() => {
    memory = new Map();
    now = 1_700_000_000_000;
    failures = [];
  });

  function history(options: Partial<RoomHistoryOptions> = {}, storage = memoryStorage(memory)): RoomHistory {
    const make = roomHistory(storage, { rooms: { '**': {} }, now: () => now, ...options });
    return make((error) => failures.push(error));
  }

  async function texts(of: RoomHistory, room = 'a'): Promise<unknown[]> {
    return (await of.read(room)).map(({ data }) => data);
  }

  function hear(by: RoomHistory, from: number, to: number, room = 'a'): void {
    for (let data = from; data <= to; data++) by.record({ event: 'said', data, room });
  }

  it('gives the messages of a room as they came, and of no other', async () => {
    const kept = history();
    const bytes = Uint8Array.of(0, 255);
    kept.record({ event: 'said', data: { text: 'ä' }, room: 'a', offset: 1, meta: { x: 1 } });
    kept.record({ event: 'left', room: 'a' });
    kept.record({ event: 'said', data: bytes, room: 'a"' });
    kept.record({ event: 'said', data: 1 });
    kept.record({ id: 1, data: 1 });
    expect(await kept.read('a')).toEqual<RoomMessage[]>([
      { event: 'said', data: { text: 'ä' }, room: 'a' },
      { event: 'left', data: null, room: 'a' },
    ]);
    expect(await kept.read('a"')).toEqual([{ event: 'said', data: bytes, room: 'a"' }]);
    expect(await kept.read('b')).toEqual([]);
    expect(await kept.read('')).toEqual([]);
  });

  it('has after a reload what it had, and goes on behind it, also when the clock was set back', async () => {
    const first = history();
    hear(first, 1, 3);
    await first.close();
    now -= 60_000;
    const second = history();
    hear(second, 4, 5);
    expect(await texts(second)).toEqual([1, 2, 3, 4, 5]);
    await second.close();
    const third = history();
    hear(third, 6, 6);
    expect(await texts(third)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('keeps as many messages as it may, and not one more', async () => {
    const kept = history({ rooms: { a: { count: 3 } } });
    hear(kept, 1, 3);
    expect(await texts(kept)).toEqual([1, 2, 3]);
    hear(kept, 4, 4);
    expect(await texts(kept)).toEqual([2, 3, 4]);
    expect(memory.size).toBe(3);
  });

  it('keeps as many bytes as it may, and not one more', async () => {
    // {"event":"e","data":"xxxx"} has 27 bytes; "ä" has two.
    const kept = history({ rooms: { a: { bytes: 54 } } });
    const say = (data: string): void => kept.record({ event: 'e', data, room: 'a' });
    say('1234');
    say('ää');
    expect(await texts(kept)).toEqual(['1234', 'ää']);
    say('12345');
    expect(await texts(kept)).toEqual(['12345']);
    say('x'.repeat(31));
    expect(await texts(kept)).toEqual(['x'.repeat(31)]);
    // Alone it is more than all of them may be: the others stay.
    say('x'.repeat(32));
    expect(await texts(kept)).toEqual(['x'.repeat(31)]);
    expect(memory.size).toBe(1);
  });

  it('keeps messages as long as it may, and not a millisecond longer', async () => {
    const kept = history({ rooms: { a: { ageMs: 1_000 } } });
    hear(kept, 1, 1);
    now += 1;
    hear(kept, 2, 2);
    now += 999;
    expect(await texts(kept)).toEqual([1, 2]);
    now += 1;
    expect(await texts(kept)).toEqual([2]);
    now += 1;
    await kept.close();
    const later = history({ rooms: { a: { ageMs: 1_000 } } });
    expect(await texts(later)).toEqual([]);
    expect(memory.size).toBe(0);
  });

  it('keeps any number of any age where there are no limits', async () => {
    const kept = history({ rooms: { a: { count: false, bytes: false, ageMs: false } } });
    await kept.read('a');
    hear(kept, 1, 1_000);
    now += 1e12;
    hear(kept, 1_001, 1_001);
    expect((await texts(kept)).length).toBe(1_001);
  });

  it('keeps of a room what the first pattern that fits it says, and of others nothing', async () => {
    const kept = history({ rooms: { 'chat.vip': { count: 2 }, 'chat.*': { count: 1 } } });
    for (const room of ['chat.vip', 'chat.all', 'news']) hear(kept, 1, 3, room);
    expect(await texts(kept, 'chat.vip')).toEqual([2, 3]);
    expect(await texts(kept, 'chat.all')).toEqual([3]);
    expect(await texts(kept, 'news')).toEqual([]);
    await kept.close();
    // Options may be others in the next life.
    const later = history({ rooms: { 'chat.vip': { count: 1 } } });
    expect(await texts(later, 'chat.vip')).toEqual([3]);
    expect(memory.size).toBe(1);
  });

  it('forgets the room that has been silent the longest when there are too many', async () => {
    const kept = history({ maxRooms: 2 });
    hear(kept, 1, 1, 'a');
    now++;
    hear(kept, 1, 1, 'b');
    now++;
    hear(kept, 2, 2, 'a');
    expect(await texts(kept, 'b')).toEqual([1]);
    hear(kept, 1, 1, 'c');
    expect(await texts(kept, 'b')).toEqual([]);
    expect(await texts(kept, 'a')).toEqual([1, 2]);
    await kept.close();
    const later = history({ maxRooms: 1 });
    expect(await texts(later, 'a')).toEqual([]);
    expect(await texts(later, 'c')).toEqual([1]);
    expect(memory.size).toBe(1);
  });

  it('keeps the newest of the messages that come while the storage is being read', async () => {
    const kept = history({ rooms: { a: { count: false } } });
    hear(kept, 0, 1_000);
    expect(await texts(kept)).toEqual(Array.from({ length: 1_000 }, (_, at) => at + 1));
  });

  it('tells of a storage that fails: by an error, and to who reads', async () => {
    const failing: ClientStorage = {
      load: () => Promise.reject(new Error('no storage')),
      save: () => Promise.reject(new Error('no storage')),
      close: () => Promise.resolve(),
    };
    const kept = history({}, failing);
    hear(kept, 1, 2_000);
    await expect(kept.read('a')).rejects.toThrow('no storage');
    await kept.close();
    expect(failures).toEqual([new Error('no storage')]);
    const full = history({}, { ...failing, load: () => Promise.resolve([]) });
    hear(full, 1, 1);
    expect(await texts(full)).toEqual([]);
    expect(failures.length).toBe(2);
  });

  it('tells of what cannot be kept', async () => {
    const kept = history();
    kept.record({ event: 'said', data: 1n, room: 'a' });
    hear(kept, 1, 1);
    expect(await texts(kept)).toEqual([1]);
    expect(failures).toEqual([expect.any(TypeError)]);
  });

  it.each([
    ['rooms["a"].count', { rooms: { a: { count: 0 } } }],
    ['rooms["a"].bytes', { rooms: { a: { bytes: -1 } } }],
    ['rooms["a"].ageMs', { rooms: { a: { ageMs: 0.5 } } }],
    ['rooms', { rooms: { 'a*': {} } }],
    ['maxRooms', { rooms: {}, maxRooms: 0 }],
  ])('refuses %s that cannot work', (option, options) => {
    expect(() => history(options)).toThrow(expect.objectContaining({ option }));
  });
});

describe('a client with a history', () => {
  let server: EngineFixture;
  const clients: Client<AnyContract>[] = [];

  beforeEach(async () => {
    server = await EngineFixture.start({
      authorizers: [{ pattern: '**', canSubscribe: () => true, canPublish: () => true }],
    });
  });

  afterEach(async () => {
    await Promise.all(clients.splice(0).map((one) => one.close()));
    await server.stop();
  });

  function client(memory: StorageMemory, isOnline = true): Client<AnyContract> {
    const storage = memoryStorage(memory);
    const made = createClient({
      url: server.url,
      autoConnect: isOnline,
      storage: persist(storage),
      history: roomHistory(storage, { rooms: { 'chat.*': {} } }),
    });
    clients.push(made);
    return made;
  }

  it('reads what it has heard, in this life and, without a connection, in the next', async () => {
    const memory: StorageMemory = new Map();
    const one = client(memory);
    const heard: RoomMessage[] = [];
    const other = createClient({ url: server.url });
    clients.push(other);
    await one.subscribe('chat.*', (message) => heard.push(message)).ready;
    for (const text of ['a', 'b', 'c']) await other.publish('chat.1', 'said', { text }).delivered;
    await other.publish('news', 'said', 'not ours').delivered;
    while (heard.length < 3) await new Promise((resolve) => setImmediate(resolve));
    const expected = ['a', 'b', 'c'].map((text) => ({ event: 'said', data: { text }, room: 'chat.1' }));
    expect(await one.history('chat.1')).toEqual(expected);
    await one.close();
    const later = client(memory, false);
    expect(await later.history('chat.1')).toEqual(expected);
    expect(await later.history('news')).toEqual([]);
    expect(later.state).toBe('idle');
  });

  it('lets pages that share it read as well', async () => {
    const memory: StorageMemory = new Map();
    const storage = memoryStorage(memory);
    const made = roomHistory(storage, { rooms: { a: {} } });
    const one = createClient({ url: server.url, autoConnect: false, history: made });
    clients.push(one);
    const earlier = made(() => undefined);
    earlier.record({ event: 'said', data: 1, room: 'a' });
    await earlier.flush();
    const { port1, port2 } = new MessageChannel();
    const scope: SharedWorkerScope = {};
    serveClient(one, scope);
    scope.onconnect?.({ ports: [port1 as unknown as Port] });
    const page = sharedClient({ worker: { port: port2 as unknown as Port } });
    expect(await page.history('a')).toEqual([{ event: 'said', data: 1, room: 'a' }]);
    await page.close();
    port1.close();
  });

  it('has none without the option', async () => {
    const one = createClient({ url: server.url });
    clients.push(one);
    expect(await one.history('chat.1')).toEqual([]);
  });
});
