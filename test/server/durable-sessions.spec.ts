import { deferred } from '../support/engine-fixture.js';
import { broken, LateSessionStore } from '../support/late-session-store.js';
import { ServerLives } from '../support/server-lives.js';
import type { SessionClient } from '../support/session-client.js';
import { until } from '../support/session-fixture.js';

let lives: ServerLives;

beforeEach(() => {
  lives = new ServerLives();
});
afterEach(() => lives.stop());

describe('a session whose server has died', () => {
  it('goes on in the next one: its messages, its rooms, what was handled', async () => {
    let handled = 0;
    const handlers = { count: () => ++handled };
    const first = await lives.start({ handlers });
    const client = await first.at.open();
    first.at.connection.join('news');
    client.send({ event: 'count', id: 1 });
    expect(await client.next()).toEqual({ id: 1, data: 1 });
    first.at.server.to('news').emit('told', 'a');
    first.at.server.to('news').emit('told', 'b');
    expect(await client.next()).toEqual({ event: 'told', data: 'a' });
    await until(() => first.store.changes.filter(({ sent }) => sent !== undefined).length >= 2);
    await lives.kill(first);

    const second = await lives.start({ handlers });
    await until(() => second.at.gauges.sessionsAway === 1);
    second.at.server.to('news').emit('told', 'c');
    const back = await second.at.open(client);
    expect(back.welcome).toMatchObject({
      session: client.welcome.session,
      resumed: true,
      recovered: true,
      seq: 3,
    });
    expect(await back.take(2)).toEqual(['b', 'c']);
    back.send({ event: 'count', id: 1 });
    back.send({ event: 'count', id: 2 });
    expect(await back.next()).toEqual({ id: 1, data: 1 });
    expect(await back.next()).toEqual({ id: 2, data: 2 });
    expect(second.at.counters).toMatchObject({
      sessionsRestored: 1,
      sessionsResumed: 1,
      messagesReplayed: 2,
    });
  });

  it('is told to handleConnection of the next one, with its rooms, before a message of it is handled', async () => {
    const first = await lives.start();
    const client = await first.at.open();
    first.at.connection.join('news');
    await until(() => first.store.changes.some(({ rooms }) => rooms?.includes('news') === true));
    await lives.kill(first);
    const met = deferred();
    const seen: unknown[] = [];
    const second = await lives.start({
      connect: async (connection) => {
        seen.push([connection.session?.isRestored, [...connection.rooms]]);
        await met.promise;
        seen.push('connected');
      },
      handlers: { ask: () => seen.push('handled') },
    });
    await until(() => second.at.gauges.sessionsAway === 1);
    expect(seen).toEqual([]);
    const back = await second.at.open(client);
    back.send({ event: 'ask', id: 1 });
    back.send({ event: '$ping', id: 2 });
    expect(await back.next()).toMatchObject({ id: 2 });
    expect(seen).toEqual([[true, ['news']]]);
    met.resolve();
    await back.next();
    expect(seen).toEqual([[true, ['news']], 'connected', 'handled']);
  });

  it('ends as any other when its client stays away: nobody is told who has not been met', async () => {
    const first = await lives.start();
    await first.at.open();
    await lives.kill(first);
    const second = await lives.start({ options: { session: { resumeMs: 50 } } });
    await until(() => second.at.counters['sessionsExpired'] === 1);
    await until(() => lives.disk.sessions === 0);
    expect(second.at.disconnected).toEqual([]);
  });

  it('is resumed by its token alone, by the same principal', async () => {
    const first = await lives.start();
    const client = await first.at.open();
    await lives.kill(first);
    const second = await lives.start();
    const thief = await second.at.open({
      welcome: client.welcome,
      seq: client.seq,
      token: 'x'.repeat(40),
    });
    expect(thief.welcome).toMatchObject({ resumed: false });
    const back = await second.at.open(client);
    expect(back.welcome).toMatchObject({ resumed: true, recovered: true });
  });

  it('is over when its client has got more than the store knows of: it would take new messages for old ones', async () => {
    const first = await lives.start();
    const client = await first.at.open();
    await lives.kill(first);
    const second = await lives.start();
    await until(() => second.at.gauges.sessionsAway === 1);
    const back = await second.at.open({ welcome: client.welcome, token: client.token, seq: 1 });
    expect(back.welcome).toMatchObject({ resumed: false, seq: 1 });
    expect(back.welcome.session).not.toBe(client.welcome.session);
    await until(() => lives.disk.sessions === 1);
    expect(second.at.fixture.engine.server.stats().stages['session.behind']).toBe(1);
  });

  it('waits for its client however often the server dies', async () => {
    let life = await lives.start();
    let client: SessionClient = await life.at.open();
    life.at.connection.join('news');
    await until(() => life.store.changes.some(({ rooms }) => rooms !== undefined && rooms.length > 0));
    for (let i = 0; i < 5; i++) {
      await lives.kill(life);
      life = await lives.start();
      await until(() => life.at.gauges.sessionsAway === 1);
      life.at.server.to('news').emit('told', i);
      client = await life.at.open(client);
      expect(client.welcome).toMatchObject({ resumed: true, recovered: true });
      expect(await client.take(1)).toEqual([i]);
    }
  });

  it('with messages that no other socket can be sent: the client is told that they are missing, at every death', async () => {
    const options = { compression: { contextTakeover: true } };
    const deflate = { perMessageDeflate: true };
    let life = await lives.start({ options });
    let client = await life.at.open(undefined, [], deflate);
    for (let i = 0; i < 3; i++) {
      life.at.connected.at(-1)?.emit('told', i);
      expect(await client.take(1)).toEqual([i]);
      await lives.kill(life);
      life = await lives.start({ options });
      await until(() => life.at.gauges.sessionsAway === 1);
      client = await life.at.open(client, [], deflate);
      expect(client.welcome).toMatchObject({ resumed: true, recovered: false });
      await until(() => life.at.connected.length === 1);
    }
  });
});

describe('what is written down first', () => {
  it('a session, before its client hears of it', async () => {
    const { at, store } = await lives.start();
    await until(() => lives.disk.sessions === 0);
    store.hold();
    const opening = at.open();
    await until(() => store.changes.some(({ begin }) => begin !== undefined));
    expect(at.gauges.sessions).toBe(1);
    store.release();
    expect((await opening).welcome).toMatchObject({ resumed: false });
    expect(lives.disk.sessions).toBe(1);
  });

  it('a message, before it leaves; a reply with what is remembered of its request, in one change', async () => {
    const { at, store } = await lives.start({ handlers: { ask: async () => Promise.resolve('answer') } });
    const client = await at.open();
    store.hold();
    at.connection.emit('told', 1);
    client.send({ event: 'ask', id: 7 });
    await until(() => store.changes.some(({ settled }) => settled !== undefined));
    const change = store.changes.find(({ settled }) => settled !== undefined);
    expect(change).toMatchObject({
      sent: [{ first: 2, count: 1 }],
      last: 2,
      settled: [{ id: 7, outcome: { event: 'ask', kind: 'value', json: '"answer"' } }],
    });
    expect(at.connection.bufferedBytes).toBeGreaterThan(0);
    store.release();
    expect(await client.take(2)).toEqual([1, 'answer']);
    expect(at.connection.bufferedBytes).toBe(0);
  });

  it('of a server that dies before: neither the client nor the next server has the message', async () => {
    const first = await lives.start();
    const client = await first.at.open();
    first.store.hold();
    first.at.connection.emit('told', 'never');
    await until(() => first.store.changes.some(({ sent }) => sent !== undefined));
    await lives.kill(first);
    const second = await lives.start();
    const back = await second.at.open(client);
    expect(back.welcome).toMatchObject({ resumed: true, recovered: true, seq: 1 });
  });

  it('what waits for the store is sent before the socket is closed', async () => {
    const { at, store } = await lives.start();
    const client = await at.open();
    store.hold();
    at.connection.emit('told', 'goodbye');
    at.connection.close(1000, 'enough');
    await until(() => store.changes.some(({ sent }) => sent !== undefined));
    store.release();
    expect(await client.take(1)).toEqual(['goodbye']);
    expect(await client.client.closed).toMatchObject({ code: 1000 });
    await until(() => lives.disk.sessions === 0);
  });
});

describe('a store that fails', () => {
  it('closes with 1013 who asks for a session, and begins none that would be lost', async () => {
    const { at, store } = await lives.start();
    await until(() => store.changes.length === 0);
    store.fail(broken);
    const client = await at.fixture.connect('/', ['gatewire.v1.json', 'gatewire.session']);
    client.send({ event: '$hello', id: 0, data: {} });
    expect(await client.closed).toMatchObject({ code: 1013 });
    await until(() => at.gauges.sessions === 0);
  });

  it('ends the session that it has failed: its client gets a new one, and is told; nothing stays behind', async () => {
    const { at, store } = await lives.start();
    const client = await at.open();
    store.fail(broken);
    at.connection.emit('told', 1);
    expect(await client.client.closed).toMatchObject({ code: 1013 });
    store.fail(null);
    const back = await at.open(client);
    expect(back.welcome).toMatchObject({ resumed: false });
    await until(() => lives.disk.sessions === 1);
    expect(at.fixture.engine.server.stats().stages['session.store-failed']).toBe(1);
  });

  it('at the start: nobody gets a new session for an old one until it is back', async () => {
    const first = await lives.start();
    const client = await first.at.open();
    await lives.kill(first);
    const store = new LateSessionStore(lives.disk);
    store.fail(broken);
    const { at } = await lives.start({}, store);
    await until(() => (at.fixture.engine.server.stats().stages['session.store-failed'] ?? 0) > 0);
    const tried = await at.fixture.connect('/', ['gatewire.v1.json', 'gatewire.session']);
    tried.send({
      event: '$hello',
      id: 0,
      data: { session: client.welcome.session, token: client.token, seq: 0 },
    });
    expect(await tried.closed).toMatchObject({ code: 1013 });
    store.fail(null);
    await until(() => at.gauges.sessionsAway === 1);
    expect((await at.open(client)).welcome).toMatchObject({ resumed: true });
  });
});

describe('several servers with one store', () => {
  it('hand a session over to where its client has come: who had it writes nothing any more', async () => {
    const one = await lives.start();
    const other = await lives.start();
    const client = await one.at.open();
    one.at.connection.emit('told', 'by one');
    expect(await client.take(1)).toEqual(['by one']);
    const moved = await other.at.open(client);
    expect(moved.welcome).toMatchObject({ resumed: true, recovered: true, seq: 2 });
    one.at.connection.emit('told', 'too late');
    expect(await client.client.closed).toMatchObject({ code: 4409 });
    other.at.connection.emit('told', 'by other');
    expect(await moved.take(1)).toEqual(['by other']);
    expect(one.at.gauges.sessions).toBe(0);
    expect(lives.disk.sessions).toBe(1);
  });
});

describe('a server that is stopped', () => {
  it('leaves its sessions to the next one', async () => {
    const first = await lives.start();
    const client = await first.at.open();
    first.at.connection.join('news');
    await first.at.fixture.engine.close();
    expect(await client.client.closed).toMatchObject({ code: 1001 });
    expect(lives.disk.sessions).toBe(1);
    const second = await lives.start();
    const back = await second.at.open(client);
    expect(back.welcome).toMatchObject({ resumed: true, recovered: true });
    expect([...second.at.connection.rooms]).toEqual(['news']);
  });
});
