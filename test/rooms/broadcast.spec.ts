import type { Connection } from '../../lib/connection/connection.js';
import { EngineFixture } from '../support/engine-fixture.js';
import type { TestClient } from '../support/test-client.js';

let fixture: EngineFixture;
afterEach(() => fixture.stop());

/** Connects clients and gives each with its connection. */
async function people(count: number): Promise<{ client: TestClient; connection: Connection }[]> {
  const all: { client: TestClient; connection: Connection }[] = [];
  for (let i = 0; i < count; i++) {
    const client = await fixture.connect();
    const connection = [...fixture.endpoint.connections].at(-1) as Connection;
    all.push({ client, connection });
  }
  return all;
}

async function person(): Promise<{ client: TestClient; connection: Connection }> {
  const [only] = await people(1);
  if (only === undefined) throw new Error('nobody connected');
  return only;
}

/** What each client got before an answer that comes after it. */
async function received(clients: { client: TestClient }[]): Promise<unknown[][]> {
  return Promise.all(
    clients.map(async ({ client }) => {
      client.send({ event: '$ping' });
      const events: unknown[] = [];
      for (;;) {
        const frame = await client.nextJson();
        if (frame['event'] === '$pong') return events;
        events.push(frame['event']);
      }
    }),
  );
}

describe('broadcasting', () => {
  it('reaches everybody, a room, several rooms once each, and leaves out the excepted', async () => {
    fixture = await EngineFixture.start();
    const { server } = fixture.endpoint;
    const all = await people(4);
    const [a, b, c] = all.map(({ connection }) => connection) as [Connection, Connection, Connection];
    a.join('x');
    b.join('x');
    b.join('y');
    c.join('y');
    server.emit('all');
    server.to('x').emit('x');
    server.to('x').to('y').emit('xy');
    server.to(['x', 'y']).except(b).emit('not-b');
    server.except('x').emit('not-x');
    server.to('nobody').emit('never');
    expect(await received(all)).toEqual([
      ['all', 'x', 'xy', 'not-b'],
      ['all', 'x', 'xy'],
      ['all', 'xy', 'not-b', 'not-x'],
      ['all', 'not-x'],
    ]);
  });

  it('reaches every device of a user, following the principal', async () => {
    fixture = await EngineFixture.start();
    const { server } = fixture.endpoint;
    const all = await people(3);
    const [phone, tablet, other] = all.map(({ connection }) => connection) as [
      Connection,
      Connection,
      Connection,
    ];
    phone.principal = { id: 'u1' };
    tablet.principal = { id: 'u1' };
    other.principal = { id: 'u2' };
    server.user('u1').emit('first');
    tablet.principal = { id: 'u2' };
    server.user('u1').emit('second');
    server.user('u2').emit('third');
    expect(await received(all)).toEqual([['first', 'second'], ['first', 'third'], ['third']]);
    expect(server.stats().gauges.users).toBe(2);
  });

  it('lists, moves and disconnects the connections of a room', async () => {
    fixture = await EngineFixture.start();
    const { server } = fixture.endpoint;
    const [first, second] = await people(2);
    first?.connection.join('a');
    second?.connection.join('a');
    await server.in('a').join('b');
    await server.in('b').leave('a');
    expect(await server.in('a').connections()).toEqual([]);
    expect((await server.in('b').connections()).map(({ id }) => id)).toEqual([
      first?.connection.id,
      second?.connection.id,
    ]);
    expect([...(first?.connection.rooms ?? [])]).toEqual(['b']);
    await server.in('b').disconnect(4403, 'out');
    expect(await first?.client.closed).toEqual({ code: 4403, reason: 'out' });
    expect(await second?.client.closed).toEqual({ code: 4403, reason: 'out' });
  });

  it('asks every connection of a room, and reports each answer, error and time-out', async () => {
    fixture = await EngineFixture.start();
    const all = await people(3);
    for (const { connection } of all) connection.join('poll');
    const outcomes = fixture.endpoint.server.to('poll').request('vote', { q: 1 }, { timeoutMs: 60 });
    const [yes, no] = all as [(typeof all)[0], (typeof all)[0]];
    const question = await yes.client.nextJson();
    expect(question).toMatchObject({ event: 'vote', data: { q: 1 } });
    yes.client.send({ id: question['id'], data: 'yes' });
    no.client.send({ id: (await no.client.nextJson())['id'], error: { code: 'BUSY', message: 'not now' } });
    const results = await outcomes;
    expect(
      results.map((outcome) =>
        outcome.status === 'fulfilled' ? outcome.value : (outcome.reason as { code?: string }).code,
      ),
    ).toEqual(['yes', 'BUSY', 'ACK_TIMEOUT']);
    expect(fixture.engine.server.stats().counters.requestsTimedOut).toBe(1);
  });

  it('reaches connections of every endpoint from the server of the application', async () => {
    fixture = await EngineFixture.start();
    const { httpServer } = fixture;
    const other = fixture.engine.endpoint({ httpServer, port: 0, path: '/other', wsOptions: {} });
    other.bind({ name: 'Other', handlers: [], authorizers: [] });
    const here = await fixture.connect('/');
    const there = await fixture.connect('/other');
    for (const endpoint of [fixture.endpoint, other])
      for (const connection of endpoint.connections) connection.join('r');
    fixture.engine.server.to('r').emit('everywhere');
    fixture.endpoint.server.to('r').emit('here');
    expect(await received([{ client: here }, { client: there }])).toEqual([
      ['everywhere', 'here'],
      ['everywhere'],
    ]);
  });
});

describe('rooms', () => {
  it('takes 128 rooms for a connection, and not one more', async () => {
    fixture = await EngineFixture.start();
    const { connection } = await person();
    for (let i = 0; i < 128; i++) connection.join(`room ${i}`);
    connection.join('room 0');
    expect(() => connection.join('one more')).toThrow(
      expect.objectContaining({ code: 'TOO_MANY_ROOMS' }) as Error,
    );
    expect(connection.rooms.size).toBe(128);
  });

  it('takes names of 255 characters, and not 256', async () => {
    fixture = await EngineFixture.start();
    const { connection } = await person();
    connection.join('r'.repeat(255));
    expect(() => connection.join('r'.repeat(256))).toThrow(
      expect.objectContaining({ code: 'BAD_REQUEST' }) as Error,
    );
    expect(() => connection.join('')).toThrow();
  });

  it('are left when the connection closes, and still told in handleDisconnect', async () => {
    let told: string[] = [];
    fixture = await EngineFixture.start({ disconnect: ({ rooms }) => void (told = [...rooms]) });
    const { client, connection } = await person();
    connection.join('a');
    connection.join('b');
    client.terminate();
    while (fixture.endpoint.connections.size > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(told).toEqual(['a', 'b']);
    expect(fixture.engine.server.stats().gauges).toMatchObject({ rooms: 0, roomMemberships: 0 });
  });
});

describe('topics', () => {
  const authorizers = [
    {
      pattern: 'stock.*',
      canSubscribe: () => true,
      canPublish: (_c: Connection, room: string) => room === 'stock.acme',
    },
    { pattern: 'slow', canSubscribe: () => Promise.resolve(true) },
  ];

  it('has entered before what comes next in the same frame, where the authorizer answers at once', async () => {
    fixture = await EngineFixture.start({
      authorizers,
      handlers: { rooms: (_data, { connection }) => [...connection.rooms] },
    });
    const client = await fixture.connect();
    client.send([
      { event: '$subscribe', data: { room: 'stock.acme' } },
      { event: 'rooms', id: 1 },
    ]);
    expect(await client.nextJson()).toEqual({ id: 1, data: ['stock.acme'] });
  });

  it('refuses to subscribe and publish where no authorizer allows', async () => {
    fixture = await EngineFixture.start({ authorizers });
    const client = await fixture.connect();
    expect(await client.ask('$subscribe', { room: 'secret' })).toMatchObject({
      error: { code: 'FORBIDDEN' },
    });
    expect(await client.ask('$publish', { room: 'secret', event: 'e' })).toMatchObject({
      error: { code: 'FORBIDDEN' },
    });
    expect(await client.ask('$publish', { room: 'stock.other', event: 'e' })).toMatchObject({
      error: { code: 'FORBIDDEN' },
    });
    expect(await client.ask('$publish', { room: 'slow', event: 'e' })).toMatchObject({
      error: { code: 'FORBIDDEN' },
    });
    // Wider than what the authorizer is responsible for.
    expect(await client.ask('$subscribe', { room: '*' })).toMatchObject({ error: { code: 'FORBIDDEN' } });
    expect(await client.ask('$subscribe', { room: 'stock.**' })).toMatchObject({
      error: { code: 'FORBIDDEN' },
    });
  });

  it('answers nonsense with BAD_REQUEST', async () => {
    fixture = await EngineFixture.start({ authorizers });
    const client = await fixture.connect();
    for (const data of [undefined, null, 1, {}, { room: 5 }, { room: '' }]) {
      expect(await client.ask('$subscribe', data)).toMatchObject({ error: { code: 'BAD_REQUEST' } });
    }
    expect(await client.ask('$publish', { room: 'stock.acme' })).toMatchObject({
      error: { code: 'BAD_REQUEST' },
    });
    expect(await client.ask('$publish', { room: 'stock.*', event: 'e' })).toMatchObject({
      error: { code: 'BAD_REQUEST' },
    });
    expect(await client.ask('$publish', { room: 'stock.acme', event: '$e' })).toMatchObject({ error: {} });
  });

  it('delivers to subscribers by name and by pattern, once, until they unsubscribe', async () => {
    fixture = await EngineFixture.start({ authorizers });
    const [byName, byPattern, both] = [
      await fixture.connect(),
      await fixture.connect(),
      await fixture.connect(),
    ];
    await byName.ask('$subscribe', { room: 'stock.acme' });
    await byPattern.ask('$subscribe', { room: 'stock.*' });
    await both.ask('$subscribe', { room: 'stock.acme' });
    await both.ask('$subscribe', { room: 'stock.*' });
    const expected = { event: 'tick', data: 1, room: 'stock.acme' };
    expect(await byName.ask('$publish', { room: 'stock.acme', event: 'tick', data: 1 }, 9)).toEqual({
      id: 9,
      data: null,
    });
    for (const client of [byPattern, both]) expect(await client.nextJson()).toEqual(expected);
    fixture.endpoint.server.publish('stock.other', 'tick', 2);
    fixture.endpoint.server.to('stock.other').emit('tick', 3);
    for (const client of [byPattern, both]) {
      expect(await client.nextJson()).toEqual({ event: 'tick', data: 2, room: 'stock.other' });
      expect(await client.nextJson()).toEqual({ event: 'tick', data: 3 });
    }
    await byPattern.ask('$unsubscribe', { room: 'stock.*' }, 'u');
    fixture.endpoint.server.publish('stock.acme', 'tick', 4);
    expect(await byPattern.ask('$ping', null, 'p')).toMatchObject({ event: '$pong' });
    expect(byPattern.unread).toHaveLength(0);
  });

  it('keeps subscriptions in order while an authorizer takes its time', async () => {
    fixture = await EngineFixture.start({ authorizers });
    const client = await fixture.connect();
    client.send({ event: '$subscribe', data: { room: 'slow' } });
    client.send({ event: '$unsubscribe', data: { room: 'slow' } });
    expect(await client.ask('$subscribe', { room: 'stock.a' }, 'last')).toMatchObject({ data: null });
    expect(fixture.engine.server.stats().gauges.roomMemberships).toBe(1);
  });
});
