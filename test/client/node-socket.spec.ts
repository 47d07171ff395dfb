import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { nodeSocket } from '../../lib/client/node/ws-socket.js';
import { Authenticator } from '../../lib/pipeline/stages/authentication/authenticator.js';
import { EngineFixture } from '../support/engine-fixture.js';
import { freePort } from '../support/free-port.js';
import { PlainTokens } from '../support/plain-tokens.js';
import { TestStageHost } from '../support/stage-host.js';
import { failure, open } from './socket-listener.js';

describe('a socket of the client on Node', () => {
  let server: WebSocketServer;
  let url: string;
  let peer: Promise<WebSocket>;

  beforeEach(async () => {
    server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: true });
    await once(server, 'listening');
    url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    peer = once(server, 'connection').then(([socket]) => socket as WebSocket);
  });

  afterEach(async () => {
    for (const socket of server.clients) socket.terminate();
    await new Promise((resolve) => server.close(resolve));
  });

  it('tells nothing before it has been returned', () => {
    const { socket, listener } = open(nodeSocket(), url);
    expect(listener.told).toEqual([]);
    socket.terminate();
  });

  it('sends headers, and selects a subprotocol', async () => {
    const request = once(server, 'connection').then(([, upgrade]) => upgrade as { headers: unknown });
    const { socket, listener } = open(nodeSocket(), url, {
      protocols: ['one', 'two'],
      headers: { authorization: 'Bearer x' },
    });
    await listener.heard('opened');
    expect(socket.protocol).toBe('one');
    expect((await request).headers).toMatchObject({
      authorization: 'Bearer x',
      'sec-websocket-protocol': 'one,two',
    });
  });

  it('sends and receives text as a string, and bytes as a plain Uint8Array', async () => {
    const { socket, listener } = open(nodeSocket(), url);
    await listener.heard('opened');
    const server = await peer;
    const frames: [string, boolean][] = [];
    server.on('message', (data: Buffer, isBinary) => frames.push([data.toString('latin1'), isBinary]));
    server.send('häh');
    server.send(Buffer.from([0, 255]));
    await listener.heard('received', 2);
    expect(listener.data).toEqual(['häh', new Uint8Array([0, 255])]);
    expect(Object.getPrototypeOf(listener.data[1])).toBe(Uint8Array.prototype);
    socket.send('text');
    socket.send(new Uint8Array([65, 200]));
    socket.close(1000, 'done');
    await listener.heard('closed');
    expect(frames).toEqual([
      ['text', false],
      ['A\xc8', true],
    ]);
  });

  it('tells of pings and pongs of the server as of a sign of life', async () => {
    const { listener } = open(nodeSocket(), url);
    await listener.heard('opened');
    const server = await peer;
    server.ping();
    server.pong();
    await listener.heard('alive', 2);
    expect(listener.told).toEqual(['opened', 'alive', 'alive']);
  });

  it('compresses only when it is asked to', async () => {
    const plain = open(nodeSocket(), url);
    const deflated = open(nodeSocket({ perMessageDeflate: true }), url);
    await Promise.all([plain.listener.heard('opened'), deflated.listener.heard('opened')]);
    expect(plain.socket.extensions).toBe('');
    expect(deflated.socket.extensions).toBe('permessage-deflate');
  });

  it('knows what has not left yet', async () => {
    const { socket, listener } = open(nodeSocket(), url);
    await listener.heard('opened');
    (await peer).pause();
    expect(socket.bufferedAmount).toBe(0);
    for (let at = 0; at < 16; at++) socket.send('x'.repeat(1_000_000));
    expect(socket.bufferedAmount).toBeGreaterThan(1_000_000);
    socket.terminate();
  });

  it('tells the code and the reason of the server, once', async () => {
    const { listener } = open(nodeSocket(), url);
    await listener.heard('opened');
    (await peer).close(4409, 'somebody else');
    await listener.heard('closed');
    expect(listener.closes).toEqual([{ code: 4409, reason: 'somebody else' }]);
  });

  it('says 1006 when the connection is cut', async () => {
    const { listener } = open(nodeSocket(), url);
    await listener.heard('opened');
    (await peer).terminate();
    await listener.heard('closed');
    expect(listener.closes).toEqual([{ code: 1006, reason: '' }]);
  });

  it.each(['close', 'terminate'] as const)(
    'can be ended by %s while it is being opened: 1006',
    async (how) => {
      const { socket, listener } = open(nodeSocket(), url);
      socket[how]();
      await listener.heard('closed');
      expect(listener.told).toEqual(['closed']);
      expect(listener.closes[0]).toMatchObject({ code: 1006 });
    },
  );

  it('ends with 1009 on a message longer than it takes, and not on one just as long', async () => {
    const { listener } = open(nodeSocket({ maxPayloadBytes: 1_000 }), url);
    await listener.heard('opened');
    const server = await peer;
    const closed = once(server, 'close');
    server.send('x'.repeat(1_000));
    server.send('x'.repeat(1_001));
    await listener.heard('closed');
    expect(listener.data).toHaveLength(1);
    expect((await closed)[0]).toBe(1009);
  });

  it('refuses a bound that is none', () => {
    expect(() => nodeSocket({ maxPayloadBytes: 0 })).toThrow(/maxPayloadBytes/);
    expect(() => nodeSocket({ maxPayloadBytes: 2 ** 31 })).toThrow(/maxPayloadBytes/);
  });

  it('says why nobody was reached', async () => {
    const { code, reason } = await failure(nodeSocket(), `ws://127.0.0.1:${await freePort()}`);
    expect(code).toBe(1006);
    expect(reason).toContain('ECONNREFUSED');
  });
});

describe('a refusal before the 101', () => {
  let http: Server | undefined;
  let fixture: EngineFixture | undefined;
  afterEach(async () => {
    http?.closeAllConnections();
    http?.close();
    await fixture?.stop();
    http = fixture = undefined;
  });

  async function serve(answer: (socket: Duplex) => void): Promise<string> {
    http = createServer();
    http.on('upgrade', (_request, socket) => {
      socket.on('error', () => undefined);
      answer(socket);
    });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    return `ws://127.0.0.1:${(http.address() as AddressInfo).port}`;
  }

  const refusing = (status: number, body = ''): Promise<string> =>
    serve((socket) =>
      socket.end(
        `HTTP/1.1 ${status} No\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      ),
    );

  it.each([
    [400, 4400],
    [401, 4401],
    [403, 4403],
    [404, 4404],
    [408, 4408],
    [429, 4429],
    [503, 4503],
    [502, 1014],
    [504, 1014],
    // Nobody has said what these mean for a connection.
    [200, 1006],
    [302, 1006],
    [405, 1006],
    [500, 1006],
  ])('by %d is told as %d', async (status, code) => {
    const url = await refusing(status);
    expect(await failure(nodeSocket(), url)).toEqual({ code, reason: `HTTP ${status}` });
  });

  it('tells what the server has said, shortened', async () => {
    const url = await refusing(403, JSON.stringify({ message: 'n'.repeat(300) }));
    expect(await failure(nodeSocket(), url)).toEqual({ code: 4403, reason: `HTTP 403: ${'n'.repeat(200)}` });
  });

  it.each([
    ['a page', '<html>'],
    ['another JSON', '{"message":5}'],
    ['null', 'null'],
    ['more than is read', `{"message":"${'x'.repeat(100_000)}"}`],
  ])('with %s as its body is told by its status', async (_name, body) => {
    const url = await refusing(401, body);
    expect(await failure(nodeSocket(), url)).toEqual({ code: 4401, reason: 'HTTP 401' });
  });

  it('is told once its sender breaks off, or who waits for it has had enough', async () => {
    const half = 'HTTP/1.1 401 No\r\ncontent-length: 50\r\n\r\n{';
    const broken = await serve((socket) => socket.write(half, () => socket.destroy()));
    expect(await failure(nodeSocket(), broken)).toMatchObject({ code: 4401 });
    http?.close();
    let written = (): void => undefined;
    const endless = await serve((socket) => socket.write(half, () => written()));
    const wrote = new Promise<void>((resolve) => (written = resolve));
    const { socket, listener } = open(nodeSocket(), endless);
    await wrote;
    socket.terminate();
    await listener.heard('closed');
    expect(listener.told).toEqual(['closed']);
  });

  it('of a gatewire server says which it was', async () => {
    fixture = await EngineFixture.start({
      path: '/chat',
      authenticator: new Authenticator([new PlainTokens()], new TestStageHost()),
    });
    expect(await failure(nodeSocket(), `${fixture.url}/nowhere`)).toMatchObject({ code: 4404 });
    const { code, reason } = await failure(nodeSocket(), `${fixture.url}/chat`);
    expect(code).toBe(4401);
    expect(reason).toMatch(/^HTTP 401: ./);
  });
});
