import type { Connection } from '../../lib/connection/connection.js';
import { deferred } from '../support/engine-fixture.js';
import type { SessionClient } from '../support/session-client.js';
import { SessionFixture, until } from '../support/session-fixture.js';
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
