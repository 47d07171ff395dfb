import { WhoApp, WhoGateway } from './who-app.js';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { WebSocketGateway } from '@nestjs/websockets';
import { CompactEncrypt, exportJWK, SignJWT, UnsecuredJWT } from 'jose';
import type { Connection } from '../../lib/connection/connection.js';
import type { JwtOptions } from '../../lib/pipeline/stages/authentication/jwt.options.js';
import type { GatewayMiddleware } from '../../lib/pipeline/middleware.js';
import { jwt } from '../../lib/pipeline/stages/authentication/jwt.strategy.js';
import { LogLines } from '../support/engine-fixture.js';

let app: WhoApp;
afterEach(() => app.stop());

const bearer = (token: string): string => `gatewire.bearer.${Buffer.from(token).toString('base64url')}`;

describe('bearer tokens', () => {
  const secret = randomBytes(32);
  const sign = (claims: object, alg = 'HS256', key: Uint8Array = secret): Promise<string> =>
    new SignJWT({ sub: 'u1', ...claims }).setProtectedHeader({ alg }).sign(key);
  const options = { secret, algorithms: ['HS256'] } as const satisfies JwtOptions;
  const inAnHour = (): number => Math.floor(Date.now() / 1000) + 3600;

  it('come in the Authorization header or a subprotocol', async () => {
    app = await WhoApp.start([jwt(options)]);
    const token = await sign({ scope: 'a b', exp: inAnHour() });
    const principal = expect.objectContaining({ id: 'u1', sub: 'u1', scope: 'a b' }) as unknown;
    expect(await app.principalOf({ Authorization: `Bearer ${token}` })).toEqual(principal);
    expect(await app.principalOf({ Authorization: `bearer  ${token}` })).toEqual(principal);
    for (const protocol of ['gatewire.plain', 'gatewire.v1.json'])
      expect(await app.principalOf({}, { protocols: [bearer(token), protocol] })).toEqual(principal);
  });

  it('are taken from the header before the subprotocol', async () => {
    app = await WhoApp.start([jwt(options)]);
    const protocols = [bearer(await sign({ sub: 'in-subprotocol' })), 'gatewire.plain'];
    const headers = { Authorization: `Bearer ${await sign({ sub: 'in-header' })}` };
    expect(await app.principalOf(headers, { protocols })).toMatchObject({ id: 'in-header' });
    expect(await app.refusal({ Authorization: 'Bearer a.b.c' }, { protocols })).toMatchObject({
      status: 401,
    });
  });

  it('come in a cookie only from pages of an allowed origin', async () => {
    app = await WhoApp.start([jwt({ ...options, cookie: 'token' })], {
      origins: ['https://app.example.com'],
    });
    const Cookie = `theme=dark; token=${await sign({})}; token=second`;
    expect(await app.refusal({ Cookie })).toMatchObject({ status: 401 });
    expect(await app.refusal({ Cookie, Origin: 'https://evil.example' })).toMatchObject({ status: 403 });
    expect(await app.principalOf({ Cookie, Origin: 'https://app.example.com' })).toMatchObject({ id: 'u1' });
    expect(await app.principalOf({ Cookie, Origin: app.app.url.replace('ws', 'http') })).toMatchObject({
      id: 'u1',
    });
  });

  it('are not taken from cookies of foreign pages, also where all origins may connect', async () => {
    app = await WhoApp.start([jwt({ ...options, cookie: 'token' })], { origins: false });
    const Cookie = `token=${await sign({})}`;
    expect(await app.refusal({ Cookie, Origin: 'https://evil.example' })).toMatchObject({ status: 401 });
    expect(await app.refusal({ Cookie, Origin: 'null' })).toMatchObject({ status: 401 });
    const Origin = app.app.url.replace('ws', 'http');
    expect(await app.principalOf({ Cookie, Origin })).toMatchObject({ id: 'u1' });
  });

  it('come in the query only where that was asked for, and are seen nowhere afterwards', async () => {
    const urls: unknown[] = [];
    @WebSocketGateway({ path: '/query' })
    class QueryGateway extends WhoGateway {
      override handleConnection({ handshake }: Connection, request?: { url?: string }) {
        urls.push(handshake.url, String(handshake.query), request?.url);
      }
    }
    const token = await sign({});
    const early: GatewayMiddleware = {
      handshake: ({ url, request }, next) => {
        urls.push(url, request?.url);
        return next();
      },
    };
    app = await WhoApp.start(
      [jwt({ ...options, query: 'access_token' })],
      { middleware: [early] },
      { providers: [QueryGateway] },
    );
    const path = `/query?a=1&access_token=${token}&b=2&access%5Ftoken=${token}`;
    expect(await app.principalOf({}, { path })).toMatchObject({ id: 'u1' });
    const redacted = 'a=1&access_token=redacted&b=2&access_token=redacted';
    const url = `/query?${redacted}`;
    expect(urls).toEqual([url, url, url, redacted, url]);
    await app.stop();
    app = await WhoApp.start([jwt(options)]);
    expect(await app.refusal({}, { path: `/?access_token=${token}` })).toMatchObject({ status: 401 });
  });

  it('are refused with what RFC 6750 says of them, and with nothing of theirs', async () => {
    const lines = new LogLines();
    app = await WhoApp.start(
      [jwt({ ...options, issuer: 'https://id.example', audience: ['orders', 'all'] })],
      {},
      { logger: lines },
    );
    const good = { iss: 'https://id.example', aud: 'orders', exp: inAnHour() };
    const bad: [name: string, token: string][] = [
      ['expired', await sign({ ...good, exp: inAnHour() - 3606 })],
      ['issuer', await sign({ ...good, iss: 'https://secret-issuer.example' })],
      ['audience', await sign({ ...good, aud: 'payroll' })],
      ['not yet', await sign({ ...good, nbf: inAnHour() })],
      ['another key', await sign(good, 'HS256', randomBytes(32))],
      ['another algorithm', await sign(good, 'HS512', randomBytes(64))],
      ['no subject', await sign({ ...good, sub: '' })],
      ['none', new UnsecuredJWT({ sub: 'u1', ...good }).encode()],
      ['tampered', (await sign(good)).replace(/\.[^.]+\./, '.eyJzdWIiOiJyb290In0.')],
      ['garbage', 'a.b.c'],
      ['opaque', 'opaque'],
    ];
    for (const [name, token] of bad) {
      const { status, headers, body } = await app.refusal({ Authorization: `Bearer ${token}` });
      expect([name, status]).toEqual([name, 401]);
      expect(headers['www-authenticate']).toMatch(/^Bearer realm="gatewire"/);
      expect(JSON.stringify([headers, body])).not.toContain('secret-issuer');
    }
    const expired = await app.refusal({ Authorization: `Bearer ${bad[0]?.[1] ?? ''}` });
    expect(expired.headers['www-authenticate']).toBe(
      'Bearer realm="gatewire", error="invalid_token", error_description="the token has expired"',
    );
    const token = await sign(good);
    expect(await app.principalOf({ Authorization: `Bearer ${token}` })).toMatchObject({ id: 'u1' });
    for (const [, one] of [...bad, ['', token]]) expect(lines.lines.join('\n')).not.toContain(one);
  });

  it('may be off by the clock tolerance and no more', async () => {
    app = await WhoApp.start([jwt({ ...options, clockToleranceMs: 60_000 })]);
    const justWithin = await sign({ exp: inAnHour() - 3600 - 55 });
    const justBeyond = await sign({ exp: inAnHour() - 3600 - 61 });
    expect(await app.principalOf({ Authorization: `Bearer ${justWithin}` })).toMatchObject({ id: 'u1' });
    expect(await app.refusal({ Authorization: `Bearer ${justBeyond}` })).toMatchObject({ status: 401 });
  });

  it.each(['RS256', 'PS512', 'ES384', 'EdDSA'] as const)(
    'are verified with a public key: %s',
    async (alg) => {
      const { publicKey, privateKey } =
        alg === 'EdDSA'
          ? generateKeyPairSync('ed25519')
          : alg === 'ES384'
            ? generateKeyPairSync('ec', { namedCurve: 'P-384' })
            : generateKeyPairSync('rsa', { modulusLength: 2048 });
      const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string;
      const token = await new SignJWT({ sub: 'u1' }).setProtectedHeader({ alg }).sign(privateKey);
      const confused = await sign({}, 'HS256', Buffer.from(pem));
      for (const key of [pem, publicKey, publicKey.export({ format: 'jwk' })]) {
        app = await WhoApp.start([jwt({ publicKey: key, algorithms: [alg] })]);
        expect(await app.principalOf({ Authorization: `Bearer ${token}` })).toMatchObject({ id: 'u1' });
        expect(await app.refusal({ Authorization: `Bearer ${confused}` })).toMatchObject({ status: 401 });
        await app.stop();
      }
    },
  );

  it('may be encrypted around their signature, and only with what is allowed', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const encrypt = async (inner: string, alg = 'ECDH-ES', enc = 'A256GCM'): Promise<string> =>
      new CompactEncrypt(Buffer.from(inner)).setProtectedHeader({ alg, enc, cty: 'JWT' }).encrypt(publicKey);
    const decryption = { key: await exportJWK(privateKey), keyManagementAlgorithms: ['ECDH-ES'] };
    app = await WhoApp.start([jwt({ ...options, decryption })]);
    const at = (token: string): Record<string, string> => ({ Authorization: `Bearer ${token}` });
    expect(await app.principalOf(at(await encrypt(await sign({}))))).toMatchObject({ id: 'u1' });
    expect(await app.refusal(at(await encrypt('{"sub":"u1"}')))).toMatchObject({ status: 401 });
    const unsigned = new UnsecuredJWT({ sub: 'u1' }).encode();
    expect(await app.refusal(at(await encrypt(unsigned)))).toMatchObject({ status: 401 });
    const twice = await encrypt(await encrypt(await sign({})));
    expect(await app.refusal(at(twice))).toMatchObject({ status: 401 });
    expect(await app.refusal(at(await encrypt(await sign({}), 'ECDH-ES+A128KW')))).toMatchObject({
      status: 401,
    });
    expect(await app.principalOf(at(await sign({})))).toMatchObject({ id: 'u1' });
    await app.stop();
    app = await WhoApp.start([jwt(options)]);
    expect(await app.refusal(at(await encrypt(await sign({}))))).toMatchObject({ status: 401 });
  });

  it('make the principal that the application wants', async () => {
    app = await WhoApp.start([
      jwt({
        ...options,
        toPrincipal: async ({ email }) => (email === undefined ? null : { id: email as string }),
      }),
    ]);
    expect(await app.principalOf({ Authorization: `Bearer ${await sign({ email: 'a@b.c' })}` })).toEqual({
      id: 'a@b.c',
    });
    expect(await app.refusal({ Authorization: `Bearer ${await sign({})}` })).toMatchObject({ status: 401 });
  });
});
