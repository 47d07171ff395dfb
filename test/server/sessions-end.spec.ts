import type { Connection } from '../../lib/connection/connection.js';
import { deferred } from '../support/engine-fixture.js';
import { FakeClock } from '../support/fake-clock.js';
import type { SessionClient } from '../support/session-client.js';
import { offers, SessionFixture, until } from '../support/session-fixture.js';
import type { TestClient } from '../support/test-client.js';

let at: SessionFixture;

afterEach(() => at.fixture.stop());

describe('the end of a session', () => {
  it.each([
    ['a code that means stop', (client: TestClient) => client.close(1000)],
    ['a 44xx of its own', (client: TestClient) => client.close(4444)],
  ])('is a close by the client with %s', async (_name, close) => {
    at = await SessionFixture.start();
    const client = await at.open();
    close(client.client);
    await until(() => at.disconnected.length === 1);
    expect(at.gauges).toMatchObject({ sessions: 0, sessionsAway: 0 });
  });

  it.each([
    ['close()', (connection: Connection) => connection.close()],
    ['close(4403)', (connection: Connection) => connection.close(4403)],
    ['terminate()', (connection: Connection) => connection.terminate()],
  ])('is %s by the application, also while the client is away', async (_name, close) => {
    at = await SessionFixture.start();
    const client = await at.open();
    close(at.connected[0] as Connection);
    await until(() => at.disconnected.length === 1);
    const second = await at.open(client);
    expect(second.welcome.resumed).toBe(false);
    await at.cut(second);
    close(at.connected[1] as Connection);
    expect(at.disconnected).toHaveLength(2);
    expect(at.gauges).toMatchObject({ sessions: 0, sessionsAway: 0 });
  });

  it('is not a close with a code that lets clients come back', async () => {
    at = await SessionFixture.start();
    const client = await at.open();
    const { connection } = at;
    connection.emit('n', 1);
    connection.close(4503, 'in a moment');
    connection.emit('n', 2);
    expect(await client.client.closed).toMatchObject({ code: 4503, reason: 'in a moment' });
    const back = await at.open(client);
    expect(back.welcome).toMatchObject({ resumed: true, recovered: true, seq: 1 });
    expect(await back.take(2)).toEqual([1, 2]);
    expect(at.disconnected).toEqual([]);
  });

  it('is the end of the server: who is away is let go of, and handleDisconnect is waited for', async () => {
    const hooks = deferred();
    let left = 0;
    at = await SessionFixture.start({
      disconnect: async () => {
        await hooks.promise;
        left++;
      },
    });
    const away = await at.open();
    await at.cut(away);
    const here = await at.open();
    const closing = at.fixture.engine.close();
    expect(at.gauges).toMatchObject({ sessionsAway: 0 });
    expect(await here.client.closed).toMatchObject({ code: 1001 });
    hooks.resolve();
    await closing;
    expect(left).toBe(2);
    expect(at.gauges).toMatchObject({ sessions: 0, connections: 0 });
    at.fixture.startEngine();
  });

  it('is not a missed heartbeat', async () => {
    const clock = new FakeClock();
    at = await SessionFixture.start({
      host: { clock },
      options: { heartbeat: { intervalMs: 1_000, timeoutMs: 1_000 } },
    });
    const client = await at.open();
    // Half-open: it answers no ping, and its end of the connection stays.
    client.client.socket.pause();
    clock.advance(4_000);
    expect(at.connection.state).toBe('away');
    at.connection.emit('n', 1);
    const back = await at.open(client);
    expect(await back.take(1)).toEqual([1]);
    expect(at.disconnected).toEqual([]);
    expect(at.counters).toMatchObject({ connectionsLost: 1, connectionsOpened: 2, connectionsClosed: 1 });
    clock.advance(1_500);
    expect(at.connection.state).toBe('open');
  });

  it('is not a cut while handleConnection runs: it goes on, and what was asked meanwhile is handled after it', async () => {
    const hook = deferred();
    const order: string[] = [];
    at = await SessionFixture.start({
      connect: async (connection) => {
        at.connected.push(connection);
        order.push('begins');
        await hook.promise;
        order.push('ends');
      },
      handlers: { note: (data) => void order.push(String(data)) },
    });
    const client = await at.open();
    client.send({ event: 'note', data: 'before the cut' });
    await until(() => at.counters['messagesReceived'] === 2);
    await at.cut(client);
    const back = await at.open(client);
    expect(at.connection.state).toBe('opening');
    back.send({ event: 'note', data: 'after it', id: 1 });
    await until(() => at.counters['messagesReceived'] === 4);
    expect(order).toEqual(['begins']);
    hook.resolve();
    expect(await back.next()).toEqual({ id: 1, data: null });
    expect(order).toEqual(['begins', 'ends', 'before the cut', 'after it']);
    expect(at.connection.state).toBe('open');
  });

  it('is a handleConnection that fails', async () => {
    at = await SessionFixture.start({ connect: () => Promise.reject(new Error('no')) });
    const client = await at.open();
    expect(await client.client.closed).toMatchObject({ code: 1011 });
    await until(() => at.gauges.sessions === 0);
    expect(at.gauges.sessionsAway).toBe(0);
  });

  it('leaves no timer, and no connection that waits for $hello', async () => {
    const clock = new FakeClock();
    at = await SessionFixture.start({ host: { clock } });
    const waiting = await at.fixture.connect('/', offers);
    const client = await at.open();
    await at.cut(client);
    const back = await at.open(client);
    back.client.close(1000);
    waiting.terminate();
    await until(() => at.gauges.sessions === 0 && at.fixture.endpoint.inlets.size === 0);
    // The heartbeat's.
    expect(clock.timers).toBe(1);
  });

  it('takes what was listened to on the connection to the new socket', async () => {
    at = await SessionFixture.start({
      connect: (connection) => {
        at.connected.push(connection);
        connection.on('message', (data: Buffer) => void heard.push(data.toString()));
      },
    });
    const heard: string[] = [];
    const client = await at.open();
    await at.cut(client);
    const back = await at.open(client);
    back.send('{"event":"x"}');
    await until(() => heard.length === 1);
    expect(heard).toEqual(['{"event":"x"}']);
  });

  it('has a closed socket meanwhile, and takes what is listened to on that one as well', async () => {
    at = await SessionFixture.start();
    const client = await at.open();
    const { connection } = at;
    await at.cut(client);
    const { socket } = connection;
    expect(socket).toMatchObject({ readyState: 3, protocol: 'gatewire.v1.json', isPaused: false });
    expect(connection.socket).toBe(socket);
    socket.close(1000);
    socket.terminate();
    socket.pause();
    await expect(
      new Promise((resolve) => socket.writeFrames(Buffer.from([0x81, 0]), resolve)),
    ).resolves.toThrow('closed');
    const pinged = await new Promise((resolve) => socket.ping('', false, resolve));
    expect(pinged).toEqual(new Error('WebSocket is not open: readyState 3 (CLOSED)'));
    const heard: unknown[] = [];
    connection.on('message', (data: Buffer) => void heard.push(data.toString()));
    connection.addEventListener('message', ({ type }: { type: string }) => void heard.push(type));
    const back = await at.open(client);
    back.send('{"event":"x"}');
    await until(() => heard.length === 2);
    expect(heard).toEqual(['{"event":"x"}', 'message']);
    expect(connection.socket).not.toBe(socket);
    connection.close(1000);
    await until(() => at.disconnected.length === 1);
    expect(connection.readyState).toBe(3);
  });

  it('comes to each in its time, and to nobody who is back', async () => {
    const clock = new FakeClock();
    at = await SessionFixture.start({ host: { clock }, options: { session: { resumeMs: 5_000 } } });
    const clients = [];
    for (let i = 0; i < 4; i++) clients.push(await at.open());
    for (const client of clients) {
      await at.cut(client);
      clock.advance(1_000);
    }
    const states = (): string[] => at.connected.map(({ state }) => state);
    clock.advance(999);
    expect(states()).toEqual(['away', 'away', 'away', 'away']);
    await at.open(clients[1]);
    clock.advance(1);
    expect(states()).toEqual(['closed', 'open', 'away', 'away']);
    clock.advance(1_999);
    expect(states()).toEqual(['closed', 'open', 'away', 'away']);
    clock.advance(1);
    expect(states()).toEqual(['closed', 'open', 'closed', 'away']);
    clock.advance(1_000);
    expect(states()).toEqual(['closed', 'open', 'closed', 'closed']);
    expect(at.disconnected).toHaveLength(3);
    expect(at.counters).toMatchObject({ sessionsExpired: 3 });
  });

  it('comes to the longest away first when too many are', async () => {
    at = await SessionFixture.start({ options: { session: { away: 2 } } });
    const clients = [];
    for (let i = 0; i < 3; i++) clients.push(await at.open());
    for (const [i, client] of clients.entries()) {
      await client.cut();
      await until(() => at.connected[i]?.state === 'away');
      expect(at.disconnected).toHaveLength(i < 2 ? 0 : 1);
    }
    expect(at.disconnected[0]?.connection).toBe(at.connected[0]);
    expect(at.counters).toMatchObject({ sessionsEvicted: 1 });
    expect(at.fixture.log.lines).toEqual([expect.stringContaining('more than 2 clients are away')]);
    const [first, second] = clients as [SessionClient, SessionClient];
    expect((await at.open(first)).welcome.resumed).toBe(false);
    expect((await at.open(second)).welcome.resumed).toBe(true);
  });
});

describe('an acknowledgement', () => {
  it('comes with any envelope or by itself, within an entry too, and makes room', async () => {
    at = await SessionFixture.start({ handlers: { echo: (data) => data } });
    const client = await at.open();
    const { connection } = at;
    for (let n = 1; n <= 5; n++) connection.emit('n', n);
    await client.take(5);
    expect(connection.session?.log.messages).toBe(5);
    client.send({ event: 'echo', id: 1, ack: 2 });
    await client.take(1);
    expect(connection.session?.log.messages).toBe(4);
    client.send({ event: '$ack', ack: 4, id: 2 });
    expect(await client.next()).toEqual({ id: 2, data: null });
    expect(connection.session?.log.messages).toBe(3);
    await at.cut(client);
    const back = await at.open({ welcome: client.welcome, token: client.token, seq: 4 });
    expect(back.welcome).toMatchObject({ recovered: true, seq: 5 });
    expect(await back.take(1)).toEqual([5]);
  });

  it('of what was never sent makes the frame a BAD_ENVELOPE', async () => {
    at = await SessionFixture.start({ handlers: { echo: (data) => data } });
    const client = await at.open();
    client.send({ event: 'echo', data: 1, ack: 1 });
    expect(await client.next()).toMatchObject({ event: 'exception', data: { code: 'BAD_ENVELOPE' } });
    client.send({ event: 'echo', data: 1, id: 1, ack: 1 });
    expect(await client.next()).toMatchObject({ data: 1 });
  });
});
