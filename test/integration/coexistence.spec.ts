import { freePort } from '../support/free-port.js';
import { buildSchema } from 'graphql';
import { createClient } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { Server as SocketIoServer } from 'socket.io';
import { io } from 'socket.io-client';
import { WebSocket, WebSocketServer } from 'ws';
import { EngineFixture } from '../support/engine-fixture.js';
import { FakeClock } from '../support/fake-clock.js';
import { TestClient } from '../support/test-client.js';

let fixture: EngineFixture;
afterEach(() => fixture.stop());

const start = (clock?: FakeClock): Promise<EngineFixture> =>
  EngineFixture.start({
    path: '/ours',
    handlers: { echo: (data) => data },
    ...(clock && { host: { clock } }),
  });

/** Our endpoint works beside the other listener. */
async function expectOursToWork(): Promise<void> {
  const client = await fixture.connect('/ours');
  expect(await client.ask('echo', 'ours')).toEqual({ id: 1, data: 'ours' });
}

describe('beside other upgrade listeners of the same HTTP server', () => {
  it.each(['before', 'after'] as const)(
    'works with graphql-ws on a ws server with a path of its own, attached %s ours',
    async (when) => {
      fixture = await start();
      if (when === 'before') {
        // As if ours had come second: the other listener sees every upgrade first.
        await fixture.engine.close();
      }
      const graphql = new WebSocketServer({ server: fixture.httpServer, path: '/graphql' });
      const schema = buildSchema('type Query { hello: String } type Subscription { greetings: String }');
      const greetings = async function* (): AsyncGenerator<{ greetings: string }> {
        yield await Promise.resolve({ greetings: 'hi' });
      };
      const disposable = useServer(
        { schema, roots: { query: { hello: 'world' }, subscription: { greetings } } },
        graphql,
      );
      if (when === 'before') fixture.startEngine();
      await expectOursToWork();
      const client = createClient({ url: `${fixture.url}/graphql`, webSocketImpl: WebSocket });
      const results: unknown[] = [];
      for await (const result of client.iterate({ query: 'subscription { greetings }' }))
        results.push(result.data);
      expect(results).toEqual([{ greetings: 'hi' }]);
      await expectOursToWork();
      await client.dispose();
      await disposable.dispose();
      graphql.close();
    },
  );

  it('works with socket.io', async () => {
    fixture = await start();
    const server = new SocketIoServer(fixture.httpServer, { transports: ['websocket'] });
    server.on('connection', (socket) =>
      socket.on('hello', (answer: (text: string) => void) => answer('from socket.io')),
    );
    const socket = io(fixture.url.replace('ws', 'http'), { transports: ['websocket'], reconnection: false });
    expect(await socket.emitWithAck('hello')).toBe('from socket.io');
    await expectOursToWork();
    socket.close();
    server.engine.close();
  });
});

describe('a path that nobody serves', () => {
  it('gets 404 at once where we are the only upgrade listener', async () => {
    const clock = new FakeClock();
    fixture = await start(clock);
    await expect(TestClient.open(`${fixture.url}/nowhere`)).rejects.toThrow('404');
  });

  it('gets 404 after the handshake time-out where there are others, and none has taken it', async () => {
    const clock = new FakeClock();
    fixture = await start(clock);
    let seen = 0;
    fixture.httpServer.on('upgrade', () => seen++);
    const refused = expect(TestClient.open(`${fixture.url}/nowhere`)).rejects.toThrow('404');
    while (seen === 0) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(9_999);
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(1);
    await refused;
  });

  it('is left alone where another listener has taken it', async () => {
    const clock = new FakeClock();
    fixture = await start(clock);
    const other = new WebSocketServer({ noServer: true });
    fixture.httpServer.on('upgrade', (request, socket, head) =>
      other.handleUpgrade(request, socket, head, (ws) => ws.send('other')),
    );
    const client = await TestClient.open(`${fixture.url}/other`);
    clock.advance(20_000);
    expect(await client.next()).toBe('other');
    client.socket.send('x');
    client.terminate();
    other.close();
  });
});

describe('plain HTTP', () => {
  it("is never touched on Nest's server", async () => {
    fixture = await start();
    const response = await fetch(fixture.url.replace('ws', 'http'));
    expect([response.status, await response.text()]).toEqual([200, 'plain http']);
  });

  it('gets 426 on a port of our own', async () => {
    fixture = await start();
    const port = await freePort();
    const endpoint = fixture.engine.endpoint({ httpServer: null, port, path: '/own', wsOptions: {} });
    endpoint.bind({ name: 'Own', handlers: [], authorizers: [] });
    const client = new TestClient(`ws://127.0.0.1:${port}/own`);
    await client.opened();
    const response = await fetch(`http://127.0.0.1:${port}/own`);
    expect([response.status, response.headers.get('upgrade')]).toEqual([426, 'websocket']);
    await expect(TestClient.open(`ws://127.0.0.1:${port}/other`)).rejects.toThrow('404');
    client.terminate();
  });
});
