import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { OwnPortOptions } from '../../lib/server/own-port-options.js';
import { createCertificate } from '../support/certificate.js';
import { FakeClock } from '../support/fake-clock.js';
import { OwnPortFixture } from '../support/own-port-fixture.js';
import type { TestClient } from '../support/test-client.js';
import { tcp4Block, unixBlock, v2Header } from './proxy-headers.js';

const { key, cert } = createCertificate();
const v1 = Buffer.from('PROXY TCP4 203.0.113.9 198.51.100.2 4711 443\r\n');
const v2 = v2Header(0x21, 0x11, tcp4Block([203, 0, 113, 9], [198, 51, 100, 2], [4711, 443]));
const v2over6 = v2Header(
  0x21,
  0x21,
  tcp4Block(new Array<number>(16).fill(0x20), new Array<number>(16).fill(0), [1, 2]),
);

let fixture: OwnPortFixture;
afterEach(() => fixture.stop());

async function start(options: OwnPortOptions = {}, clock = new FakeClock()): Promise<FakeClock> {
  fixture = await OwnPortFixture.start({ ownPorts: { proxyProtocol: true, ...options } }, { clock });
  return clock;
}

/** A client behind a proxy that writes these bytes first, in so many pieces. */
async function behind(header: Buffer, scheme: 'ws' | 'wss' = 'ws', pieces = 1): Promise<TestClient> {
  const socket = await fixture.socket();
  await writePieces(socket, header, pieces);
  const createConnection = (): Socket =>
    scheme === 'ws' ? socket : connectTls({ socket, ca: cert, servername: 'localhost' });
  return fixture.client(scheme, { createConnection: createConnection as never });
}

async function writePieces(socket: Socket, bytes: Buffer, pieces: number): Promise<void> {
  socket.setNoDelay(true);
  const size = Math.ceil(bytes.length / pieces);
  for (let at = 0; at < bytes.length; at += size) {
    await new Promise<void>((resolve) => void socket.write(bytes.subarray(at, at + size), () => resolve()));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const addressSeen = async (client: TestClient): Promise<unknown> =>
  ((await client.ask('who'))['data'] as { address: string }).address;

/** Waits until the port has dropped the connection. */
async function dropped(header: Buffer): Promise<void> {
  const socket = await fixture.socket();
  const closed = once(socket, 'close');
  socket.resume();
  socket.write(header);
  await closed;
}

describe('a port of its own with the PROXY protocol', () => {
  it.each<[string, Buffer, string]>([
    ['version 1', v1, '203.0.113.9'],
    ['version 2', v2, '203.0.113.9'],
    ['IPv6', v2over6, '2020:2020:2020:2020:2020:2020:2020:2020'],
  ])('takes the address of the peer: %s', async (_name, header, address) => {
    await start();
    expect(await addressSeen(await behind(header))).toBe(address);
    expect(await addressSeen(await behind(header, 'ws', header.length))).toBe(address);
  });

  it('takes it inside TLS too, whose handshake follows the header', async () => {
    await start({ tls: { key, cert } });
    expect(await addressSeen(await behind(v1, 'wss'))).toBe('203.0.113.9');
    expect(await addressSeen(await behind(v2, 'wss', 5))).toBe('203.0.113.9');
  });

  it.each([
    ['UNKNOWN', Buffer.from('PROXY UNKNOWN\r\n')],
    ['LOCAL', v2Header(0x20, 0, Buffer.alloc(0))],
    ['a UNIX socket', v2Header(0x21, 0x31, unixBlock('/run/a', '/run/b'))],
  ])('keeps the address of the socket for %s', async (_name, header) => {
    await start();
    expect(await addressSeen(await behind(header))).toMatch(/127\.0\.0\.1$/);
  });

  it('reads a request that comes in one piece with the header', async () => {
    await start();
    const socket = await fixture.socket();
    const request = [
      'GET / HTTP/1.1',
      'Host: localhost',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ];
    socket.write(Buffer.concat([v2, Buffer.from(`${request.join('\r\n')}\r\n\r\n`)]));
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toContain('101 Switching Protocols');
    const [connection] = fixture.endpoint.connections;
    expect(connection?.handshake.address).toBe('203.0.113.9');
    socket.destroy();
  });

  it.each([
    ['no header', Buffer.from('GET / HTTP/1.1\r\n\r\n'), 'not-a-header'],
    ['a malformed one', Buffer.from('PROXY TCP4 a b c d\r\n'), 'malformed'],
    ['one that is too long', Buffer.from(`PROXY UNKNOWN ${'x'.repeat(200)}`), 'too-long'],
  ])('drops a connection with %s, counts and logs it', async (_name, header, fault) => {
    await start();
    await dropped(header);
    expect(fixture.stages).toMatchObject({ [`proxy-protocol.${fault}`]: 1 });
    expect(fixture.log.lines).toEqual([
      expect.stringContaining(`port ${fixture.port}: dropped a connection`),
    ]);
    expect(fixture.log.lines.join()).not.toContain('xxx');
    expect(await addressSeen(await behind(v1))).toBe('203.0.113.9');
  });

  it('drops a connection whose header does not come in time', async () => {
    const clock = await start();
    const socket = await fixture.socket();
    const closed = once(socket, 'close');
    socket.resume();
    socket.write('PROXY TCP4');
    await behind(v1);
    clock.advance(9_999);
    expect(fixture.stages['proxy-protocol.timeout']).toBeUndefined();
    clock.advance(1);
    await closed;
    expect(fixture.stages['proxy-protocol.timeout']).toBe(1);
  });

  it('counts a connection that ends before its header, as health checks do, and does not log it', async () => {
    await start();
    const socket = await fixture.socket();
    const closed = once(socket, 'close');
    socket.resume();
    socket.end('PROXY ');
    await closed;
    expect(fixture.stages['proxy-protocol.ended']).toBe(1);
    expect(fixture.log.lines).toEqual([]);
  });

  it('takes headers of trusted proxies only', async () => {
    await start({ proxyProtocol: { trusted: ['10.0.0.0/8', '192.0.2.1'] } });
    await dropped(v1);
    expect(fixture.stages['proxy-protocol.untrusted']).toBe(1);
    await fixture.stop();
    await start({ proxyProtocol: { trusted: 'loopback' } });
    expect(await addressSeen(await behind(v1))).toBe('203.0.113.9');
  });

  it('does not believe X-Forwarded-For of the peer it says', async () => {
    fixture = await OwnPortFixture.start({ ownPorts: { proxyProtocol: true }, trustProxy: 'loopback' });
    const socket = await fixture.socket();
    socket.write(v1);
    const headers = { 'X-Forwarded-For': '192.0.2.77' };
    const client = await fixture.client('ws', { createConnection: (() => socket) as never, headers });
    expect(await addressSeen(client)).toBe('203.0.113.9');
  });

  it('closes though a header has not come', async () => {
    await start();
    const silent = await fixture.socket();
    const closed = once(silent, 'close');
    await behind(v1);
    await fixture.engine.close();
    await closed;
  });
});
