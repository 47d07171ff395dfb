import { deflateSync, gzipSync, inflateSync } from 'node:zlib';
import { createClient } from '../../../lib/client/index.js';
import { zlibEngine } from '../../../lib/client/node/zlib-engine.js';
import { pipeline } from '../../../lib/client/pipeline.js';
import { type ClientCompressionOptions, compression } from '../../../lib/client/stages/compression.js';
import { msgpack } from '../../../lib/codecs/msgpack.js';
import { Compress } from '../../../lib/nest/decorators/compress.decorator.js';
import { json } from '../../../lib/protocol/codecs/json.js';
import { EngineFixture } from '../../support/engine-fixture.js';
import { ClientFixture } from '../support/client-fixture.js';

const long = { text: 'abc '.repeat(1_000) };

describe.each([
  ['json', json()],
  ['msgpack', msgpack()],
] as const)('with a real server, over %s', (_name, codec) => {
  it.each(['gzip', 'deflate'] as const)('sends %s and reads what comes', async (encoding) => {
    const server = await EngineFixture.start({
      options: { codecs: [json(), msgpack()] },
      host: { middleware: [Compress.of({ encoding })] },
      handlers: { echo: (data, { meta }) => ({ data, meta }) },
      authorizers: [{ pattern: '**', canSubscribe: () => true, canPublish: () => true }],
    });
    const sizes: number[] = [];
    const client = createClient({
      url: server.url,
      codec,
      pipeline: pipeline(compression({ encoding }), {
        name: 'watch',
        outboundFrame: ({ data }, next) => (sizes.push(data.length), next()),
        inboundFrame: ({ data }, next) => (sizes.push(data.length), next()),
      }),
    });
    const answer = await client.request('echo', long, { meta: { mine: 1 } });
    expect(answer).toEqual({ data: long, meta: { mine: 1 } });
    expect(Math.max(...sizes)).toBeLessThan(2_000);
    let heard: (data: unknown) => void = () => undefined;
    const published = new Promise((resolve) => (heard = resolve));
    await client.subscribe('room', ({ data }) => heard(data)).ready;
    client.publish('room', 'said', long);
    await expect(published).resolves.toEqual(long);
    await client.close();
    await server.stop();
  });
});

describe.each([
  ['the platform', undefined],
  ['zlib', zlibEngine()],
])('data compressed by %s', (_engine, engine) => {
  let fixture: ClientFixture;
  beforeEach(async () => {
    fixture = await ClientFixture.start();
  });
  afterEach(() => fixture.stop());

  const open = (options?: ClientCompressionOptions) =>
    fixture.open({
      codec: json(),
      pipeline: pipeline(compression({ ...options, ...(engine && { engine }) })),
    });

  /** The wire of a message with bytes. */
  const frame = (head: object, bytes: Uint8Array): Buffer => {
    const header = Buffer.from(JSON.stringify(head));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(header.length);
    return Buffer.concat([length, header, bytes]);
  };

  it('leaves as it is what is short, has bytes, would not be smaller, or is of another event', async () => {
    const [client, side] = await open({ thresholdBytes: 10, events: ['note'] });
    const frames: (string | number)[] = [];
    side.socket.on('message', (data: Buffer, isBinary) =>
      frames.push(isBinary ? data.length : data.toString()),
    );
    side.socket.removeListener('message', side.socket.listeners('message')[0] as never);
    client.emit('note', '1234567');
    client.emit('note', 'kJh1gZq0xXpW');
    client.emit('other', 'x'.repeat(100));
    client.emit('note', 'x'.repeat(100));
    await fixture.until(() => frames.length === 4);
    expect(frames.map((one) => typeof one)).toEqual(['string', 'string', 'string', 'number']);
  });

  it.each([
    ['at the limit', 102, true],
    ['one byte more', 103, false],
  ])('is inflated up to the limit: %s', async (_what, length, isTaken) => {
    const [client, side] = await open({ maxInflatedBytes: 102 });
    const heard = new Promise((resolve) => {
      client.on('note', resolve);
      client.when('error', resolve);
    });
    const text = JSON.stringify('x'.repeat(length - 2));
    side.socket.send(frame({ event: 'note', meta: { encoding: 'gzip' } }, gzipSync(text)));
    const outcome = await heard;
    if (isTaken) expect(outcome).toBe('x'.repeat(100));
    else expect(outcome).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
  });

  it('does not make what is beyond the limit', async () => {
    const [client, side] = await open({ maxInflatedBytes: 1_000 });
    const before = process.memoryUsage().arrayBuffers;
    const bomb = gzipSync(Buffer.alloc(200_000_000, ' '));
    const failed = new Promise((resolve) => client.when('error', resolve));
    side.socket.send(frame({ event: 'note', meta: { encoding: 'gzip' } }, bomb));
    await expect(failed).resolves.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(300_000_000);
  });

  it.each([
    ['is not what it says', 'gzip', deflateSync('1'), 'UNDECODABLE'],
    ['is cut off', 'gzip', gzipSync('"abcdef"').subarray(0, 20), 'UNDECODABLE'],
    ['is of an encoding that nobody has', 'br', Buffer.from([1]), 'UNDECODABLE'],
    ['is no JSON', 'deflate', deflateSync('{'), 'BAD_JSON'],
    ['is no UTF-8', 'deflate', deflateSync(Buffer.from([0x22, 0xff, 0x22])), 'BAD_JSON'],
    ['is nested too deep', 'deflate', deflateSync('['.repeat(65) + ']'.repeat(65)), 'TOO_DEEP'],
  ])('that %s is refused: who asked hears of it', async (_what, encoding, bytes, code) => {
    const [client, side] = await open();
    const asked = client.request('ask');
    const { id } = await side.next('ask');
    side.socket.send(frame({ id, meta: { encoding } }, bytes));
    await expect(asked).rejects.toMatchObject({ code });
    client.on('note', () => undefined);
    side.socket.send(frame({ event: 'note', meta: { encoding } }, bytes));
    await fixture.until(() => fixture.errors.length === 1);
    expect(fixture.errors).toMatchObject([{ code }]);
  });

  it('keeps its place among others, however long it takes', async () => {
    const [client, side] = await open({ thresholdBytes: 100, encoding: 'deflate' });
    const datas: unknown[] = [];
    side.socket.removeAllListeners('message');
    side.socket.on('message', (data: Buffer, isBinary) => {
      const text = isBinary ? inflateSync(data.subarray(4 + data.readUInt32BE(0))).toString() : undefined;
      datas.push(
        text === undefined ? (JSON.parse(data.toString()) as { data: unknown }).data : JSON.parse(text),
      );
    });
    const sent = [1, 'x'.repeat(50_000), 2, 'y'.repeat(200), 3];
    for (const data of sent) client.emit('note', data);
    await fixture.until(() => datas.length === 5);
    expect(datas).toEqual(sent);
  });

  it('says what cannot work', () => {
    expect(() => compression({ encoding: 'br' as never })).toThrow('encoding');
    expect(() => compression({ maxInflatedBytes: 0 })).toThrow('maxInflatedBytes');
  });
});
