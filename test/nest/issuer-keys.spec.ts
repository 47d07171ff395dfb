import { WhoApp } from './who-app.js';
import type { JwtOptions } from '../../lib/pipeline/stages/authentication/jwt.options.js';
import { jwt } from '../../lib/pipeline/stages/authentication/jwt.strategy.js';
import { Issuer } from '../support/issuer.js';

let app: WhoApp;
let issuer: Issuer;
afterEach(async () => {
  await app.stop();
  await issuer.stop();
});

describe("an issuer's keys", () => {
  const at = async (claims = {}): Promise<Record<string, string>> => ({
    Authorization: `Bearer ${await issuer.token(claims)}`,
  });
  const startWith = async (jwks: NonNullable<JwtOptions['jwks']> = {}): Promise<void> => {
    issuer = await Issuer.start();
    app = await WhoApp.start([
      jwt({ jwksUrl: issuer.jwksUrl, algorithms: ['ES256'], issuer: issuer.url, jwks }),
    ]);
  };

  it('are fetched once, and again when a token names one that is not known', async () => {
    await startWith({ cooldownMs: 0 });
    const live = await app.app.connect('/', [], { headers: await at() });
    await app.principalOf(await at());
    expect(issuer.fetches).toBe(1);
    const old = await at();
    await issuer.rotate();
    expect(await app.principalOf(await at({ sub: 'u2' }))).toMatchObject({ id: 'u2' });
    expect(issuer.fetches).toBe(2);
    expect(await live.ask('who')).toMatchObject({ data: { id: 'u1' } });
    expect(await app.refusal(old)).toMatchObject({ status: 401 });
    const token = await issuer.token({ role: 'fresh' });
    expect(await live.ask('$auth', { token })).toMatchObject({ data: { ok: true } });
    expect(await live.ask('who')).toMatchObject({ data: { id: 'u1', role: 'fresh' } });
    const another = await issuer.token({ sub: 'u2' });
    expect(await live.ask('$auth', { token: another })).toMatchObject({ error: { code: 'FORBIDDEN' } });
  });

  it('are not fetched again for unknown keys while the last fetch is young', async () => {
    await startWith();
    await app.principalOf(await at());
    await issuer.rotate();
    for (let i = 0; i < 5; i++) expect(await app.refusal(await at())).toMatchObject({ status: 401 });
    expect(issuer.fetches).toBe(1);
  });

  it('are tried one after the other for a token that names none', async () => {
    await startWith();
    issuer.namesKeys = false;
    const older = await at({ sub: 'older' });
    await issuer.rotate(1);
    expect(await app.principalOf(older)).toMatchObject({ id: 'older' });
    expect(await app.principalOf(await at({ sub: 'newer' }))).toMatchObject({ id: 'newer' });
    const expired = await issuer.token({}, -60);
    expect(await app.refusal({ Authorization: `Bearer ${expired}` })).toMatchObject({
      status: 401,
      body: { message: 'the token has expired' },
    });
    await issuer.rotate(0);
    expect(await app.refusal(await at())).toMatchObject({ status: 401 });
  });

  it('that cannot be had are the fault of nobody who connects: 503', async () => {
    await startWith({ timeoutMs: 1_000 });
    issuer.failing = 500;
    expect(await app.refusal(await at())).toMatchObject({
      status: 503,
      headers: { 'retry-after': '5' },
      body: { code: 'UNAVAILABLE' },
    });
    issuer.failing = 'never';
    expect(await app.refusal(await at())).toMatchObject({ status: 503 });
    issuer.failing = null;
    expect(await app.principalOf(await at())).toMatchObject({ id: 'u1' });
  });
});
