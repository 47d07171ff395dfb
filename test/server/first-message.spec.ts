import type { Connection } from '../../lib/connection/connection.js';
import { Authenticator } from '../../lib/pipeline/stages/authentication/authenticator.js';
import { ErrorCode } from '../../lib/protocol/error-code.js';
import { GatewireError } from '../../lib/protocol/gatewire-error.js';
import { EngineFixture, type FixtureOptions } from '../support/engine-fixture.js';
import { FakeClock } from '../support/fake-clock.js';
import { PlainTokens } from '../support/plain-tokens.js';
import { refusedUpgrade } from '../support/refused-upgrade.js';
import { TestStageHost } from '../support/stage-host.js';

let fixture: EngineFixture;
let clock: FakeClock;
let log: string[];
beforeEach(() => {
  log = [];
});
afterEach(() => fixture.stop());

async function start(strategy: PlainTokens, binding: Partial<FixtureOptions> = {}): Promise<void> {
  clock = new FakeClock();
  fixture = await EngineFixture.start({
    options: { heartbeat: false },
    host: { clock },
    authenticator: new Authenticator([strategy], new TestStageHost(clock)),
    connect: ({ principal }) => void log.push(`connected ${principal?.id ?? 'nobody'}`),
    disconnect: ({ principal }) => void log.push(`disconnected ${principal?.id ?? 'nobody'}`),
    handlers: { who: (_data, { connection }) => connection.principal?.id ?? null },
    ...binding,
  });
}

const v1 = 'gatewire.v1.json';
const gauges = () => fixture.engine.server.stats().gauges;
/** Until the server has seen the end of all connections. */
async function allGone(): Promise<void> {
  while (fixture.endpoint.inlets.size > 0) await new Promise((resolve) => setImmediate(resolve));
}

describe('a first message', () => {
  it('authenticates who speaks the protocol; the application hears of nothing before', async () => {
    await start(new PlainTokens());
    const client = await fixture.connect('/', v1);
    client.send({ event: 'who', id: 1 });
    client.send({ event: 'who', id: 2 });
    client.send({ event: '$ping', id: 3 });
    expect(await client.nextJson()).toMatchObject({ id: 3, event: '$pong' });
    fixture.engine.server.emit('secret');
    expect([log, gauges().connections, gauges().queuedMessages]).toEqual([[], 0, 2]);
    client.send({ event: '$auth', id: 4, data: { token: 'alice' } });
    expect(await client.nextJson()).toEqual({ id: 4, data: { ok: true } });
    expect(await client.nextJson()).toEqual({ id: 1, data: 'alice' });
    expect(await client.nextJson()).toEqual({ id: 2, data: 'alice' });
    expect(log).toEqual(['connected alice']);
    expect(await fixture.engine.server.user('alice').connections()).toHaveLength(1);
    client.terminate();
    await allGone();
    expect(log).toEqual(['connected alice', 'disconnected alice']);
    expect(fixture.engine.server.stats().stages['authentication.first-message']).toBe(1);
  });

  it('is not waited for where the peer cannot know of it: 401', async () => {
    await start(new PlainTokens());
    for (const protocols of [[], ['gatewire.plain'], ['chat']])
      expect(await refusedUpgrade(fixture.url, protocols)).toMatchObject({ status: 401 });
  });

  it('is not waited for from who has brought bad credentials', async () => {
    await start(new PlainTokens());
    const headers = { Authorization: 'Bearer unknown' };
    expect(await refusedUpgrade(fixture.url, [v1], { headers })).toMatchObject({ status: 401 });
    const bearer = `gatewire.bearer.${Buffer.from('bad').toString('base64url')}`;
    expect(await refusedUpgrade(fixture.url, [v1, bearer])).toMatchObject({ status: 401 });
    expect(await refusedUpgrade(fixture.url, [v1, 'gatewire.bearer.***'])).toMatchObject({ status: 401 });
  });

  it('may be allowed for everybody, or for nobody', async () => {
    await start(new PlainTokens(true));
    const client = await fixture.connect();
    client.send({ event: '$auth', data: { token: 'alice/90' } });
    expect(await client.nextJson()).toMatchObject({ event: '$auth', data: { ok: true } });
    expect(await client.ask('who')).toMatchObject({ data: 'alice' });
    // It has shown that it knows the event.
    clock.advance(31_000);
    expect(await client.nextJson()).toMatchObject({ event: '$auth', data: {} });
    await fixture.stop();
    await start(new PlainTokens(false));
    expect(await refusedUpgrade(fixture.url, [v1])).toMatchObject({ status: 401 });
  });

  it.each<[string, unknown, number, string]>([
    ['a bad token', { token: 'bad' }, 4401, 'UNAUTHENTICATED'],
    ['a token of an unknown kind', { token: 'unknown' }, 4401, 'UNAUTHENTICATED'],
    ['somebody who may not', { token: 'banned' }, 4403, 'FORBIDDEN'],
    ['a token that cannot be verified now', { token: 'down' }, 4503, 'UNAVAILABLE'],
    ['no token', {}, 4400, 'BAD_REQUEST'],
  ])('with %s ends the connection, and no hook runs', async (_name, data, code, error) => {
    await start(new PlainTokens());
    const client = await fixture.connect('/', v1);
    client.send({ event: 'who' });
    client.send({ event: '$auth', id: 1, data });
    expect(await client.nextJson()).toMatchObject({ id: 1, error: { code: error } });
    expect(await client.closed).toMatchObject({ code });
    await allGone();
    expect(log).toEqual([]);
    expect(gauges()).toMatchObject({ connections: 0, users: 0, queuedMessages: 0 });
  });

  it('has ten seconds, then 4408', async () => {
    await start(new PlainTokens());
    const client = await fixture.connect('/', v1);
    clock.advance(9_999);
    expect(await client.ask('$ping')).toMatchObject({ event: '$pong' });
    clock.advance(1);
    expect(await client.closed).toEqual({ code: 4408, reason: 'no credentials in time' });
    await allGone();
    expect([log, clock.timers]).toEqual([[], 1]);
  });

  it('is followed by connect guards and onHandshake, which close instead of refusing', async () => {
    const handshake = async ({ principal }: Connection): Promise<void> => {
      log.push(`guarded ${principal?.id ?? 'nobody'}`);
      await Promise.resolve();
      if (principal?.id === 'bob') throw new GatewireError(ErrorCode.Forbidden, 'not bob');
    };
    await start(new PlainTokens(), { handshake });
    const alice = await fixture.connect('/', v1);
    alice.send({ event: '$auth', data: { token: 'alice' } });
    expect(await alice.nextJson()).toMatchObject({ data: { ok: true } });
    expect(await alice.ask('who')).toMatchObject({ data: 'alice' });
    expect(log.splice(0)).toEqual(['guarded alice', 'connected alice']);
    const bob = await fixture.connect('/', v1);
    bob.send({ event: '$auth', data: { token: 'bob' } });
    expect(await bob.closed).toEqual({ code: 4403, reason: 'not bob' });
    while (fixture.endpoint.inlets.size > 1) await new Promise((resolve) => setImmediate(resolve));
    expect(log).toEqual(['guarded bob']);
    expect(gauges()).toMatchObject({ connections: 1, users: 1 });
  });

  it('holds a bounded number of messages meanwhile', async () => {
    await start(new PlainTokens());
    const client = await fixture.connect('/', v1);
    for (let i = 0; i < 256; i++) client.send({ event: 'who', id: i });
    while (gauges().queuedMessages < 256) await new Promise((resolve) => setImmediate(resolve));
    expect(gauges().queuedMessages).toBe(256);
    clock.advance(10_000);
    expect(await client.closed).toMatchObject({ code: 4408 });
  });

  it('is not waited for in a shutdown', async () => {
    await start(new PlainTokens());
    const client = await fixture.connect('/', v1);
    await Promise.all([fixture.engine.close(), client.closed]);
    expect(await client.closed).toMatchObject({ code: 1001 });
    expect(log).toEqual([]);
  });
});
