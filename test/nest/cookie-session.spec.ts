import fastifyCookie from '@fastify/cookie';
import fastifySession from '@fastify/session';
import { Controller, Post, Req } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import expressSession from 'express-session';
import {
  cookieSession,
  type CookieSessionOptions,
  type SessionStorePort,
  type StoredSession,
} from '../../lib/pipeline/stages/authentication/cookie-session.strategy.js';
import { GatewireServer } from '../../lib/server/gatewire-server.js';
import { WhoApp } from './who-app.js';

const secret = 'a secret of thirty-two characters';

interface LoginRequest {
  readonly session: Record<string, unknown> & { destroy(callback: (error?: unknown) => void): void };
}

@Controller()
class LoginController {
  @Post('login')
  login(@Req() request: LoginRequest) {
    request.session['user'] = 'alice';
    return {};
  }

  @Post('visit')
  visit(@Req() request: LoginRequest) {
    request.session['visits'] = 1;
    return {};
  }

  @Post('logout')
  async logout(@Req() request: LoginRequest) {
    await new Promise((resolve) => request.session.destroy(resolve));
    return {};
  }
}

let app: WhoApp;
afterEach(() => app.stop());

const httpUrl = (): string => app.app.url.replace('ws', 'http');
/** Calls the application's HTTP side and gives the cookie it sets. */
async function post(path: string, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(`${httpUrl()}/${path}`, { method: 'POST', headers });
  expect(response.status).toBe(201);
  return response.headers.getSetCookie()[0]?.split(';')[0] ?? '';
}

const toPrincipal = ({ user }: StoredSession) => (typeof user === 'string' ? { id: user } : null);

async function startExpress(options: Partial<CookieSessionOptions> = {}): Promise<void> {
  const store = new expressSession.MemoryStore();
  const strategy = cookieSession({ store: store as SessionStorePort, secret, toPrincipal, ...options });
  app = await WhoApp.start(
    [strategy],
    {},
    {
      controllers: [LoginController],
      before: (nest) => nest.use(expressSession({ secret, store, resave: false, saveUninitialized: false })),
    },
  );
}

async function startFastify(): Promise<void> {
  const store = new fastifySession.MemoryStore();
  const strategy = cookieSession({
    store: store as unknown as SessionStorePort,
    secret,
    toPrincipal,
    name: 'sessionId',
  });
  const adapter = new FastifyAdapter();
  await adapter.getInstance().register(fastifyCookie);
  await adapter.getInstance().register(fastifySession, { secret, store, cookie: { secure: false } });
  app = await WhoApp.start([strategy], {}, { controllers: [LoginController], httpAdapter: adapter });
}

describe.each([
  ['express-session', startExpress],
  ['@fastify/session', startFastify],
])('a session of %s', (_name, start) => {
  it('lets in who has logged in, from a page of the application', async () => {
    await start();
    const Cookie = await post('login');
    const Origin = httpUrl();
    expect(await app.principalOf({ Cookie, Origin })).toEqual({ id: 'alice' });
    expect(await app.principalOf({ Cookie: `a=b; ${Cookie}; c=d`, Origin })).toEqual({ id: 'alice' });
  });

  it('lets in nobody from another page, nor where no page says so', async () => {
    await start();
    const Cookie = await post('login');
    expect(await app.refusal({ Cookie })).toMatchObject({ status: 401 });
    expect(await app.refusal({ Cookie, Origin: 'https://evil.example' })).toMatchObject({ status: 403 });
  });

  it('lets in nobody who has not logged in, has logged out, or made the cookie up', async () => {
    await start();
    const Origin = httpUrl();
    const visitor = await post('visit');
    expect(await app.refusal({ Cookie: visitor, Origin })).toMatchObject({ status: 401 });
    const Cookie = await post('login');
    const [name = '', value = ''] = Cookie.split('=');
    for (const wrong of [
      '',
      's:',
      'abc',
      `${value}x`,
      value.split('.')[0] ?? '',
      `s:abc.${value.split('.')[1] ?? ''}`,
    ])
      expect(await app.refusal({ Cookie: `${name}=${wrong}`, Origin })).toMatchObject({ status: 401 });
    await post('logout', { Cookie });
    expect(await app.refusal({ Cookie, Origin })).toMatchObject({ status: 401 });
  });
});

describe('a session', () => {
  it('ends its connections when it ends', async () => {
    await startExpress({ recheckMs: 200 });
    const Cookie = await post('login');
    const client = await app.app.connect('/', [], { headers: { Cookie, Origin: httpUrl() } });
    expect(await client.ask('who')).toMatchObject({ data: { id: 'alice' } });
    await post('logout', { Cookie });
    expect(await client.closed).toEqual({ code: 4401, reason: 'the session is over' });
    expect(app.app.app.get(GatewireServer).stats().stages['authentication.expired']).toBe(1);
  });

  it('is still known by the secret before, and refused with 503 while the store is down', async () => {
    await startExpress({ secret: ['the new secret', secret] });
    const Cookie = await post('login');
    expect(await app.principalOf({ Cookie, Origin: httpUrl() })).toEqual({ id: 'alice' });
    await app.stop();
    const stores: SessionStorePort[] = [
      { get: (_id, callback) => callback(new Error('down')) },
      { get: () => Promise.reject(new Error('down')) },
      {
        get: () => {
          throw new Error('down');
        },
      },
    ];
    for (const store of stores) {
      await startExpress({ store });
      expect(await app.refusal({ Cookie, Origin: httpUrl() })).toMatchObject({ status: 503 });
      await app.stop();
    }
  });

  it.each<[string, Partial<CookieSessionOptions>]>([
    ['store', { store: {} as never }],
    ['secret', { secret: [] }],
    ['secret', { secret: '' }],
    ['name', { name: 'a b' }],
    ['toPrincipal', { toPrincipal: undefined as never }],
    ['recheckMs', { recheckMs: 0 }],
  ])('cannot be had with a bad %s', async (option, options) => {
    const good = { store: { get: () => undefined }, secret, toPrincipal };
    expect(() => cookieSession({ ...good, ...options })).toThrow(`gatewire option "cookieSession.${option}"`);
    app = await WhoApp.start([]);
  });
});
