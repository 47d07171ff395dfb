import {
  introspection,
  type IntrospectionOptions,
} from '../../lib/pipeline/stages/authentication/introspection.strategy.js';
import { Authenticator } from '../../lib/pipeline/stages/authentication/authenticator.js';
import { FakeClock } from '../support/fake-clock.js';
import { IntrospectionEndpoint } from '../support/introspection-endpoint.js';
import { TestStageHost } from '../support/stage-host.js';
import { WhoApp } from './who-app.js';

let endpoint: IntrospectionEndpoint;
let app: WhoApp | undefined;
beforeEach(async () => {
  endpoint = await IntrospectionEndpoint.start();
});
afterEach(async () => {
  await app?.stop();
  app = undefined;
  await endpoint.stop();
});

const credentials = { clientId: 'orders', clientSecret: 's:cret' };
const strategy = (options: Partial<IntrospectionOptions> = {}) =>
  introspection({ url: endpoint.url, ...credentials, ...options });
const at = (token: string): Record<string, string> => ({ Authorization: `Bearer ${token}` });
const now = (): number => Math.floor(Date.now() / 1000);

describe('token introspection', () => {
  it('lets in whose token is active, and remembers that for a while', async () => {
    endpoint.tokens.set('t1', { active: true, sub: 'u1', scope: 'a b', exp: now() + 600 });
    endpoint.tokens.set('t2', { active: true, username: 'carol' });
    endpoint.tokens.set('t3', { active: true });
    app = await WhoApp.start([strategy()]);
    expect(await app.principalOf(at('t1'))).toMatchObject({ id: 'u1', scope: 'a b' });
    expect(await app.principalOf(at('t1'))).toMatchObject({ id: 'u1' });
    expect(await app.principalOf(at('t2'))).toMatchObject({ id: 'carol' });
    expect(endpoint.asked).toEqual(['t1', 't2']);
    expect(await app.refusal(at('t3'))).toMatchObject({ status: 401 });
    expect(await app.refusal(at('unknown'))).toMatchObject({
      status: 401,
      headers: {
        'www-authenticate':
          'Bearer realm="gatewire", error="invalid_token", error_description="the token is not active"',
      },
    });
    expect(await app.refusal()).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer realm="gatewire"' },
    });
    endpoint.tokens.set('t4', { active: true, sub: 'u4', exp: now() - 1 });
    expect(await app.refusal(at('t4'))).toMatchObject({ status: 401 });
  });

  it('takes only tokens that are for this server', async () => {
    endpoint.tokens.set('one', { active: true, sub: 'u1', aud: 'orders' });
    endpoint.tokens.set('several', { active: true, sub: 'u1', aud: ['payroll', 'orders'] });
    endpoint.tokens.set('another', { active: true, sub: 'u1', aud: 'payroll' });
    endpoint.tokens.set('none', { active: true, sub: 'u1' });
    app = await WhoApp.start([strategy({ audience: 'orders' })]);
    for (const token of ['one', 'several'])
      expect(await app.principalOf(at(token))).toMatchObject({ id: 'u1' });
    for (const token of ['another', 'none'])
      expect(await app.refusal(at(token))).toMatchObject({ status: 401 });
  });

  it('refuses with 503 what it cannot find out, and tells the log without the token', async () => {
    app = await WhoApp.start([strategy({ timeoutMs: 1_000 })]);
    const failures: (typeof endpoint.failing)[] = [
      { status: 500, body: '{"active":true,"sub":"u1"}' },
      { status: 302, body: '' },
      { status: 200, body: 'not json' },
      { status: 200, body: '{"sub":"u1"}' },
      'never',
    ];
    for (const failing of failures) {
      endpoint.failing = failing;
      expect(await app.refusal(at('secret-token'))).toMatchObject({
        status: 503,
        body: { code: 'UNAVAILABLE', message: 'tokens cannot be verified for the moment' },
      });
    }
    endpoint.failing = null;
    endpoint.tokens.set('secret-token', { active: true, sub: 'u1' });
    expect(await app.principalOf(at('secret-token'))).toMatchObject({ id: 'u1' });
  });
});

describe('the cache of introspection', () => {
  const setUp = (options: Partial<IntrospectionOptions>) => {
    const clock = new FakeClock();
    const host = new TestStageHost(clock);
    const authenticator = new Authenticator([strategy(options)], host);
    return { clock, host, ask: async (token: string) => authenticator.verifyToken(token) };
  };

  it('forgets after its time, and the oldest beyond its size', async () => {
    for (const token of ['a', 'b', 'c']) endpoint.tokens.set(token, { active: true, sub: token });
    const { clock, ask } = setUp({ cacheMs: 1_000, cacheSize: 2 });
    for (const token of ['a', 'b', 'a', 'b']) await ask(token);
    expect(endpoint.asked.splice(0)).toEqual(['a', 'b']);
    await ask('c');
    await ask('b');
    await ask('a');
    expect(endpoint.asked.splice(0)).toEqual(['c', 'a']);
    clock.advance(999);
    await ask('a');
    expect(endpoint.asked.splice(0)).toEqual([]);
    clock.advance(1);
    await ask('a');
    expect(endpoint.asked.splice(0)).toEqual(['a']);
  });

  it('asks once for a token that several connections bring at once', async () => {
    endpoint.tokens.set('a', { active: true, sub: 'a' });
    const { ask } = setUp({ cacheMs: false });
    await Promise.all([ask('a'), ask('a'), ask('a')]);
    expect(endpoint.asked).toEqual(['a']);
    await ask('a');
    expect(endpoint.asked).toEqual(['a', 'a']);
  });

  it('does not remember tokens that are not active', async () => {
    const { ask } = setUp({});
    for (let i = 0; i < 2; i++) await expect(ask('bad')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(endpoint.asked).toEqual(['bad', 'bad']);
  });

  it('asks about the token of a connection again, and hears of its revocation', async () => {
    endpoint.tokens.set('a', { active: true, sub: 'a', exp: now() + 3600 });
    const { ask } = setUp({ cacheMs: false, recheckMs: 60_000 });
    const { expiresAt = 0, renew } = await ask('a');
    expect(expiresAt - Date.now()).toBeLessThanOrEqual(60_000);
    expect(expiresAt - Date.now()).toBeGreaterThan(47_000);
    endpoint.tokens.delete('a');
    await expect(renew?.()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    endpoint.tokens.set('b', { active: true, sub: 'a', exp: now() + 30 });
    const ending = await ask('b');
    expect(ending.renew).toBeUndefined();
    expect(ending.expiresAt).toBe((endpoint.tokens.get('b') as { exp: number }).exp * 1000);
  });
});

it.each<[string, Partial<IntrospectionOptions>]>([
  ['introspection.url', { url: 'id' }],
  ['introspection', { clientSecret: undefined as never }],
  ['introspection.cacheSize', { cacheSize: 0 }],
  ['introspection.cacheMs', { cacheMs: -1 }],
  ['introspection.timeoutMs', { timeoutMs: 0 }],
  ['introspection.realm', { realm: '"' }],
])('a bad %s is refused', (option, options) => {
  expect(() => strategy(options)).toThrow(`gatewire option "${option}"`);
});
