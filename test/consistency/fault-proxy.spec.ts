import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { FaultProxy } from './fault-proxy.js';

/** One end of a connection, with what has come. */
class End {
  readonly socket: Socket;
  text = '';
  end: 'none' | 'fin' | 'rst' = 'none';

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (bytes: Buffer) => (this.text += bytes.toString()));
    socket.on('end', () => (this.end = 'fin'));
    socket.on('error', () => (this.end = 'rst'));
  }

  async has(text: string): Promise<void> {
    while (this.text !== text) await turn();
  }

  async ends(how: 'fin' | 'rst'): Promise<void> {
    while (this.end === 'none') await turn();
    expect(this.end).toBe(how);
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the fault proxy', () => {
  let server: Server;
  let proxy: FaultProxy;
  const accepted: End[] = [];
  const clients: End[] = [];

  beforeEach(async () => {
    server = createServer({ allowHalfOpen: true }, (socket) => accepted.push(new End(socket)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    proxy = await FaultProxy.start(() => (server.address() as AddressInfo).port);
  });

  afterEach(async () => {
    for (const { socket } of [...clients.splice(0), ...accepted.splice(0)]) socket.destroy();
    await proxy.stop();
    await new Promise((resolve) => server.close(resolve));
  });

  function dial(): End {
    const client = new End(connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true }));
    clients.push(client);
    return client;
  }

  async function pair(): Promise<[client: End, server: End]> {
    const count = accepted.length;
    const client = dial();
    while (accepted.length === count) await turn();
    return [client, accepted[count] as End];
  }

  /** Until nothing has moved for a while. */
  async function quiet(): Promise<void> {
    for (let calm = 0, seen = -1; calm < 20; calm++) {
      if (seen !== proxy.activity) calm = 0;
      seen = proxy.activity;
      await turn();
    }
  }

  it('passes bytes and ends in both directions', async () => {
    const [client, upstream] = await pair();
    client.socket.write('ping');
    await upstream.has('ping');
    upstream.socket.write('pong');
    await client.has('pong');
    client.socket.end('bye');
    await upstream.ends('fin');
    expect(upstream.text).toBe('pingbye');
    // The other direction is still open.
    upstream.socket.end('late');
    await client.ends('fin');
    expect(client.text).toBe('ponglate');
    await quiet();
    expect(proxy.links).toEqual([]);
  });

  it('passes a reset as one', async () => {
    const [client, upstream] = await pair();
    client.socket.resetAndDestroy();
    await upstream.ends('rst');
  });

  it('resets both ends', async () => {
    const [client, upstream] = await pair();
    proxy.current?.reset();
    await client.ends('rst');
    await upstream.ends('rst');
    await quiet();
    expect(proxy.links).toEqual([]);
  });

  it('finishes both ends, and loses what comes then', async () => {
    const [client, upstream] = await pair();
    proxy.current?.finish();
    await client.ends('fin');
    await upstream.ends('fin');
    client.socket.write('lost');
    await quiet();
    expect(upstream.text).toBe('');
  });

  it('resets one side, and the other does not notice', async () => {
    const [client, upstream] = await pair();
    proxy.current?.resetSide('client');
    await client.ends('rst');
    upstream.socket.write('into the void');
    await quiet();
    expect(upstream.end).toBe('none');
    expect(proxy.current).toBeUndefined();
  });

  it('swallows bytes and ends of a half-open connection', async () => {
    const [client, upstream] = await pair();
    proxy.current?.halfOpen();
    client.socket.write('lost');
    upstream.socket.write('lost');
    await quiet();
    client.socket.destroy();
    await quiet();
    expect([client.text, upstream.text, upstream.end]).toEqual(['', '', 'none']);
  });

  it.each(['up', 'down'] as const)('cuts after the nth byte %s, and not one before', async (direction) => {
    const [client, upstream] = await pair();
    const [from, to] = direction === 'up' ? [client, upstream] : [upstream, client];
    proxy.current?.cutAfter(direction, 5);
    from.socket.write('abc');
    await to.has('abc');
    from.socket.write('de');
    await to.has('abcde');
    await quiet();
    expect(to.end).toBe('none');
    from.socket.write('f');
    await to.ends('rst');
    await from.ends('rst');
    expect(to.text).toBe('abcde');
  });

  it('lets the first part of a chunk through before it cuts', async () => {
    const [client, upstream] = await pair();
    proxy.current?.cutAfter('up', 3);
    client.socket.write('abcdef');
    await client.ends('rst');
    expect(upstream.text).toBe('abc');
  });

  it('holds one direction and lets the other pass, until it is released', async () => {
    const [client, upstream] = await pair();
    proxy.current?.hold('up');
    client.socket.write('a');
    client.socket.write('b');
    upstream.socket.write('c');
    await client.has('c');
    await quiet();
    expect(upstream.text).toBe('');
    proxy.current?.release();
    await upstream.has('ab');
  });

  it('delivers held bytes, and then the end that came behind them', async () => {
    const [client, upstream] = await pair();
    proxy.current?.hold('up');
    client.socket.end('last words');
    await quiet();
    expect(upstream.end).toBe('none');
    proxy.heal();
    await upstream.ends('fin');
    expect(upstream.text).toBe('last words');
  });

  it('delivers the end of an old connection after the beginning of the next', async () => {
    const [client, upstream] = await pair();
    proxy.current?.holdEnds();
    client.socket.destroy();
    await quiet();
    const [second, other] = await pair();
    second.socket.write('I am new');
    await other.has('I am new');
    expect(upstream.end).toBe('none');
    upstream.socket.write('are you there?');
    proxy.heal();
    await upstream.ends('fin');
    expect(other.end).toBe('none');
  });

  it('refuses connections, and takes them again', async () => {
    proxy.isRefusing = true;
    await dial().ends('rst');
    expect(accepted).toEqual([]);
    proxy.heal();
    const [client, upstream] = await pair();
    client.socket.write('hello');
    await upstream.has('hello');
  });

  it('spoils the next connection where there is none', async () => {
    proxy.spoil((link) => link.cutAfter('up', 2));
    const [client, upstream] = await pair();
    client.socket.write('abc');
    await client.ends('rst');
    expect(upstream.text).toBe('ab');
    const [next, other] = await pair();
    next.socket.write('abc');
    await other.has('abc');
  });
});
