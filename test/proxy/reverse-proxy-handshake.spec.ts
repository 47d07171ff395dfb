import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import type { EngineOptions } from '../../lib/server/options.js';
import type { ProxyOptions, ProxyTarget } from '../../lib/server/reverse-proxy/proxy-options.js';
import { FakeClock } from '../support/fake-clock.js';
import { TestClient } from '../support/test-client.js';
import { UpstreamServer } from '../support/upstream-server.js';
import { ProxyFixture, until } from './proxy-fixture.js';

const proxied = ProxyFixture.forEachTest();

describe('the handshake with the upstream', () => {
  const sent = {
    Origin: 'http://app.example.com',
    Cookie: 'a=b',
    Authorization: 'Bearer x',
    'X-Forwarded-For': '192.0.2.1',
  };

  async function headersSeen(
    proxy: ProxyOptions,
    options: EngineOptions = {},
  ): Promise<Record<string, unknown>> {
    await proxied.start({ proxy, options: { origins: false, ...options } });
    const { peer } = await proxied.join([], { headers: sent });
    return peer.request.headers;
  }

  it('says who the client is, and gives away no credentials', async () => {
    const headers = await headersSeen({});
    expect(headers).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': proxied.fixture.url.slice('ws://'.length),
      origin: 'http://app.example.com',
      host: `127.0.0.1:${proxied.upstream.port}`,
    });
    expect(headers).not.toHaveProperty('cookie');
    expect(headers).not.toHaveProperty('authorization');
  });

  it('adds to the list of a trusted proxy', async () => {
    expect(await headersSeen({}, { trustProxy: 'loopback' })).toMatchObject({
      'x-forwarded-for': '192.0.2.1, 127.0.0.1',
    });
  });

  it('has the headers it is told to have', async () => {
    const headers = await headersSeen({
      forwardHeaders: ['Cookie', 'Absent'],
      headers: async ({ path }, { id }) => Promise.resolve({ 'X-Path': path, 'X-Id': id }),
    });
    expect(headers).toMatchObject({
      cookie: 'a=b',
      'x-path': '/',
      'x-id': expect.stringMatching(/.{16}/) as unknown,
    });
    expect(headers).not.toHaveProperty('absent');
  });

  it.each<[ProxyOptions['origin'], () => string | undefined]>([
    ['forward', () => 'http://app.example.com'],
    ['upstream', () => `http://127.0.0.1:${proxied.upstream.port}`],
    ['https://edge.example.com', () => 'https://edge.example.com'],
    [false, () => undefined],
  ])('has the origin %p', async (origin, expected) => {
    expect((await headersSeen({ origin: origin! }))['origin']).toBe(expected());
  });

  it('negotiates the subprotocol, without credentials for this hop', async () => {
    await proxied.upstream.stop();
    proxied.upstream = await UpstreamServer.start({ handleProtocols: () => 'b' });
    await proxied.start();
    const { client, peer } = await proxied.join(['gatewire.bearer.dG9rZW4', 'a', 'b']);
    expect(peer.request.headers['sec-websocket-protocol']).toBe('a,b');
    expect(client.socket.protocol).toBe('b');
  });

  it('selects none where the upstream selects none', async () => {
    await proxied.upstream.stop();
    proxied.upstream = await UpstreamServer.start({ handleProtocols: () => false });
    await proxied.start();
    const client = new TestClient(proxied.fixture.url, ['a']);
    proxied.fixture.clients.push(client);
    const [response] = (await once(client.socket, 'upgrade')) as [{ headers: Record<string, string> }];
    expect(response.headers).not.toHaveProperty('sec-websocket-protocol');
    expect((await proxied.upstream.next()).request.headers['sec-websocket-protocol']).toBe('a');
  });

  it('answers 400 to subprotocols that cannot be offered', async () => {
    await proxied.start();
    const headers = { 'Sec-WebSocket-Protocol': 'a, a' };
    await expect(proxied.fixture.connect('/', [], { headers })).rejects.toThrow('400');
    expect(proxied.upstream.peers).toHaveLength(0);
  });

  it('answers 502 to a refusal of the upstream, whose status stays in the log', async () => {
    await proxied.upstream.stop();
    proxied.upstream = await UpstreamServer.start({
      verifyClient: (_info, done) => done(false, 403, 'secret'),
    });
    await proxied.start();
    const { status, body } = await proxied.refusal();
    expect(status).toBe(502);
    expect(JSON.parse(body)).toEqual({
      code: 'UNAVAILABLE',
      message: 'the upstream does not take the connection',
    });
    expect(proxied.fixture.log.lines.join()).toContain('403');
    expect(proxied.stages()).toMatchObject({ 'proxy.refused': 1 });
    expect(proxied.upstreams()).toBe(0);
  });

  it('answers 502 when nobody is there', async () => {
    const { port } = proxied.upstream;
    await proxied.upstream.stop();
    await proxied.start({ target: `ws://127.0.0.1:${port}` });
    expect((await proxied.refusal()).status).toBe(502);
    expect(proxied.fixture.engine.server.stats().gauges.handshakesInFlight).toBe(0);
  });

  it('answers 504 to an upstream that says nothing in time', async () => {
    const sockets: { destroy(): void }[] = [];
    const silent = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    proxied.cleanups.push(() => {
      for (const socket of sockets) socket.destroy();
      silent.close();
    });
    const clock = new FakeClock();
    await proxied.start({
      target: `ws://127.0.0.1:${(silent.address() as AddressInfo).port}`,
      host: { clock },
    });
    const answer = proxied.refusal();
    await until(() => sockets.length > 0);
    clock.advance(4_999);
    expect(proxied.stages()['proxy.timeout']).toBeUndefined();
    clock.advance(1);
    expect((await answer).status).toBe(504);
    expect(proxied.stages()).toMatchObject({ 'proxy.timeout': 1 });
  });

  it.each<[string, ProxyTarget, number]>([
    ['a target that is no URL', () => 'nowhere', 500],
    ['a target of another scheme', () => 'https://127.0.0.1/', 500],
    [
      'a function that refuses',
      () => Promise.reject(Object.assign(new Error('no'), { getStatus: () => 404 })),
      404,
    ],
  ])('refuses with %s', async (_name, target, status) => {
    await proxied.start({ target });
    expect((await proxied.refusal()).status).toBe(status);
  });

  it('does not bother the upstream for who is refused here', async () => {
    await proxied.start({
      handshake: () => {
        throw Object.assign(new Error('no'), { getStatus: () => 401 });
      },
    });
    expect((await proxied.refusal()).status).toBe(401);
    expect(proxied.upstream.peers).toHaveLength(0);
  });

  it('keeps what a hasty client sends before its 101', async () => {
    let accept: (() => void) | undefined;
    await proxied.upstream.stop();
    proxied.upstream = await UpstreamServer.start({
      verifyClient: (_info, done) => void (accept = () => done(true)),
    });
    await proxied.start();
    const { port } = new URL(proxied.fixture.url);
    const socket = connect(Number(port), '127.0.0.1');
    const request = [
      'GET / HTTP/1.1',
      'Host: localhost',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ];
    socket.write(`${request.join('\r\n')}\r\n\r\n`);
    await until(() => accept !== undefined);
    // A masked text frame: "hi".
    socket.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]));
    await new Promise((resolve) => setTimeout(resolve, 20));
    accept!();
    const peer = await proxied.upstream.next();
    await peer.received(1);
    expect(peer.messages).toEqual(['hi']);
    socket.destroy();
  });

  it('lets go of the upstream when the client goes first', async () => {
    let accept!: () => void;
    await proxied.upstream.stop();
    proxied.upstream = await UpstreamServer.start({
      verifyClient: (_info, done) => void (accept = () => done(true)),
    });
    await proxied.start();
    const client = new TestClient(proxied.fixture.url);
    await until(() => (accept as unknown) !== undefined);
    client.terminate();
    await until(() => proxied.fixture.engine.server.stats().gauges.handshakesInFlight === 0);
    accept();
    await until(() => proxied.upstream.sockets.clients.size === 0);
    expect(proxied.upstreams()).toBe(0);
  });
});
