import { once } from 'node:events';
import { Engine } from '../../lib/server/engine.js';
import { resolveProxyOptions } from '../../lib/server/reverse-proxy/proxy-options.js';
import { ReverseProxy } from '../../lib/server/reverse-proxy/reverse-proxy.js';
import { createCertificate } from '../support/certificate.js';
import { freePort } from '../support/free-port.js';
import { TestClient } from '../support/test-client.js';
import { UpstreamServer } from '../support/upstream-server.js';
import { ProxyFixture } from './proxy-fixture.js';

const proxied = ProxyFixture.forEachTest();

describe('a reverse proxy', () => {
  it('passes texts and bytes on, both ways and in order', async () => {
    await proxied.start();
    const { client, peer } = await proxied.join();
    const long = 'ü'.repeat(400_000);
    for (const message of ['', 'text', Buffer.from([0, 255]), long, Buffer.alloc(70_000, 7), '{"event":"x"}'])
      client.send(message);
    await peer.received(6);
    expect(peer.messages).toEqual([
      '',
      'text',
      Buffer.from([0, 255]),
      long,
      Buffer.alloc(70_000, 7),
      '{"event":"x"}',
    ]);
    for (const message of peer.messages) peer.socket.send(message);
    for (const message of peer.messages) expect(await client.next()).toEqual(message);
  });

  it('gives the client what the upstream says first', async () => {
    proxied.upstream.sockets.on('connection', (socket) => socket.send('welcome'));
    await proxied.start();
    const { client } = await proxied.join();
    expect(await client.next()).toBe('welcome');
  });

  it('keeps the pings of each side to itself', async () => {
    await proxied.start();
    const { client, peer } = await proxied.join();
    let pings = 0;
    peer.socket.on('ping', () => pings++);
    client.socket.on('ping', () => pings++);
    const pongs = [once(client.socket, 'pong'), once(peer.socket, 'pong')];
    client.socket.ping('a');
    peer.socket.ping('b');
    expect((await Promise.all(pongs)).map(([data]) => String(data))).toEqual(['a', 'b']);
    expect(pings).toBe(0);
  });

  it('takes the target of a function of the handshake', async () => {
    await proxied.start({
      target: async ({ url, path }) =>
        Promise.resolve(`${proxied.upstream.url}${path}?was=${encodeURIComponent(url)}`),
    });
    await proxied.fixture.connect('/?a=1');
    expect((await proxied.upstream.next()).request.url).toBe('/feed/?was=%2F%3Fa%3D1');
  });

  it('ends the TLS of its clients, and tells the upstream', async () => {
    await proxied.start();
    const { key, cert } = createCertificate();
    const port = await freePort();
    const engine = new Engine({ ownPorts: { tls: { key, cert } } }, { logger: proxied.fixture.log });
    proxied.cleanups.push(() => engine.close());
    const proxy = new ReverseProxy(
      'TlsGateway',
      proxied.upstream.url,
      resolveProxyOptions(proxied.upstream.url),
    );
    const endpoint = engine.endpoint({ httpServer: null, port, path: '/*', wsOptions: {} });
    endpoint.bind({ name: 'TlsGateway', authorizers: [], handlers: [], proxy });
    const client = await TestClient.open(`wss://localhost:${port}/`, [], { ca: cert });
    const peer = await proxied.upstream.next();
    expect(peer.request.headers).toMatchObject({
      'x-forwarded-proto': 'https',
      'x-forwarded-host': `localhost:${port}`,
    });
    client.send('in the clear');
    await peer.received(1);
    client.close();
    await client.closed;
  });

  it('reaches an upstream with TLS, and only one it may trust', async () => {
    const { key, cert } = createCertificate();
    const secure = await UpstreamServer.start({}, { key, cert });
    proxied.cleanups.push(() => secure.stop());
    await proxied.start({ target: `wss://localhost:${secure.port}`, proxy: { tls: { ca: cert } } });
    await proxied.fixture.connect();
    (await secure.next()).socket.send('over TLS');
    expect(await proxied.fixture.clients[0]!.next()).toBe('over TLS');
    await proxied.fixture.stop();
    await proxied.start({ target: `wss://localhost:${secure.port}` });
    expect((await proxied.refusal()).status).toBe(502);
  });
});

describe('options of a proxy', () => {
  it.each<[string, unknown, object]>([
    ['no target', undefined, {}],
    ['a target that is no URL', 'here', {}],
    ['a target over HTTP', 'http://127.0.0.1', {}],
    ['a fragment', 'ws://127.0.0.1/#x', {}],
    ['a header of the hop', 'ws://a', { forwardHeaders: ['Connection'] }],
    ['a header of WebSocket', 'ws://a', { headers: { 'Sec-WebSocket-Key': 'x' } }],
    ['a header that is ours', 'ws://a', { headers: { 'x-forwarded-for': 'x' } }],
    ['an empty origin', 'ws://a', { origin: '' }],
    ['no time', 'ws://a', { connectMs: 0 }],
    ['no room', 'ws://a', { highWaterBytes: 0 }],
    ['a word nobody knows', 'ws://a', { onRefused: 'shout' }],
    ['a limit that is none', 'ws://a', { maxPayloadBytes: -1 }],
  ])('are refused with %s', async (_name, target, options) => {
    await proxied.start();
    expect(() => resolveProxyOptions(target, options)).toThrow('@ProxyTo');
  });
});
