import { Packr } from 'msgpackr';
import { msgpack } from '../../lib/codecs/msgpack.js';
import { decodeDefaults, type DecodeLimits, type Envelope } from '../../lib/protocol/index.js';

const codec = msgpack();
const head = Buffer.from('\x82\xa5event\xa1e\xa4data', 'latin1');

/** `{event: 'e', data: <what the hexadecimal digits say>}` */
const withData = (hex: string): Buffer => Buffer.concat([head, Buffer.from(hex.replaceAll(' ', ''), 'hex')]);
const decode = (frame: Buffer, limits: Partial<DecodeLimits> = {}, by = codec): Envelope =>
  by.decode(frame, { ...decodeDefaults, ...limits }) as Envelope;
const dataOf = (hex: string, by = codec): unknown => decode(withData(hex), {}, by).data;

function refusalOf(frame: Buffer, limits: Partial<DecodeLimits> = {}, by = codec): string {
  try {
    decode(frame, limits, by);
  } catch (error) {
    return `${(error as { code?: string }).code}: ${(error as Error).message.split(': ').at(-1)}`;
  }
  return 'taken';
}

describe('MessagePack that is taken', () => {
  it.each<[string, unknown]>([
    ['00', 0],
    ['7f', 127],
    ['e0', -32],
    ['cc ff', 255],
    ['cd ff ff', 65_535],
    ['ce ff ff ff ff', 2 ** 32 - 1],
    ['cf 00 1f ff ff ff ff ff ff', 2 ** 53 - 1],
    ['cf 00 00 00 00 00 00 00 07', 7],
    ['d0 80', -128],
    ['d1 80 00', -32_768],
    ['d2 80 00 00 00', -(2 ** 31)],
    ['d3 ff e0 00 00 00 00 00 01', -(2 ** 53) + 1],
    ['d3 ff ff ff ff ff ff ff ff', -1],
    ['ca 3f 80 00 00', 1],
    ['cb 3f f8 00 00 00 00 00 00', 1.5],
    ['cb 7f f8 00 00 00 00 00 00', NaN],
    ['cb 7f f0 00 00 00 00 00 00', Infinity],
    ['c0', null],
    ['c2', false],
    ['c3', true],
    ['a3 e2 82 ac', '€'],
    ['d9 01 61', 'a'],
    ['da 00 01 61', 'a'],
    ['db 00 00 00 01 61', 'a'],
    ['90', []],
    ['92 01 c0', [1, null]],
    ['dc 00 01 01', [1]],
    ['dd 00 00 00 01 01', [1]],
    ['80', {}],
    ['81 a1 61 01', { a: 1 }],
    ['de 00 01 a1 61 01', { a: 1 }],
    ['df 00 00 00 01 a1 61 01', { a: 1 }],
    ['82 a1 61 81 a1 61 01 a1 62 81 a1 61 02', { a: { a: 1 }, b: { a: 2 } }],
    ['82 ab 63 6f 6e 73 74 72 75 63 74 6f 72 01 a0 02', { constructor: 1, '': 2 }],
  ])('%s', (hex, value) => {
    expect(dataOf(hex)).toEqual(value);
  });

  it.each(['c4 02 de ad', 'c5 00 02 de ad', 'c6 00 00 00 02 de ad'])(
    'bytes, as a Buffer on the frame: %s',
    (hex) => {
      const frame = withData(hex);
      const { data } = decode(frame);
      expect(Buffer.isBuffer(data)).toBe(true);
      expect((data as Buffer).toString('hex')).toBe('dead');
      expect((data as Buffer).buffer).toBe(frame.buffer);
    },
  );

  it('texts and maps of every length of length', () => {
    for (const length of [31, 32, 255, 256, 65_535, 65_536, 100_000]) {
      const data = {
        text: 'é'.repeat(length / 2),
        bytes: Buffer.alloc(length),
        array: Array(length).fill(1),
      };
      const decoded = decode(Buffer.from(codec.encode({ event: 'e', data }) as Uint8Array))
        .data as typeof data;
      expect(decoded.text === data.text).toBe(true);
      expect(decoded.bytes.equals(data.bytes)).toBe(true);
      expect(decoded.array).toHaveLength(length);
    }
    for (const length of [15, 16, 17, 65_535, 65_536]) {
      const data = Object.fromEntries(Array.from({ length }, (_, at) => [`key${at}`, at]));
      const decoded = decode(Buffer.from(codec.encode({ event: 'e', data }) as Uint8Array)).data as object;
      expect(Object.keys(decoded)).toHaveLength(length);
    }
  });

  it('dates, where both ends want them', () => {
    const dated = msgpack({ dates: true });
    const at = new Date(1_700_000_000_123);
    const frame = Buffer.from(dated.encode({ event: 'e', data: [at, new Date(NaN)] }) as Uint8Array);
    expect(decode(frame, {}, dated).data).toEqual([at, null]);
    expect(dataOf('d6 ff 00 00 00 01', dated)).toEqual(new Date(1000));
    expect(refusalOf(frame)).toBe('UNDECODABLE: it has an extension');
    expect(refusalOf(withData('c7 05 ff 00 00 00 00 00'), {}, dated)).toBe(
      'UNDECODABLE: it has an extension',
    );
    expect(refusalOf(withData('d6 fe 00 00 00 00'), {}, dated)).toBe('UNDECODABLE: it has an extension');
  });
});

describe('MessagePack that is refused before it is decoded', () => {
  it.each<[string, string, string]>([
    ['a number that is cut', 'cd 01', 'it ends too early'],
    ['nothing at all', '', 'it ends too early'],
    ['a text that is cut', 'a5 61', 'it ends too early'],
    ['a text of 4 GiB', 'db ff ff ff ff 61', 'it ends too early'],
    ['bytes of 4 GiB', 'c6 ff ff ff ff 61', 'it ends too early'],
    ['an array of 4 G items', 'dd ff ff ff ff 01', 'it ends too early'],
    ['a map of 4 G pairs', 'df ff ff ff ff a1 61', 'it ends too early'],
    ['an array with an item missing', '92 01', 'it ends too early'],
    ['a map with a value missing', '81 a1 61', 'it ends too early'],
    ['bytes after the end', '01 01', 'bytes follow its end'],
    ['the byte that is never used', 'c1', 'it has a byte c1'],
    ['a text that is not UTF-8', 'a1 ff', 'a text is not UTF-8'],
    ['a text with a surrogate', 'a3 ed a0 80', 'a text is not UTF-8'],
    ['an overlong text', 'a2 c0 af', 'a text is not UTF-8'],
    ['an overlong text of three', 'a3 e0 80 af', 'a text is not UTF-8'],
    ['an overlong text of four', 'a4 f0 80 80 af', 'a text is not UTF-8'],
    ['a text beyond U+10FFFF', 'a4 f4 90 80 80', 'a text is not UTF-8'],
    ['a text that ends within a character', 'a2 e2 82', 'a text is not UTF-8'],
    ['a key that is not UTF-8', '81 a1 ff 01', 'a key is not UTF-8'],
    ['a key twice', '82 a1 61 01 a1 61 02', 'a map has a key twice'],
    ['a key twice, spelled differently', '82 a1 61 01 d9 01 61 02', 'a map has a key twice'],
    ['a key twice around a map', '83 a1 61 01 a1 62 81 a1 61 01 a1 61 01', 'a map has a key twice'],
    ['a key __proto__', '81 a9 5f 5f 70 72 6f 74 6f 5f 5f 80', 'a key is "__proto__"'],
    ['a number as key', '81 01 01', 'a key is no text'],
    ['a map as key', '81 80 01', 'a key is no text'],
    ['bytes as key', '81 c4 01 61 01', 'a key is no text'],
    ['an extension as key', '81 d4 00 00 01', 'a key is no text'],
    ['a number beyond 2^53', 'cf 00 20 00 00 00 00 00 00', 'a whole number is beyond 2^53'],
    ['a number below -2^53', 'd3 ff e0 00 00 00 00 00 00', 'a whole number is beyond 2^53'],
    ['an extension that is undefined to msgpackr', 'd4 00 00', 'it has an extension'],
    ['a record definition of msgpackr', 'd4 72 40 91 a1 61 01', 'it has an extension'],
    ['a long record definition of msgpackr', 'd5 72 40 00 91 a1 61 01', 'it has an extension'],
    ['a set of msgpackr', 'd4 73 00 91 01', 'it has an extension'],
    ['an error of msgpackr', 'd4 65 00 92 a5 45 72 72 6f 72 a1 61', 'it has an extension'],
    ['a regular expression of msgpackr', 'd4 78 00 92 a1 61 a0', 'it has an extension'],
    ['a reference of msgpackr', 'd6 70 00 00 00 01', 'it has an extension'],
    ['bundled strings of msgpackr', 'd6 62 00 00 00 01', 'it has an extension'],
    ['a bigint of msgpackr', 'c7 01 42 01', 'it has an extension'],
    ['a typed array of msgpackr', 'c7 05 74 08 00 00 00 00', 'it has an extension'],
    ['an extension of 4 GiB', 'c9 ff ff ff ff 01', 'it ends too early'],
    ['a date', 'd6 ff 00 00 00 00', 'it has an extension'],
  ])('%s', (_what, hex, why) => {
    expect(refusalOf(withData(hex))).toBe(`UNDECODABLE: ${why}`);
  });

  it('an empty frame', () => {
    expect(refusalOf(Buffer.alloc(0))).toBe('UNDECODABLE: it ends too early');
  });

  it('a key twice in a map of any size, wherever', () => {
    for (const count of [2, 16, 17, 18, 300, 5000]) {
      for (const again of [0, Math.floor(count / 2), count - 1]) {
        const keys = Array.from({ length: count }, (_, at) => `key ${at}`);
        const pairs = [...keys, keys[again]!].flatMap((key) => [key, 1]);
        const packed = new Packr({ useRecords: false }).pack(pairs);
        const start = pairs.length < 16 ? 1 : 3;
        const size = Buffer.of(0xdf, 0, 0, (count + 1) >> 8, (count + 1) & 0xff);
        const body = packed.subarray(start);
        expect(refusalOf(Buffer.concat([head, size, body]))).toBe('UNDECODABLE: a map has a key twice');
        const proper = body.subarray(0, body.length - 2 - keys[again]!.length);
        expect(
          refusalOf(Buffer.concat([head, Buffer.of(0xdf, 0, 0, count >> 8, count & 0xff), proper])),
        ).toBe('taken');
      }
    }
  });

  it('arrays nested a million deep, and maps, without recursion', () => {
    expect(refusalOf(withData('91'.repeat(1_000_000)))).toMatch(/^TOO_DEEP/);
    expect(refusalOf(withData('81a161'.repeat(300_000)))).toMatch(/^TOO_DEEP/);
    // Without a limit there is one all the same, since the decoder recurses.
    expect(refusalOf(withData('91'.repeat(1_000_000)), { jsonDepth: Infinity })).toMatch(/^TOO_DEEP/);
    expect(refusalOf(withData('91'.repeat(510) + '90'), { jsonDepth: Infinity })).toBe('taken');
    expect(refusalOf(withData('91'.repeat(511) + '90'), { jsonDepth: Infinity })).toMatch(/^TOO_DEEP/);
  });

  it('more containers than the limit, before one of them is made', () => {
    const frame = (count: number): Buffer =>
      Buffer.concat([
        withData('dd'),
        Buffer.of(0, count >> 16, (count >> 8) & 0xff, count & 0xff),
        Buffer.alloc(count, 0x80),
      ]);
    const few = msgpack({ containers: 10 });
    // The envelope and the array are two of them.
    expect(refusalOf(frame(8), {}, few)).toBe('taken');
    expect(refusalOf(frame(9), {}, few)).toMatch(/^PAYLOAD_TOO_LARGE/);
    expect(refusalOf(frame(99_999))).toMatch(/^PAYLOAD_TOO_LARGE/);
    expect(refusalOf(frame(200_000), {}, msgpack({ containers: false }))).toBe('taken');
  });

  it('a batch that is too large, before it is read', () => {
    expect(refusalOf(Buffer.from('dc0101' + 'ff'.repeat(257), 'hex'))).toMatch(/^BATCH_TOO_LARGE/);
  });

  it('many large maps in one frame, and in many frames, in time that grows with their bytes', () => {
    const map = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`key${at}`, at]));
    const data = Array.from({ length: 2000 }, () => map);
    const frame = Buffer.from(codec.encode({ event: 'e', data }) as Uint8Array);
    for (let round = 0; round < 5; round++) expect(decode(frame).data).toHaveLength(2000);
  });
});

describe('options of msgpack()', () => {
  it('are refused by name', () => {
    expect(() => msgpack({ containers: 0 })).toThrow('gatewire option "containers"');
  });
});
