import { deflateRawSync, constants } from 'node:zlib';
import { createCompression } from '../../lib/server/compression.js';
import { EngineFixture } from '../support/engine-fixture.js';

let fixture: EngineFixture;
afterEach(() => fixture.stop());

const long = 'gatewire '.repeat(1000);
const deflating = { perMessageDeflate: true };

describe('compression', () => {
  it('is off by default, whatever a client offers', async () => {
    fixture = await EngineFixture.start();
    const client = await fixture.connect('/', [], deflating);
    expect(client.socket.extensions).toBe('');
  });

  it('deflates replies and broadcasts from the threshold on, for those who agreed to it', async () => {
    fixture = await EngineFixture.start({
      options: { compression: true },
      handlers: { echo: (data) => data },
    });
    const [deflated, whole] = [await fixture.connect('/', [], deflating), await fixture.connect()];
    expect([deflated.socket.extensions, whole.socket.extensions]).toEqual(['permessage-deflate', '']);
    const sent = (): number => fixture.engine.server.stats().counters.bytesSent;
    for (const [client, most] of [
      [deflated, 300],
      [whole, 9100],
    ] as const) {
      const before = sent();
      expect(await client.ask('echo', long)).toEqual({ id: 1, data: long });
      expect(sent() - before).toBeLessThan(most);
      expect(sent() - before).toBeGreaterThan(most / 10);
    }
    fixture.endpoint.server.emit('news', long);
    expect(await deflated.nextJson()).toEqual({ event: 'news', data: long });
    expect(await whole.nextJson()).toEqual({ event: 'news', data: long });
    const before = sent();
    const edge = 'x'.repeat(1024 - '{"id":1,"data":""}'.length);
    expect(await deflated.ask('echo', edge.slice(1))).toEqual({ id: 1, data: edge.slice(1) });
    expect(sent() - before).toBe(1023 + 4);
    expect(await deflated.ask('echo', edge)).toEqual({ id: 1, data: edge });
    expect(sent() - before).toBeLessThan(1023 + 4 + 100);
  });

  it('deflates what is long beside the event loop, and keeps the order', async () => {
    fixture = await EngineFixture.start({ options: { compression: { thresholdBytes: 0, level: 1 } } });
    const client = await fixture.connect('/', [], deflating);
    const { server } = fixture.endpoint;
    const huge = long.repeat(20);
    server.emit('a', huge);
    server.emit('b', 1);
    server.emit('c', huge);
    server.emit('d', { bytes: Buffer.alloc(50_000, 1) });
    expect(await client.nextJson()).toEqual({ event: 'a', data: huge });
    expect(await client.nextJson()).toEqual({ event: 'b', data: 1 });
    expect(await client.nextJson()).toEqual({ event: 'c', data: huge });
    expect((await client.next()).length).toBeGreaterThan(50_000);
  });

  it('splits a deflated message with RSV1 on its first frame only', async () => {
    fixture = await EngineFixture.start({ options: { compression: true, fragmentBytes: 16 } });
    const client = await fixture.connect('/', [], deflating);
    fixture.endpoint.server.emit('news', long);
    expect(await client.nextJson()).toEqual({ event: 'news', data: long });
    expect(fixture.engine.server.stats().counters.framesSent).toBeGreaterThan(3);
  });

  it('sends whole messages to a peer with a smaller window', async () => {
    fixture = await EngineFixture.start({ options: { compression: true } });
    const client = await fixture.connect('/', [], { perMessageDeflate: { serverMaxWindowBits: 9 } });
    expect(client.socket.extensions).toBe('permessage-deflate');
    fixture.endpoint.server.emit('news', long);
    expect(await client.nextJson()).toEqual({ event: 'news', data: long });
    expect(fixture.engine.server.stats().counters.bytesSent).toBeGreaterThan(long.length);
  });

  it('refuses a bomb of 10 MiB in 10 KB with 1009, and takes what inflates to exactly the limit', async () => {
    fixture = await EngineFixture.start({
      options: { compression: true },
      handlers: { size: (data) => (data as string).length },
    });
    const client = await fixture.connect('/', [], deflating);
    const overhead = JSON.stringify({ event: 'size', data: '', id: 1 }).length;
    const most = 1_048_576 - overhead;
    expect(await client.ask('size', 'x'.repeat(most))).toEqual({ id: 1, data: most });
    const bomb = { event: 'size', data: 'x'.repeat(10 * 1_048_576), id: 1 };
    expect(deflateRawSync(JSON.stringify(bomb), { finishFlush: constants.Z_SYNC_FLUSH }).length).toBeLessThan(
      11_000,
    );
    client.send(bomb);
    expect((await client.closed).code).toBe(1009);
  });

  it.each([
    ['compression.thresholdBytes', { thresholdBytes: -1 }],
    ['compression.level', { level: 10 }],
  ])('refuses a %s that cannot work', async (option, compression) => {
    expect(() => createCompression(compression)).toThrow(option);
    fixture = await EngineFixture.start();
  });
});

describe('context takeover', () => {
  it('deflates what repeats to almost nothing, for as many connections as it is allowed for', async () => {
    fixture = await EngineFixture.start({
      options: { compression: { contextTakeover: { maxConnections: 1 } } },
      handlers: { echo: (data) => data },
    });
    const sent = (): number => fixture.engine.server.stats().counters.bytesSent;
    const noise = Array.from({ length: 700 }, (_, i) => Math.sin(i).toString(36)).join('');
    const cost = async (client: Awaited<ReturnType<EngineFixture['connect']>>): Promise<number> => {
      const before = sent();
      expect(await client.ask('echo', noise)).toEqual({ id: 1, data: noise });
      return sent() - before;
    };
    const one = await fixture.connect('/', [], deflating);
    const two = await fixture.connect('/', [], deflating);
    const first = await cost(one);
    expect(await cost(one)).toBeLessThan(first / 10);
    await cost(two);
    expect(await cost(two)).toBeGreaterThan(first / 2);
    one.close();
    await one.closed;
    while (fixture.endpoint.connections.size > 1) await new Promise((resolve) => setImmediate(resolve));
    const three = await fixture.connect('/', [], deflating);
    await cost(three);
    expect(await cost(three)).toBeLessThan(first / 10);
  });

  it('keeps the order of a burst, in which short and volatile messages go whole', async () => {
    fixture = await EngineFixture.start({ options: { compression: { contextTakeover: true } } });
    const client = await fixture.connect('/', [], deflating);
    const { server } = fixture.endpoint;
    for (let i = 0; i < 30; i++) server.emit('news', i % 3 === 0 ? i : `${i} ${long}`);
    for (let i = 0; i < 30; i++)
      expect(await client.nextJson()).toEqual({ event: 'news', data: i % 3 === 0 ? i : `${i} ${long}` });
    server.volatile.emit('maybe', long);
    server.emit('news', long);
    expect(await client.nextJson()).toEqual({ event: 'maybe', data: long });
    expect(await client.nextJson()).toEqual({ event: 'news', data: long });
  });

  it('leaves nothing behind when a connection goes while its messages are deflated', async () => {
    fixture = await EngineFixture.start({ options: { compression: { contextTakeover: true } } });
    const client = await fixture.connect('/', [], deflating);
    for (let i = 0; i < 20; i++) fixture.endpoint.server.emit('news', long);
    client.terminate();
    while (fixture.endpoint.connections.size > 0) await new Promise((resolve) => setImmediate(resolve));
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(fixture.log.lines).toEqual([]);
  });

  it('does without where the peer wants none, or where stages could turn messages around', async () => {
    fixture = await EngineFixture.start({
      options: { compression: { contextTakeover: true } },
      host: { middleware: [{ outbound: (_, next) => next() }] },
      handlers: { echo: (data) => data },
    });
    for (const perMessageDeflate of [true, { serverNoContextTakeover: true }]) {
      const client = await fixture.connect('/', [], { perMessageDeflate });
      expect(client.socket.extensions).toBe('permessage-deflate');
      for (let i = 0; i < 3; i++) expect(await client.ask('echo', long)).toEqual({ id: 1, data: long });
    }
  });

  it('needs a policy that drops nothing', () => {
    expect(() => createCompression({ contextTakeover: true }, 'drop-oldest')).toThrow('slowConsumer');
  });
});
