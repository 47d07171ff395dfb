import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { GatewireError } from '../../lib/protocol/gatewire-error.js';
import type { DisconnectReason } from '../../lib/connection/disconnect-reason.js';
import type { Handshake } from '../../lib/connection/handshake.js';
import { deferred, EngineFixture } from '../support/engine-fixture.js';
import { FakeClock } from '../support/fake-clock.js';

let fixture: EngineFixture;
afterEach(() => fixture.stop());

/** Sends an upgrade request by hand and gives the HTTP answer. */
async function upgrade(
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: unknown }> {
  const request = httpRequest(fixture.url.replace('ws', 'http') + path, {
    headers: {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      ...headers,
    },
  });
  request.end();
  const opened = once(request, 'upgrade').then(([, socket]) => {
    (socket as Socket).destroy();
    return { status: 101, body: undefined };
  });
  const refused = once(request, 'response').then(async ([answer]) => {
    const response = answer as IncomingMessage;
    let text = '';
    for await (const chunk of response) text += String(chunk);
    return {
      status: response.statusCode ?? 0,
      body: text === '' ? undefined : (JSON.parse(text) as unknown),
    };
  });
  return Promise.race([opened, refused]);
}

describe('origins', () => {
  const host = (): string => fixture.url.slice('ws://'.length);

  it('lets in pages of the same host and requests without an origin, and nobody else', async () => {
    fixture = await EngineFixture.start();
    expect((await upgrade('/')).status).toBe(101);
    expect((await upgrade('/', { Origin: `http://${host()}` })).status).toBe(101);
    expect((await upgrade('/', { Origin: `https://${host()}` })).status).toBe(101);
    for (const origin of [
      'http://evil.example',
      'null',
      `http://${host()}.evil.example`,
      'http://127.0.0.1:1',
    ]) {
      expect(await upgrade('/', { Origin: origin })).toMatchObject({
        status: 403,
        body: { code: 'FORBIDDEN' },
      });
    }
    expect(fixture.log.lines.join('\n')).toContain('option "origins"');
  });

  it('lets in the origins of the list, with one wildcard level or more', async () => {
    fixture = await EngineFixture.start({
      options: { origins: ['https://app.example.com', 'https://*.example.org'] },
    });
    const status = async (origin: string): Promise<number> => (await upgrade('/', { Origin: origin })).status;
    expect(await status('https://app.example.com')).toBe(101);
    expect(await status('https://a.example.org')).toBe(101);
    expect(await status('https://a.b.example.org')).toBe(101);
    expect(await status('http://app.example.com')).toBe(403);
    expect(await status('https://example.org')).toBe(403);
    expect(await status('https://badexample.org')).toBe(403);
  });

  it('lets all in with `false`', async () => {
    fixture = await EngineFixture.start({ options: { origins: false } });
    expect((await upgrade('/', { Origin: 'http://evil.example' })).status).toBe(101);
  });
});

describe('before the 101', () => {
  it('refuses with the status of what a hook throws', async () => {
    const thrown: Record<string, unknown> = {
      '/401': new GatewireError('UNAUTHENTICATED', 'who are you'),
      '/403': new GatewireError('FORBIDDEN', 'not you'),
      '/nest': Object.assign(new Error('I am a teapot'), { getStatus: () => 418 }),
      '/bug': new Error('secret'),
    };
    fixture = await EngineFixture.start({
      path: '/*',
      handshake: ({ handshake }) => {
        throw thrown[handshake.path];
      },
    });
    expect(await upgrade('/401')).toEqual({
      status: 401,
      body: { code: 'UNAUTHENTICATED', message: 'who are you' },
    });
    expect(await upgrade('/403')).toMatchObject({ status: 403 });
    expect(await upgrade('/nest')).toMatchObject({ status: 418, body: { message: 'I am a teapot' } });
    expect(await upgrade('/bug')).toEqual({
      status: 500,
      body: { code: 'INTERNAL', message: 'Internal server error' },
    });
    expect(fixture.log.lines.join('\n')).toContain('secret');
    expect(fixture.engine.server.stats().counters.connectionsRefused).toBe(4);
  });

  it('awaits hooks, and refuses with 408 when they take longer than 10 s', async () => {
    const clock = new FakeClock();
    const asked = deferred();
    const pass = deferred();
    let calls = 0;
    fixture = await EngineFixture.start({
      host: { clock },
      handshake: () => {
        asked.resolve();
        return calls++ === 0 ? pass.promise : new Promise<void>(() => undefined);
      },
    });
    const first = upgrade('/');
    await asked.promise;
    pass.resolve();
    expect((await first).status).toBe(101);
    const second = upgrade('/');
    while (calls < 2) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(9_999);
    expect(fixture.engine.server.stats().gauges.handshakesInFlight).toBe(1);
    clock.advance(1);
    expect((await second).status).toBe(408);
    while (fixture.engine.server.stats().gauges.handshakesInFlight > 0)
      await new Promise((resolve) => setImmediate(resolve));
  });

  it('runs handshake middleware, which may refuse by throwing or by not going on', async () => {
    const seen: string[] = [];
    fixture = await EngineFixture.start({
      path: '/*',
      host: {
        middleware: [
          {
            handshake: (handshake, next) => {
              seen.push(handshake.path);
              if (handshake.path === '/throw') throw new GatewireError('TOO_MANY_REQUESTS', 'slow down');
              return handshake.path === '/stop' ? undefined : next();
            },
          },
        ],
      },
    });
    expect((await upgrade('/go')).status).toBe(101);
    expect((await upgrade('/throw')).status).toBe(429);
    expect((await upgrade('/stop')).status).toBe(403);
    expect(seen).toEqual(['/go', '/throw', '/stop']);
  });

  it('counts connections and handshakes in flight, and refuses the one too many', async () => {
    fixture = await EngineFixture.start({ options: { limits: { connections: 2 } } });
    const first = await fixture.connect();
    await fixture.connect();
    expect(await upgrade('/')).toMatchObject({ status: 503, body: { code: 'OVERLOADED' } });
    first.close();
    await first.closed;
    while (fixture.endpoint.connections.size > 1) await new Promise((resolve) => setImmediate(resolve));
    expect((await upgrade('/')).status).toBe(101);
  });

  it('refuses with 429 the connection too many from one address', async () => {
    fixture = await EngineFixture.start({
      options: { limits: { connectionsPerAddress: 1 }, trustProxy: true },
    });
    await fixture.connect('/', [], { headers: { 'X-Forwarded-For': '10.0.0.1, 10.0.0.9' } });
    expect((await upgrade('/', { 'X-Forwarded-For': '10.0.0.1' })).status).toBe(429);
    expect((await upgrade('/', { 'X-Forwarded-For': '10.0.0.2' })).status).toBe(101);
  });

  it('refuses with 503 the handshake too many in flight, until one of them is over', async () => {
    const clock = new FakeClock();
    fixture = await EngineFixture.start({
      host: { clock },
      options: { limits: { handshakesInFlight: 1 } },
      handshake: () => new Promise<void>(() => undefined),
    });
    const waiting = httpRequest(fixture.url.replace('ws', 'http'), {
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      },
    });
    waiting.on('error', () => undefined);
    waiting.end();
    const inFlight = (): number => fixture.engine.server.stats().gauges.handshakesInFlight;
    while (inFlight() === 0) await new Promise((resolve) => setImmediate(resolve));
    expect((await upgrade('/')).status).toBe(503);
    clock.advance(10_000);
    while (inFlight() === 1) await new Promise((resolve) => setImmediate(resolve));
  });

  it('negotiates subprotocols: never a bearer token, and alone it is refused with a hint', async () => {
    fixture = await EngineFixture.start();
    const client = await fixture.connect('/', ['gatewire.bearer.dG9rZW4', 'gatewire.plain']);
    expect(client.socket.protocol).toBe('gatewire.plain');
    const refused = await upgrade('/', { 'Sec-WebSocket-Protocol': 'gatewire.bearer.dG9rZW4' });
    expect(refused).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('beside it') as unknown },
    });
  });

  it('gives hooks path parameters, query, headers and address', async () => {
    let seen: Handshake | undefined;
    fixture = await EngineFixture.start({
      path: '/rooms/:id',
      connect: ({ handshake }) => void (seen = handshake),
    });
    await fixture.connect('/rooms/a%20b?token=t', [], { headers: { 'X-Test': 'yes' } });
    expect(seen?.params).toEqual({ id: 'a b' });
    expect(seen?.query.get('token')).toBe('t');
    expect(seen?.headers['x-test']).toBe('yes');
    expect(seen?.address).toBe('127.0.0.1');
    expect(seen?.isSecure).toBe(false);
    expect(seen?.request).toBeUndefined();
    expect((await upgrade('/rooms')).status).toBe(404);
  });
});

describe('handleConnection', () => {
  it('closes with a code that mirrors the error after the filters have had it', async () => {
    const failed: unknown[] = [];
    let error: Error = new GatewireError('FORBIDDEN', 'not here');
    fixture = await EngineFixture.start({
      connect: () => Promise.reject(error),
      connectFailed: (reason, connection) => {
        failed.push(reason);
        connection.emit('exception', { status: 'error' });
      },
    });
    const client = await fixture.connect();
    expect(await client.nextJson()).toMatchObject({ event: 'exception' });
    expect(await client.closed).toEqual({ code: 4403, reason: 'not here' });
    expect(failed).toEqual([error]);
    error = new Error('secret');
    const second = await fixture.connect();
    expect(await second.closed).toEqual({ code: 1011, reason: 'Internal server error' });
  });

  it('is given 10 s, then the connection is closed with 4408 and the log names the hook', async () => {
    const clock = new FakeClock();
    const called = deferred();
    fixture = await EngineFixture.start({
      host: { clock },
      connect: () => {
        called.resolve();
        return new Promise<void>(() => undefined);
      },
    });
    const client = await fixture.connect();
    await called.promise;
    clock.advance(9_999);
    expect(fixture.endpoint.connections.size).toBe(1);
    clock.advance(1);
    expect(await client.closed).toMatchObject({ code: 4408 });
    expect(fixture.log.lines.join('\n')).toContain('TestGateway.handleConnection');
  });

  it('ends before handleDisconnect begins, which is told why', async () => {
    const connected = deferred();
    const log: string[] = [];
    const reasons: DisconnectReason[] = [];
    const gone = deferred();
    fixture = await EngineFixture.start({
      connect: async () => {
        await connected.promise;
        log.push('connected');
      },
      disconnect: (_connection, reason) => {
        log.push('disconnected');
        reasons.push(reason);
        gone.resolve();
      },
    });
    const client = await fixture.connect();
    client.close(4000, 'bye');
    await client.closed;
    while (fixture.endpoint.connections.size > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(log).toEqual([]);
    connected.resolve();
    await gone.promise;
    expect(log).toEqual(['connected', 'disconnected']);
    expect(reasons).toEqual([{ code: 4000, reason: 'bye', by: 'peer', wasClean: true }]);
  });

  it('keeps what it emits before a close()', async () => {
    fixture = await EngineFixture.start({
      connect: (connection) => {
        for (let i = 0; i < 100; i++) connection.emit('n', i);
        connection.close(4001, 'é'.repeat(200));
      },
    });
    const client = await fixture.connect();
    for (let i = 0; i < 100; i++) expect(await client.nextJson()).toEqual({ event: 'n', data: i });
    const { code, reason } = await client.closed;
    expect(code).toBe(4001);
    expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
  });
});
