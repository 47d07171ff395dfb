import { FakeClock } from '../support/fake-clock.js';
import type { SessionClient } from '../support/session-client.js';
import { offers, SessionFixture, until } from '../support/session-fixture.js';

let at: SessionFixture;

afterEach(() => at.fixture.stop());

describe('$hello', () => {
  it('gives a session; the application hears of the connection only then', async () => {
    at = await SessionFixture.start();
    const client = await at.fixture.connect('/', offers);
    expect(client.socket.protocol).toBe('gatewire.v1.json');
    client.send({ event: '$ping', id: 1 });
    expect(await client.nextJson()).toMatchObject({ id: 1, event: '$pong' });
    expect(at.connected).toEqual([]);
    client.send({ event: '$hello', id: 0, data: {} });
    const welcome = await client.nextJson();
    expect(welcome).toMatchObject({
      id: 0,
      event: '$welcome',
      data: {
        session: expect.stringMatching(/^[\w-]{20}$/) as string,
        token: expect.stringMatching(/^[\w-]{40}$/) as string,
        resumed: false,
        recovered: false,
        seq: 1,
        resumeMs: 120_000,
        limits: { maxPayloadBytes: 1_048_576, batchItems: 256, requestsInFlight: 1024 },
        heartbeat: { intervalMs: 25_000, timeoutMs: 20_000 },
      },
    });
    expect(at.connected).toHaveLength(1);
    const { session } = at.connection;
    expect(session).toMatchObject({ isAway: false, resumes: 0 });
    expect(JSON.stringify(session)).not.toContain((welcome['data'] as { token: string }).token);
  });

  it('is waited for, and nothing else is handled before it', async () => {
    const clock = new FakeClock();
    at = await SessionFixture.start({ host: { clock }, handlers: { echo: (data) => data } });
    const client = await at.fixture.connect('/', offers);
    client.send({ event: 'echo', id: 1, data: 'early' });
    expect(await client.nextJson()).toMatchObject({ id: 1, error: { code: 'BAD_REQUEST' } });
    clock.advance(11_000);
    expect(await client.closed).toMatchObject({ code: 4408 });
    expect(at.connected).toEqual([]);
    expect(at.disconnected).toEqual([]);
  });

  it.each([
    ['is an object', { event: '$hello', id: 1, data: 7 }],
    ['has all of session, token and seq', { event: '$hello', id: 1, data: { session: 'x' } }],
    ['has a whole seq', { event: '$hello', id: 1, data: { session: 'x', token: 'y', seq: -1 } }],
  ])('%s', async (_name, hello) => {
    at = await SessionFixture.start();
    const client = await at.fixture.connect('/', offers);
    client.send(hello);
    expect(await client.nextJson()).toMatchObject({ id: 1, error: { code: 'BAD_REQUEST' } });
    client.send({ event: '$hello', id: 2 });
    expect(await client.nextJson()).toMatchObject({ id: 2, event: '$welcome' });
  });

  it('comes once', async () => {
    at = await SessionFixture.start();
    const client = await at.open();
    client.send({ event: '$hello', id: 5, data: {} });
    expect(await client.next()).toMatchObject({ id: 5, error: { code: 'CONFLICT' } });
  });

  it('may come later where it was not offered, and then resumes nothing', async () => {
    at = await SessionFixture.start({ handlers: { echo: (data) => data } });
    const client = await at.fixture.connect('/', 'gatewire.v1.json');
    expect(await client.ask('echo', 1)).toMatchObject({ data: 1 });
    at.connection.emit('before');
    client.send({ event: '$hello', id: 9, data: { session: 'x', token: 'y', seq: 0 } });
    expect(await client.nextJson()).toEqual({ event: 'before' });
    expect(await client.nextJson()).toMatchObject({ id: 9, error: { code: 'BAD_REQUEST' } });
    at.connection.emit('also before');
    client.send({ event: '$hello', id: 10 });
    expect(await client.nextJson()).toEqual({ event: 'also before' });
    const { data } = await client.nextJson();
    at.connection.emit('first', 1);
    expect(await client.nextJson()).toEqual({ event: 'first', data: 1 });
    expect(at.connection.session?.sent).toBe(1);
    client.terminate();
    await until(() => at.gauges.sessionsAway === 1);
    const welcome = data as SessionClient['welcome'];
    const back = await at.open({ welcome, token: welcome.token as string, seq: 0 });
    expect(back.welcome).toMatchObject({ resumed: true, recovered: true, seq: 1 });
    expect(await back.take(1)).toEqual([1]);
  });

  it('is an unknown event for plain clients, and where there are no sessions', async () => {
    at = await SessionFixture.start({ options: { session: false } });
    const client = await at.fixture.connect('/', offers);
    client.send({ event: '$hello', id: 1, data: {} });
    expect(await client.nextJson()).toMatchObject({ id: 1, error: { code: 'UNKNOWN_EVENT' } });
    expect(at.connected).toHaveLength(1);
    await at.fixture.stop();
    at = await SessionFixture.start();
    const plain = await at.fixture.connect();
    plain.send({ event: '$hello', id: 1, data: {} });
    expect(await plain.nextJson()).toMatchObject({ id: 1, error: { code: 'UNKNOWN_EVENT' } });
  });
});

describe('a session whose client comes back', () => {
  it('has sent nothing in vain: all that was sent meanwhile comes, in order and once', async () => {
    at = await SessionFixture.start({ handlers: { echo: (data) => data } });
    const client = await at.open();
    const { connection } = at;
    connection.join('room');
    connection.emit('n', 1);
    expect(await client.take(1)).toEqual([1]);
    await at.cut(client);
    expect(connection.state).toBe('away');
    expect(connection.session?.isAway).toBe(true);
    expect(connection.readyState).toBe(1);
    expect(connection.emit('n', 2)).toBe(true);
    at.server.to('room').emit('n', 3);
    connection.send('{"data":4}');
    at.server.emit('n', 5);
    connection.emit('n', 'volatile', { volatile: true });
    const back = await at.open(client);
    expect(back.welcome).toMatchObject({ resumed: true, recovered: true, seq: 2 });
    expect(back.welcome.token).toBeUndefined();
    at.server.to('room').emit('n', 6);
    expect(await back.take(5)).toEqual([2, 3, 4, 5, 6]);
    back.send({ event: 'echo', id: 1, data: 7 });
    expect(await back.take(1)).toEqual([7]);
    expect(at.connected).toEqual([connection]);
    expect(connection.state).toBe('open');
    expect(connection.session?.resumes).toBe(1);
    expect(at.disconnected).toEqual([]);
    expect(at.counters).toMatchObject({ sessionsOpened: 1, sessionsResumed: 1, messagesReplayed: 4 });
    expect(at.gauges).toMatchObject({ sessions: 1, sessionsAway: 0, connections: 1 });
  });

  it('goes on with handlers, requests and streams that were in flight', async () => {
    let answer!: (value: string) => void;
    let give!: () => void;
    at = await SessionFixture.start({
      handlers: {
        slow: () => new Promise((resolve) => (answer = resolve)),
        numbers: async function* () {
          for (let n = 1; n <= 3; n++) {
            await new Promise<void>((resolve) => (give = resolve));
            yield n;
          }
        },
      },
    });
    const client = await at.open();
    const { connection } = at;
    client.send({ event: 'slow', id: 1 });
    client.send({ event: 'numbers', id: 2 });
    const asked = connection.request('you', 'there?');
    expect(await client.next()).toMatchObject({ event: 'you', id: -1 });
    await until(() => give !== undefined);
    give();
    expect(await client.next()).toEqual({ id: 2, data: 1, more: true });
    await at.cut(client);
    answer('late');
    give();
    await until(() => connection.session?.sent === 4);
    const back = await at.open(client);
    expect([await back.next(), await back.next()]).toEqual([
      { id: 1, data: 'late' },
      { id: 2, data: 2, more: true },
    ]);
    back.send({ id: -1, data: 'here' });
    expect(await asked).toBe('here');
    give();
    expect([await back.next(), await back.next()]).toEqual([
      { id: 2, data: 3, more: true },
      { id: 2, done: true },
    ]);
  });

  it('takes the place of a connection that seems to live: 4409, and nothing of it is written or handled any more', async () => {
    const handled: unknown[] = [];
    at = await SessionFixture.start({ handlers: { note: (data) => void handled.push(data) } });
    const first = await at.open();
    const { connection } = at;
    const second = await at.open(first);
    first.send({ event: 'note', data: 'of the old socket' });
    connection.emit('n', 1);
    expect(await second.take(1)).toEqual([1]);
    second.send({ event: 'note', data: 'of the new socket' });
    expect(await first.client.closed).toMatchObject({ code: 4409 });
    await until(() => handled.length > 0);
    expect(handled).toEqual(['of the new socket']);
    expect(first.client.unread).toEqual([]);
    expect(at.counters).toMatchObject({ sessionsSuperseded: 1, sessionsResumed: 1 });
    expect(at.disconnected).toEqual([]);
  });

  it('is told of a gap, and gets no part of what is left', async () => {
    at = await SessionFixture.start({ options: { session: { messages: 3 } } });
    const client = await at.open();
    const { connection } = at;
    await at.cut(client);
    for (let n = 1; n <= 3; n++) connection.emit('n', n);
    const back = await at.open(client);
    expect(back.welcome).toMatchObject({ resumed: true, recovered: true, seq: 1 });
    expect(await back.take(3)).toEqual([1, 2, 3]);
    await at.cut(back);
    for (let n = 4; n <= 7; n++) connection.emit('n', n);
    const again = await at.open(back);
    expect(again.welcome).toMatchObject({ resumed: true, recovered: false, seq: 8 });
    connection.emit('n', 8);
    expect(await again.take(1)).toEqual([8]);
    expect(at.counters).toMatchObject({ sessionGaps: 1, messagesReplayed: 3 });
  });

  it.each([
    ['at the limit of bytes, no gap', 0, true],
    ['one byte past it, a gap', -1, false],
  ])('%s', async (_name, difference, recovered) => {
    const text = 'x'.repeat(200);
    const frameBytes = 4 + JSON.stringify({ event: 'n', data: text }).length;
    at = await SessionFixture.start({ options: { session: { bytes: 2 * frameBytes + difference } } });
    const client = await at.open();
    const { connection } = at;
    await at.cut(client);
    connection.emit('n', text);
    connection.emit('n', text);
    const back = await at.open(client);
    expect(back.welcome).toMatchObject({ resumed: true, recovered });
  });

  it('has no session any more when it comes too late', async () => {
    const clock = new FakeClock();
    at = await SessionFixture.start({ host: { clock }, options: { session: { resumeMs: 5_000 } } });
    const client = await at.open();
    const { connection } = at;
    await at.cut(client);
    clock.advance(4_999);
    expect(connection.state).toBe('away');
    clock.advance(1);
    expect(connection.state).toBe('closed');
    expect(at.disconnected).toEqual([
      { connection, reason: { code: 1006, reason: '', by: 'transport', wasClean: false } },
    ]);
    expect(at.counters).toMatchObject({ sessionsExpired: 1, connectionsOpened: 1, connectionsClosed: 1 });
    const back = await at.open(client);
    expect(back.welcome).toMatchObject({ resumed: false, recovered: false, seq: 1 });
    expect(back.welcome.session).not.toBe(client.welcome.session);
    expect(at.gauges).toMatchObject({ sessions: 1, sessionsAway: 0 });
  });

  it('is given a new session for a wrong token, and disturbs nobody', async () => {
    at = await SessionFixture.start();
    const client = await at.open();
    const thief = await at.open({
      welcome: client.welcome,
      token: 'A'.repeat(40),
      seq: 0,
    });
    expect(thief.welcome).toMatchObject({ resumed: false, seq: 1 });
    expect(thief.welcome.token).not.toBe(client.token);
    expect(at.connection.state).toBe('open');
    at.connection.emit('n', 1);
    expect(await client.take(1)).toEqual([1]);
  });

  it('cannot have processed what was never sent', async () => {
    at = await SessionFixture.start();
    const client = await at.open();
    await expect(at.open({ welcome: client.welcome, token: client.token, seq: 1 })).rejects.toThrow(
      'BAD_REQUEST',
    );
    expect(at.connection.state).toBe('open');
  });
});
