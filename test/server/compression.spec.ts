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
