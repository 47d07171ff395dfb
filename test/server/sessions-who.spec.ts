import { Authenticator } from '../../lib/pipeline/stages/authentication/authenticator.js';
import { FakeClock } from '../support/fake-clock.js';
import { PlainTokens } from '../support/plain-tokens.js';
import { refusedUpgrade } from '../support/refused-upgrade.js';
import type { SessionClient } from '../support/session-client.js';
import { offers, SessionFixture, until } from '../support/session-fixture.js';
import { TestStageHost } from '../support/stage-host.js';

let at: SessionFixture;
let clock: FakeClock;

afterEach(() => at.fixture.stop());

async function start(): Promise<void> {
  clock = new FakeClock();
  at = await SessionFixture.start({
    options: { heartbeat: false },
    host: { clock },
    authenticator: new Authenticator([new PlainTokens()], new TestStageHost(clock)),
    handlers: { who: (_data, { connection }) => connection.principal?.id ?? null },
  });
}

const openAs = (token: string, before?: SessionClient): Promise<SessionClient> =>
  at.open(before, [], { headers: { Authorization: `Bearer ${token}` } });

describe('a session of somebody who has authenticated', () => {
  it('is resumed by nobody else, whatever they know', async () => {
    await start();
    const alice = await openAs('alice');
    await at.cut(alice);
    expect((await openAs('mallory', alice)).welcome.resumed).toBe(false);
    expect((await openAs('alice', alice)).welcome.resumed).toBe(true);
  });

  it('is found by its user and its rooms while the client is away', async () => {
    await start();
    const alice = await openAs('alice');
    at.connection.join('r');
    await at.cut(alice);
    expect(await at.server.user('alice').connections()).toEqual([at.connection]);
    at.server.user('alice').emit('n', 1);
    at.server.to('r').emit('n', 2);
    const back = await openAs('alice', alice);
    at.server.user('alice').emit('n', 3);
    at.server.to('r').emit('n', 4);
    expect(await back.take(4)).toEqual([1, 2, 3, 4]);
    expect(await at.server.user('alice').connections()).toEqual([at.connection]);
    expect([...at.connection.rooms]).toEqual(['r']);
  });

  it('is not what reaches a connection that has yet to say $hello', async () => {
    await start();
    const waiting = await at.fixture.connect('/', offers, { headers: { Authorization: 'Bearer alice' } });
    at.server.user('alice').emit('n', 'not for it');
    waiting.send({ event: '$hello', id: 0 });
    expect(await waiting.nextJson()).toMatchObject({ event: '$welcome' });
    at.server.user('alice').emit('n', 1);
    expect(await waiting.nextJson()).toEqual({ event: 'n', data: 1 });
  });

  it('outlives its credentials, and goes on with those that its client comes back with', async () => {
    await start();
    const alice = await openAs('alice/120');
    clock.advance(60_000);
    expect(await alice.next()).toMatchObject({ event: '$auth' });
    clock.advance(61_000);
    expect(await alice.client.closed).toMatchObject({ code: 4401 });
    expect(at.connection.state).toBe('away');
    at.connection.emit('n', 1);
    await expect(openAs('bad', alice)).rejects.toThrow();
    const back = await openAs('alice/300', alice);
    expect(back.welcome).toMatchObject({ resumed: true, recovered: true });
    expect(await back.take(1)).toEqual([1]);
    clock.advance(200_000);
    back.send({ event: 'who', id: 1 });
    expect(await back.next()).toEqual({ id: 1, data: 'alice' });
    clock.advance(101_000);
    expect(await back.client.closed).toMatchObject({ code: 4401 });
  });

  it('is asked for after $auth where credentials come as a message; a $hello that comes at once waits for it', async () => {
    await start();
    const client = await at.fixture.connect('/', offers);
    client.send({ event: '$auth', id: 0, data: { token: 'alice' } });
    client.send({ event: '$hello', id: 1, data: {} });
    expect(await client.nextJson()).toMatchObject({ id: 0, data: { ok: true } });
    expect(await client.nextJson()).toMatchObject({ id: 1, event: '$welcome' });
    expect(at.connection.principal?.id).toBe('alice');
  });
});

describe('limits of connections', () => {
  it('are for those that are here: who is away does not stand in the way of coming back', async () => {
    at = await SessionFixture.start({ options: { limits: { connections: 1, connectionsPerAddress: 1 } } });
    const client = await at.open();
    await expect(refusedUpgrade(at.fixture.url)).resolves.toMatchObject({ status: 503 });
    await at.cut(client);
    const back = await at.open(client);
    expect(back.welcome.resumed).toBe(true);
    await expect(refusedUpgrade(at.fixture.url)).resolves.toMatchObject({ status: 503 });
    back.client.close(1000);
    await until(() => at.disconnected.length === 1);
    const next = await at.open();
    expect(next.welcome.resumed).toBe(false);
    expect(at.counters).toMatchObject({ connectionsOpened: 3, connectionsClosed: 2 });
  });
});
