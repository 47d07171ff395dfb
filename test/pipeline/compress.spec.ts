import * as zlib from 'node:zlib';
import type { Connection } from '../../lib/connection/connection.js';
import { Compress } from '../../lib/nest/decorators/compress.decorator.js';
import type { OutboundMessage } from '../../lib/pipeline/outbound-message.js';
import type { CompressOptions } from '../../lib/pipeline/stages/compression/compress.options.js';
import { encodeEnvelope } from '../../lib/protocol/encode-envelope.js';
import { EngineFixture } from '../support/engine-fixture.js';
import { StageBench } from '../support/stage-bench.js';

const bench = (options?: CompressOptions): StageBench => StageBench.of(Compress.of(options));
/** JSON of exactly so many bytes. */
const ofLength = (bytes: number): string => 'x'.repeat(bytes - 2);
const toConnection = (protocol: string): Partial<OutboundMessage> => ({
  target: { kind: 'connection', connection: { protocol } as Connection },
});
const v1 = toConnection('gatewire.v1.json');
const hasZstd = 'zstdCompressSync' in zlib;

const inflaters = {
  gzip: zlib.gunzipSync,
  deflate: zlib.inflateSync,
  br: zlib.brotliDecompressSync,
  zstd: (zlib as unknown as { zstdDecompressSync: typeof zlib.gunzipSync }).zstdDecompressSync,
} as const;
const encodings = (['gzip', 'deflate', 'br', 'zstd'] as const).filter((name) => name !== 'zstd' || hasZstd);
const zstdCompress = (zlib as unknown as { zstdCompressSync?: (bytes: Buffer) => Buffer }).zstdCompressSync;

describe('data that goes out', () => {
  it.each(encodings)('becomes %s of its JSON, and says so', (encoding) => {
    const data = { text: 'ab'.repeat(1000) };
    const { message } = bench({ events: ['report'], encoding }).outbound('report', data, { meta: { a: 1 } });
    expect(message.meta).toEqual({ a: 1, encoding });
    expect(JSON.parse(inflaters[encoding](message.data as Buffer).toString())).toEqual(data);
  });

  it('is compressed from the threshold on', () => {
    const stage = bench({ events: ['*'], thresholdBytes: 1024 });
    expect(stage.outbound('e', ofLength(1023)).message.meta).toBeUndefined();
    expect(stage.outbound('e', ofLength(1024)).message.meta).toEqual({ encoding: 'gzip' });
    expect(stage.counts['compress.compressed']).toBe(1);
    expect(stage.counts['compress.savedBytes']).toBeGreaterThan(900);
  });

  it('is compressed at once up to the limit, later beyond it, and goes on by itself', async () => {
    const stage = bench({ events: ['*'], syncBytes: 2000 });
    const atOnce = stage.outbound('e', ofLength(2000));
    expect([atOnce.pending, atOnce.message.meta]).toEqual([undefined, { encoding: 'gzip' }]);
    const later = stage.outbound('e', ofLength(2001));
    expect(later.passed()).toBeUndefined();
    await later.pending;
    expect(zlib.gunzipSync(later.passed()?.data as Buffer)).toHaveLength(2001);
  });

  it('stays as it is when it does not become shorter', () => {
    const stage = bench({ events: ['*'], thresholdBytes: 0 });
    expect(stage.outbound('e', [1]).passed()).toEqual({ event: 'e', data: [1] });
    expect(stage.counts).toEqual({ 'compress.incompressible': 1 });
  });

  it('is compressed for whoever receives only where the event is listed', () => {
    const data = ofLength(2000);
    const listed = bench({ events: ['report.*'] });
    expect(listed.outbound('report.daily', data).message.meta).toBeDefined();
    expect(listed.outbound('other', data, v1).message.meta).toBeUndefined();
    const request = bench().message('report.daily');
    const answer = { ...toConnection(''), id: 1, inReplyTo: request };
    expect(listed.outbound(undefined, data, answer).message.meta).toBeDefined();
  });

  it('is compressed without a list only for one connection that speaks gatewire.v1', () => {
    const data = ofLength(2000);
    const stage = bench();
    expect(stage.outbound('e', data).message.meta).toBeUndefined();
    expect(stage.outbound('e', data, toConnection('')).message.meta).toBeUndefined();
    expect(stage.outbound('e', data, toConnection('gatewire.plain')).message.meta).toBeUndefined();
    expect(stage.outbound('e', data, v1).message.meta).toEqual({ encoding: 'gzip' });
  });

  it.each<[string, unknown, Partial<OutboundMessage>]>([
    ['bytes', Buffer.alloc(5000), {}],
    ['what holds bytes', { file: Buffer.alloc(5000) }, {}],
    ['what has an encoding already', ofLength(5000), { meta: { encoding: 'x' } }],
    ['errors', undefined, { id: 1, error: { code: 'X', message: ofLength(5000) } }],
    ['nothing', undefined, {}],
  ])('is left alone: %s', (_what, data, more) => {
    const stage = bench({ events: ['*'] });
    const { message, passed } = stage.outbound('e', data, more);
    expect(passed()).toEqual({ event: 'e', data });
    expect(message.meta).toEqual(more.meta);
    expect(stage.counts).toEqual({});
  });

  it('is left alone where it stands without an envelope', () => {
    const stage = bench({ events: ['*'] });
    expect(stage.outbound(undefined, ofLength(5000)).message.meta).toBeUndefined();
  });
});

describe('data that comes in', () => {
  const json = Buffer.from(JSON.stringify({ a: [1, 'größe'] }));

  it.each<[string, Buffer]>([
    ['gzip', zlib.gzipSync(json)],
    ['deflate', zlib.deflateSync(json)],
    ['br', zlib.brotliCompressSync(json)],
    ...(zstdCompress ? [['zstd', zstdCompress(json)] as [string, Buffer]] : []),
  ])('is inflated: %s', (encoding, data) => {
    const stage = bench();
    const { message, passed } = stage.inbound('e', data, { meta: { encoding, other: 1 } });
    expect(passed()?.data).toEqual({ a: [1, 'größe'] });
    expect(message.meta).toEqual({ other: 1 });
    expect(stage.counts).toEqual({ 'compress.inflated': 1 });
  });

  it.each<[string, unknown]>([
    ['no meta', undefined],
    ['no encoding', {}],
    ['a null, which counts as absent', { encoding: null }],
  ])('is left alone with %s', (_what, meta) => {
    const { passed } = bench().inbound('e', json, { meta: meta as Record<string, unknown> });
    expect(passed()?.data).toBe(json);
  });

  it.each<[string, unknown, unknown, string]>([
    ['an encoding nobody has', json, 'lzma', 'UNDECODABLE'],
    ['an encoding that is no name', json, { toString: 'gzip' }, 'UNDECODABLE'],
    ['a name of Object.prototype', json, 'constructor', 'UNDECODABLE'],
    ['data that is no bytes', { a: 1 }, 'gzip', 'UNDECODABLE'],
    ['bytes of another encoding', zlib.deflateSync(json), 'gzip', 'UNDECODABLE'],
    ['bytes that were cut', zlib.gzipSync(json).subarray(0, 12), 'gzip', 'UNDECODABLE'],
    ['no bytes', Buffer.alloc(0), 'br', 'UNDECODABLE'],
    ['text that is no JSON', zlib.gzipSync('{"a"'), 'gzip', 'BAD_JSON'],
    ['text that is not UTF-8', zlib.gzipSync(Buffer.of(0x22, 0xff, 0x22)), 'gzip', 'UNDECODABLE'],
  ])('is refused: %s', (_what, data, encoding, code) => {
    const stage = bench();
    const { outcome, passed } = stage.inbound('e', data, { meta: { encoding } });
    expect(passed()).toBeUndefined();
    expect(outcome()).toMatchObject({ kind: 'error', error: { code } });
    expect(stage.counts).toEqual({ 'compress.refused': 1 });
  });

  it('is refused naming the encodings that there are', () => {
    const { outcome } = bench().inbound('e', json, { meta: { encoding: 'lzma' } });
    const supported = ['gzip', 'deflate', 'br', ...(hasZstd ? ['zstd'] : [])];
    expect(outcome()).toMatchObject({ error: { details: { supported } } });
  });

  it('inflates to the limit, and not one byte more', async () => {
    for (const limit of [1000, 100_000]) {
      const stage = bench({ maxInflatedBytes: limit });
      const at = stage.inbound('e', zlib.gzipSync(JSON.stringify(ofLength(limit))), {
        meta: { encoding: 'gzip' },
      });
      await at.pending;
      expect(at.passed()?.data).toHaveLength(limit - 2);
      const beyond = stage.inbound('e', zlib.gzipSync(JSON.stringify(ofLength(limit + 1))), {
        meta: { encoding: 'gzip' },
      });
      await beyond.pending;
      expect(beyond.outcome()).toMatchObject({
        error: { code: 'PAYLOAD_TOO_LARGE', details: { maxBytes: limit } },
      });
    }
  });

  it('takes nesting to the limit, and not one level more', () => {
    const nested = (depth: number): Buffer => zlib.gzipSync('['.repeat(depth) + ']'.repeat(depth));
    const stage = bench({ jsonDepth: 5 });
    expect(stage.inbound('e', nested(5), { meta: { encoding: 'gzip' } }).passed()).toBeDefined();
    expect(stage.inbound('e', nested(6), { meta: { encoding: 'gzip' } }).outcome()).toMatchObject({
      error: { code: 'TOO_DEEP' },
    });
  });

  it('hands on what a handler throws', () => {
    const stage = bench();
    const message = stage.message('e', zlib.gzipSync(json), { meta: { encoding: 'gzip' } });
    const failing = (): never => {
      throw new Error('of the handler');
    };
    expect(() => stage.stage.inbound?.(message, failing)).toThrow('of the handler');
    expect(message.outcome).toBeUndefined();
  });
});

describe('a bomb over a real socket', () => {
  let fixture: EngineFixture;
  afterEach(() => fixture.stop());

  it.each<[string, (bytes: Buffer) => Buffer]>([
    ['gzip', (bytes) => zlib.gzipSync(bytes, { level: 9 })],
    ['deflate', (bytes) => zlib.deflateSync(bytes, { level: 9 })],
    ['br', (bytes) => zlib.brotliCompressSync(bytes)],
    ...(zstdCompress ? [['zstd', zstdCompress] as [string, (bytes: Buffer) => Buffer]] : []),
  ])('of 10 MiB in about 10 KB is refused, and the connection lives on: %s', async (encoding, compress) => {
    fixture = await EngineFixture.start({
      handlers: { echo: (data) => data },
      host: { middleware: [Compress.of()] },
    });
    const client = await fixture.connect();
    const bomb = compress(Buffer.alloc(10 * 1024 * 1024, 0x20));
    expect(bomb.length).toBeLessThan(11_000);
    client.send(
      Buffer.from(encodeEnvelope({ event: 'echo', id: 1, data: bomb, meta: { encoding } }) as Uint8Array),
    );
    expect(await client.nextJson()).toMatchObject({ id: 1, error: { code: 'PAYLOAD_TOO_LARGE' } });
    expect(await client.ask('echo', 'alive', 2)).toEqual({ id: 2, data: 'alive' });
  });

  it('keeps the order of messages that are inflated later', async () => {
    const seen: unknown[] = [];
    fixture = await EngineFixture.start({
      handlers: { note: (data) => void seen.push((data as string).length), done: () => seen },
      host: { middleware: [Compress.of()] },
    });
    const client = await fixture.connect();
    const long = zlib.gzipSync(JSON.stringify('x'.repeat(300_000)));
    client.send(
      Buffer.from(encodeEnvelope({ event: 'note', data: long, meta: { encoding: 'gzip' } }) as Uint8Array),
    );
    client.send(JSON.stringify({ event: 'note', data: 'abc' }));
    expect(await client.ask('done', null, 5)).toEqual({ id: 5, data: [300_000, 3] });
  });
});

describe('options of @Compress', () => {
  it.each<[string, CompressOptions]>([
    ['encoding', { encoding: 'lzma' as never }],
    ['encoding', { encoding: 'br' }],
    ['level', { level: 10 }],
    ['level', { level: 0 }],
    ['thresholdBytes', { thresholdBytes: -1 }],
    ['syncBytes', { syncBytes: 1.5 }],
    ['maxInflatedBytes', { maxInflatedBytes: 0 }],
    ['jsonDepth', { jsonDepth: 0 }],
  ])('are refused by name: %s %j', (option, options) => {
    expect(() => bench(options)).toThrow(`gatewire option "${option}"`);
  });
});
