import type {
  Authentication,
  AuthenticationStrategy,
  Found,
} from '../../lib/pipeline/stages/authentication/authentication.js';
import { AuthenticationError } from '../../lib/pipeline/stages/authentication/authentication-error.js';
import { Authenticator } from '../../lib/pipeline/stages/authentication/authenticator.js';
import { ErrorCode } from '../../lib/protocol/error-code.js';
import { GatewireError } from '../../lib/protocol/gatewire-error.js';
import type { TimeoutOptions } from '../../lib/server/timeouts.js';
import { deferred, EngineFixture, type FixtureOptions } from '../support/engine-fixture.js';
import { FakeClock } from '../support/fake-clock.js';
import { PlainTokens } from '../support/plain-tokens.js';
import { refusedUpgrade } from '../support/refused-upgrade.js';
import { TestStageHost } from '../support/stage-host.js';
import type { TestClient } from '../support/test-client.js';

let fixture: EngineFixture;
let clock: FakeClock;
afterEach(() => fixture.stop());

async function start(
  strategy: AuthenticationStrategy,
  timeouts: TimeoutOptions = {},
  binding: Partial<FixtureOptions> = {},
): Promise<void> {
  clock = new FakeClock();
  fixture = await EngineFixture.start({
    options: { timeouts, heartbeat: false },
    host: { clock },
    authenticator: new Authenticator([strategy], new TestStageHost(clock)),
    handlers: { who: (_data, { connection }) => connection.principal ?? null },
    ...binding,
  });
}

const connectAs = (token: string, protocol = 'gatewire.v1.json'): Promise<TestClient> =>
  fixture.connect('/', protocol, { headers: { Authorization: `Bearer ${token}` } });
const stages = (): Record<string, number> => fixture.engine.server.stats().stages;

describe('credentials that expire', () => {
  it('are announced a minute before, and end the connection with 4401', async () => {
    await start(new PlainTokens());
    const client = await connectAs('alice/120');
    expect(await client.ask('who')).toMatchObject({ data: { id: 'alice' } });
    clock.advance(59_000);
    expect(await client.ask('who')).toMatchObject({ data: { id: 'alice' } });
    expect(client.unread).toEqual([]);
    clock.advance(2_000);
    const { event, data } = await client.nextJson();
    expect(event).toBe('$auth');
    const { expiresInMs } = data as { expiresInMs: number };
    expect(expiresInMs).toBeGreaterThan(58_000);
    expect(expiresInMs).toBeLessThanOrEqual(60_000);
    clock.advance(58_000);
    expect(await client.ask('who')).toMatchObject({ data: { id: 'alice' } });
    clock.advance(2_000);
    expect(await client.closed).toEqual({ code: 4401, reason: 'the credentials have expired' });
    expect(stages()['authentication.expired']).toBe(1);
  });

  it('are not announced to plain clients, who may not know the event, and end all the same', async () => {
    await start(new PlainTokens());
    const client = await connectAs('alice/120', 'gatewire.plain');
    clock.advance(100_000);
    expect(await client.ask('who')).toMatchObject({ data: { id: 'alice' } });
    expect(client.unread).toEqual([]);
    clock.advance(21_000);
    expect(await client.closed).toMatchObject({ code: 4401 });
  });

  it('are announced when the application says, or not at all', async () => {
    await start(new PlainTokens(), { expiryWarningMs: false });
    const client = await connectAs('alice/5');
    clock.advance(4_000);
    expect(await client.ask('who')).toMatchObject({ data: { id: 'alice' } });
    expect(client.unread).toEqual([]);
    clock.advance(2_000);
    expect(await client.closed).toMatchObject({ code: 4401 });
  });

  it('share one timer, which is gone with the last connection', async () => {
    await start(new PlainTokens());
    await connectAs('alice');
    const before = clock.timers;
    const clients = [];
    for (let i = 0; i < 20; i++) clients.push(await connectAs(`user${i}/${1000 + i}`));
    expect(clock.timers).toBe(before + 1);
    for (const client of clients) client.terminate();
    while (fixture.endpoint.connections.size > 1) await new Promise((resolve) => setImmediate(resolve));
    expect(clock.timers).toBe(before);
  });
});

describe('$auth', () => {
  it('renews credentials of the same principal', async () => {
    await start(new PlainTokens());
    const client = await connectAs('alice/120');
    const answer = await client.ask('$auth', { token: 'alice/600' });
    expect(answer).toMatchObject({ id: 1, data: { ok: true } });
    const { expiresAt } = answer['data'] as { expiresAt: number };
    expect(Math.abs(expiresAt - Date.now() - 600_000)).toBeLessThan(60_000);
    clock.advance(500_000);
    expect(await client.ask('who')).toMatchObject({ data: { id: 'alice', token: 'alice/600' } });
    clock.advance(45_000);
    expect(await client.nextJson()).toMatchObject({ event: '$auth' });
    client.send({ event: '$auth', data: { token: 'alice' } });
    expect(await client.nextJson()).toEqual({ event: '$auth', data: { ok: true } });
    clock.advance(10_000_000);
    expect(await client.ask('who')).toMatchObject({ data: { id: 'alice' } });
    expect(stages()['authentication.refreshed']).toBe(2);
  });

  it.each<[string, unknown, string]>([
    ['of somebody else', { token: 'bob/600' }, 'FORBIDDEN'],
    ['that are bad', { token: 'bad' }, 'UNAUTHENTICATED'],
    ['of an unknown kind', { token: 'unknown' }, 'UNAUTHENTICATED'],
    ['that cannot be verified now', { token: 'down' }, 'UNAVAILABLE'],
    ['that are too long', { token: 'x'.repeat(16_385) }, 'UNAUTHENTICATED'],
    ['that are none', { token: 7 }, 'BAD_REQUEST'],
    ['that are missing', undefined, 'BAD_REQUEST'],
  ])('refuses credentials %s, and the old ones hold', async (_name, data, code) => {
    await start(new PlainTokens());
    const client = await connectAs('alice/120');
    expect(await client.ask('$auth', data)).toMatchObject({ id: 1, error: { code } });
    client.send({ event: '$auth', data });
    expect(await client.nextJson()).toMatchObject({ event: 'exception', data: { code } });
    expect(await client.ask('who')).toMatchObject({ data: { id: 'alice' } });
    clock.advance(122_000);
    expect(await client.closed).toMatchObject({ code: 4401 });
  });

  it('takes a token of just the longest length', async () => {
    await start(new PlainTokens());
    const client = await connectAs('x'.repeat(8_000));
    expect(await client.ask('$auth', { token: 'x'.repeat(16_384) })).toMatchObject({
      error: { code: 'FORBIDDEN' },
    });
  });

  it('closes the connection after the fifth failure in a row', async () => {
    await start(new PlainTokens());
    const client = await connectAs('alice');
    for (let i = 0; i < 4; i++) await client.ask('$auth', { token: 'bad' });
    await client.ask('$auth', { token: 'alice' });
    for (let i = 0; i < 4; i++) await client.ask('$auth', { token: 'bad' });
    expect(await client.ask('who')).toMatchObject({ data: { id: 'alice' } });
    client.send({ event: '$auth', data: { token: 'bad' } });
    expect(await client.closed).toMatchObject({ code: 4401 });
  });

  it('verifies one token of a connection at a time', async () => {
    const strategy = new PlainTokens();
    await start(strategy);
    const client = await connectAs('alice');
    const gate = deferred();
    strategy.gate = gate.promise;
    client.send({ event: '$auth', id: 1, data: { token: 'alice/100' } });
    client.send({ event: '$auth', id: 2, data: { token: 'alice/200' } });
    expect(await client.nextJson()).toMatchObject({ id: 2, error: { code: 'TOO_MANY_REQUESTS' } });
    gate.resolve();
    expect(await client.nextJson()).toMatchObject({ id: 1, data: { ok: true } });
  });

  it('is an unknown event where nobody has to authenticate', async () => {
    fixture = await EngineFixture.start();
    const client = await fixture.connect();
    expect(await client.ask('$auth', { token: 'alice' })).toMatchObject({
      error: { code: 'UNKNOWN_EVENT' },
    });
  });
});

describe('credentials that are asked about again', () => {
  class Sessions implements AuthenticationStrategy {
    readonly name = 'sessions';
    readonly challenge = 'Cookie';
    renewals: (() => Promise<Authentication>)[] = [];
    authenticate(): Found {
      return this.#authentication();
    }
    #authentication(): Authentication {
      const renew = (): Promise<Authentication> =>
        this.renewals.shift()?.() ?? Promise.resolve(this.#authentication());
      return { principal: { id: 'alice' }, expiresAt: Date.now() + 60_000, renew };
    }
  }

  it('hold as long as they are found good', async () => {
    const strategy = new Sessions();
    await start(strategy);
    const client = await fixture.connect('/', 'gatewire.v1.json');
    for (let i = 0; i < 3; i++) {
      clock.advance(61_000);
      expect(await client.ask('who')).toMatchObject({ data: { id: 'alice' } });
      expect(client.unread).toEqual([]);
    }
    strategy.renewals.push(() => Promise.reject(new AuthenticationError('logged out')));
    clock.advance(61_000);
    expect(await client.closed).toEqual({ code: 4401, reason: 'logged out' });
  });

  it('hold on for a minute where that cannot be known, and then close with 4503', async () => {
    const strategy = new Sessions();
    await start(strategy);
    const client = await fixture.connect();
    const fails = (): Promise<never> =>
      Promise.reject(new GatewireError(ErrorCode.Unavailable, 'the store is down'));
    const advance = async (ms: number): Promise<void> => {
      clock.advance(ms);
      await new Promise((resolve) => setImmediate(resolve));
    };
    strategy.renewals = Array.from({ length: 6 }, () => fails);
    await advance(61_000);
    for (let i = 0; i < 6; i++) await advance(11_000);
    expect(await client.ask('who')).toMatchObject({ data: { id: 'alice' } });
    expect(strategy.renewals).toEqual([]);
    strategy.renewals = Array.from({ length: 7 }, () => fails);
    await advance(61_000);
    for (let i = 0; i < 6; i++) await advance(11_000);
    expect(await client.closed).toEqual({ code: 4503, reason: 'the store is down' });
  });

  it('keep a principal that the application has made of theirs', async () => {
    const strategy = new Sessions();
    await start(
      strategy,
      {},
      {
        connect: (connection) => {
          connection.principal = { id: 'alice', tenant: 't1' };
        },
      },
    );
    const client = await fixture.connect();
    clock.advance(61_000);
    expect(await client.ask('who')).toMatchObject({ data: { id: 'alice', tenant: 't1' } });
  });

  it('close with 4403 where it is somebody else', async () => {
    const strategy = new Sessions();
    await start(strategy);
    const second = await fixture.connect();
    strategy.renewals.push(() => Promise.resolve({ principal: { id: 'bob' } }));
    clock.advance(61_000);
    expect(await second.closed).toMatchObject({ code: 4403 });
  });
});

describe('a slow strategy', () => {
  it('is waited for as long as the handshake may take, and is of no use later', async () => {
    const strategy = new PlainTokens();
    const gate = deferred();
    strategy.gate = gate.promise;
    await start(strategy);
    const refused = refusedUpgrade(fixture.url, [], { headers: { Authorization: 'Bearer alice' } });
    while (fixture.engine.server.stats().gauges.handshakesInFlight === 0)
      await new Promise((resolve) => setImmediate(resolve));
    clock.advance(10_000);
    expect(await refused).toMatchObject({ status: 408 });
    while (fixture.engine.server.stats().gauges.handshakesInFlight > 0)
      await new Promise((resolve) => setImmediate(resolve));
    gate.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    expect(fixture.engine.server.stats().gauges).toMatchObject({ users: 0, connections: 0 });
  });
});
