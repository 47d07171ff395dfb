import { BinaryMessageFilter } from '../../lib/nest/decorators/message-filter.decorator.js';
import { InboundFrame } from '../../lib/pipeline/inbound-frame.js';
import { magicKinds } from '../../lib/exchange/filter/magic-bytes.js';
import type { BinaryFilterOptions } from '../../lib/pipeline/stages/filter/create-message-filter.js';
import { raw } from '../../lib/protocol/codecs/raw.js';
import { encodeEnvelope } from '../../lib/protocol/encode-envelope.js';
import { EngineFixture } from '../support/engine-fixture.js';
import { StageBench } from '../support/stage-bench.js';

const bench = (options: BinaryFilterOptions): StageBench => StageBench.of(BinaryMessageFilter.of(options));
const passes = (options: BinaryFilterOptions, data: unknown): boolean =>
  bench(options).inbound('file', data).passed() !== undefined;
const bytes = (hex: string, length = 0): Buffer =>
  Buffer.concat([Buffer.from(hex, 'hex'), Buffer.alloc(length)]);
const png = bytes('89504e470d0a1a0a', 10);

describe('bytes in messages', () => {
  it('pass by size, exactly', () => {
    const options = { minBytes: 2, maxBytes: 4 };
    expect([1, 2, 4, 5].map((length) => passes(options, { file: Buffer.alloc(length) }))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(passes({ maxBytes: 0 }, new ArrayBuffer(0))).toBe(true);
    expect(passes({ maxBytes: 3 }, new Uint16Array(2))).toBe(false);
  });

  it('pass by their first bytes, of the kinds that are allowed and not denied', () => {
    expect(passes({ allow: ['png', 'jpeg'] }, png)).toBe(true);
    expect(passes({ allow: ['jpeg'] }, png)).toBe(false);
    expect(passes({ allow: ['png'] }, png.subarray(0, 7))).toBe(false);
    expect(passes({ deny: ['exe', 'elf'] }, { a: [bytes('4d5a9000')] })).toBe(false);
    expect(passes({ deny: ['exe'] }, Buffer.alloc(0))).toBe(true);
    expect(passes({ allow: ['52494646........57454250'] }, bytes('524946461234567857454250'))).toBe(true);
    expect(passes({ allow: ['webp'] }, bytes('524946461234567857415645'))).toBe(false);
    expect(passes({ allow: ['.1'] }, bytes('f1'))).toBe(true);
    expect(passes({ allow: ['.1'] }, bytes('f2'))).toBe(false);
  });

  it('of every kind that has a name are told from those of the others', () => {
    for (const kind of magicKinds)
      expect(passes({ allow: [kind] }, bytes('0b0b0b0b0b0b0b0b0b0b0b0b'))).toBe(false);
    expect(passes({ allow: ['mp4'] }, bytes('0000001866747970'))).toBe(true);
    expect(passes({ allow: ['pdf'] }, Buffer.from('%PDF-1.7'))).toBe(true);
  });

  it('are those that the paths lead to', () => {
    expect(passes({ maxBytes: 1, fields: ['file'] }, { file: Buffer.alloc(2) })).toBe(false);
    expect(passes({ maxBytes: 1, fields: ['file'] }, { other: Buffer.alloc(2) })).toBe(true);
  });

  it('are replaced where so asked', () => {
    const { passed } = bench({ deny: ['exe'], outcome: { replace: null } }).inbound('file', [
      bytes('4d5a'),
      png,
      'x',
    ]);
    expect(passed()?.data).toEqual([null, png, 'x']);
  });

  it('are refused on a connection, which lives on', async () => {
    const fixture = await EngineFixture.start({
      host: { middleware: [BinaryMessageFilter.of({ allow: ['png'], events: ['file'] })] },
      handlers: { file: (data) => (data as Uint8Array).length, raw: () => 'raw' },
    });
    const client = await fixture.connect();
    const send = (event: string, id: number, data: Buffer) =>
      client.send(Buffer.from(encodeEnvelope({ event, id, data }) as Uint8Array));
    send('file', 1, png);
    expect(await client.nextJson()).toEqual({ id: 1, data: 18 });
    send('file', 2, bytes('4d5a'));
    expect(await client.nextJson()).toMatchObject({ id: 2, error: { code: 'FILTERED' } });
    send('raw', 3, bytes('4d5a'));
    expect(await client.nextJson()).toEqual({ id: 3, data: 'raw' });
    await fixture.stop();
  });
});

describe('whole binary frames', () => {
  const frame = (stage: StageBench, data: Buffer, isBinary = true) => {
    const one = new InboundFrame(stage.connection, data, isBinary);
    let isPassed = false;
    void stage.stage.inboundFrame?.(one, () => void (isPassed = true));
    return { isPassed, dropReason: one.dropReason };
  };

  it('pass, or are dropped or refused; text frames are not looked at', () => {
    const drops = bench({ examine: 'frames', allow: ['png'], outcome: { drop: 'no image' } });
    expect(drops.stage.inbound).toBeUndefined();
    expect(frame(drops, png)).toEqual({ isPassed: true, dropReason: undefined });
    expect(frame(drops, bytes('00'))).toEqual({ isPassed: false, dropReason: 'no image' });
    expect(frame(drops, bytes('00'), false)).toEqual({ isPassed: true, dropReason: undefined });
    const refuses = bench({ examine: 'frames', maxBytes: 2, outcome: { reject: 'PAYLOAD_TOO_LARGE' } });
    expect(frame(refuses, bytes('0000')).isPassed).toBe(true);
    expect(() => frame(refuses, bytes('000000'))).toThrow(
      expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE' }),
    );
    expect([drops.counts, refuses.counts]).toEqual([
      { 'message-filter.dropped': 1 },
      { 'message-filter.rejected': 1 },
    ]);
  });
});

describe('whole binary frames on a connection', () => {
  it.each<[string, { drop: string } | { reject: string }, string[]]>([
    ['dropped', { drop: 'no image' }, ['18']],
    ['refused', { reject: 'NOT_AN_IMAGE' }, [expect.stringContaining('NOT_AN_IMAGE') as string, '18']],
  ])('are %s before they are decoded, and the connection lives on', async (_name, outcome, answers) => {
    const fixture = await EngineFixture.start({
      host: { middleware: [BinaryMessageFilter.of({ examine: 'frames', allow: ['png'], outcome })] },
      options: { codecs: [raw()] },
      handlers: { message: (data) => String((data as Uint8Array).length) },
    });
    const client = await fixture.connect();
    client.send(bytes('4d5a'));
    client.send(png);
    const seen: string[] = [];
    while (seen.length < answers.length) seen.push(String(await client.next()));
    expect(seen).toEqual(answers);
    await fixture.stop();
  });
});

describe('options', () => {
  it.each<[BinaryFilterOptions, string]>([
    [{}, 'something to look at'],
    [{ maxBytes: -1 }, 'maxBytes'],
    [{ allow: [] }, 'one kind of bytes at least'],
    [{ deny: ['nonsense'] }, 'one of png, jpeg'],
    [{ deny: ['abc'] }, 'pairs of hexadecimal digits'],
    [{ maxBytes: 1, examine: 'all' as never }, "'fields' or 'frames'"],
    [{ maxBytes: 1, examine: 'frames', outcome: { route: 'x' } }, 'drop or reject'],
  ])('that cannot work are refused: %j', (options, message) => {
    expect(() => bench(options)).toThrow(message);
  });
});
