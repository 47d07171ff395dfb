import { cbor } from '../../lib/codecs/cbor.js';
import { decodeDefaults, type DecodeLimits, type Envelope } from '../../lib/protocol/index.js';

const codec = cbor();
const head = Buffer.from('\xa2\x65event\x61e\x64data', 'latin1');

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

describe('CBOR that is taken', () => {
  it.each<[string, unknown]>([
    ['00', 0],
    ['17', 23],
    ['18 18', 24],
    ['18 00', 0],
    ['19 ff ff', 65_535],
    ['1a ff ff ff ff', 2 ** 32 - 1],
    ['1b 00 1f ff ff ff ff ff fe', 2 ** 53 - 2],
    ['1b 00 00 00 00 00 00 00 07', 7],
    ['20', -1],
    ['38 ff', -256],
    ['39 ff ff', -65_536],
    ['3a ff ff ff ff', -(2 ** 32)],
    ['3b 00 1f ff ff ff ff ff fe', -(2 ** 53) + 1],
    ['f9 3c 00', 1],
    ['f9 7e 00', NaN],
    ['fa 3f c0 00 00', 1.5],
    ['fb 7f f0 00 00 00 00 00 00', Infinity],
    ['f4', false],
    ['f5', true],
    ['f6', null],
    ['f7', undefined],
    ['63 e2 82 ac', '€'],
    ['78 01 61', 'a'],
    ['79 00 01 61', 'a'],
    ['7a 00 00 00 01 61', 'a'],
    ['7b 00 00 00 00 00 00 00 01 61', 'a'],
    ['80', []],
    ['82 01 f6', [1, null]],
    ['98 01 01', [1]],
    ['9f ff', []],
    ['9f 01 9f 02 ff ff', [1, [2]]],
    ['a0', {}],
    ['a1 61 61 01', { a: 1 }],
    ['b9 00 01 61 61 01', { a: 1 }],
    ['bf ff', {}],
    ['bf 61 61 01 61 62 bf 61 61 02 ff ff', { a: 1, b: { a: 2 } }],
    ['a1 6b 63 6f 6e 73 74 72 75 63 74 6f 72 01', { constructor: 1 }],
  ])('%s', (hex, value) => {
    expect(dataOf(hex)).toEqual(value);
  });

  it('bytes, as a Buffer on the frame', () => {
    const frame = withData('42 de ad');
    const { data } = decode(frame);
    expect(Buffer.isBuffer(data)).toBe(true);
    expect((data as Buffer).buffer).toBe(frame.buffer);
    expect((data as Buffer).toString('hex')).toBe('dead');
  });

  it('bytes that a peer has tagged as a Uint8Array', () => {
    expect(dataOf('d8 40 42 de ad')).toEqual(Uint8Array.of(0xde, 0xad));
  });

  it('a batch and an envelope of indefinite length', () => {
    const envelope = 'bf 65 6576656e74 61 65 ff'.replaceAll(' ', '');
    expect(codec.decode(Buffer.from(`9f${envelope}${envelope}ff`, 'hex'), decodeDefaults)).toEqual([
      { event: 'e' },
      { event: 'e' },
    ]);
  });

  it('texts and maps of every length of length', () => {
    for (const length of [23, 24, 255, 256, 65_535, 65_536, 100_000]) {
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
    for (const length of [23, 24, 255, 256, 65_535, 65_536]) {
      const data = Object.fromEntries(Array.from({ length }, (_, at) => [`key${at}`, at]));
      const decoded = decode(Buffer.from(codec.encode({ event: 'e', data }) as Uint8Array)).data as object;
      expect(Object.keys(decoded)).toHaveLength(length);
    }
  });

  it('dates, where both ends want them', () => {
    const dated = cbor({ dates: true });
    const at = new Date(1_700_000_000_500);
    const frame = Buffer.from(dated.encode({ event: 'e', data: [at, new Date(NaN)] }) as Uint8Array);
    expect(decode(frame, {}, dated).data).toEqual([at, null]);
    expect(dataOf('c1 18 64', dated)).toEqual(new Date(100_000));
    expect(dataOf('c1 20', dated)).toEqual(new Date(-1000));
    expect(dataOf('c1 f9 3c 00', dated)).toEqual(new Date(1000));
    expect(dataOf(`c0 74 ${Buffer.from('1970-01-01T00:00:01Z').toString('hex')}`, dated)).toEqual(
      new Date(1000),
    );
    expect(refusalOf(frame)).toBe('UNDECODABLE: it has a tag');
    for (const wrong of ['c1 61 61', 'c0 00', 'c1 a0', 'c1 80', 'c0 c0 61 61', 'c1 f6', 'c2 41 01'])
      expect(refusalOf(withData(wrong), {}, dated)).toBe('UNDECODABLE: it has a tag');
    expect(refusalOf(withData(`c0 78 41 ${'20'.repeat(65)}`), {}, dated)).toBe(
      'UNDECODABLE: a date is too long',
    );
    expect(refusalOf(withData('c0 61 ff'), {}, dated)).toBe('UNDECODABLE: a text is not UTF-8');
    expect(refusalOf(withData('c1 1b 00 20 00 00 00 00 00 00'), {}, dated)).toBe(
      'UNDECODABLE: a whole number is beyond 2^53',
    );
  });
});

describe('CBOR that is refused before it is decoded', () => {
  it.each<[string, string, string]>([
    ['a number that is cut', '19 01', 'it ends too early'],
    ['nothing at all', '', 'it ends too early'],
    ['a text that is cut', '65 61', 'it ends too early'],
    ['a text of 2^64 bytes', '7b ff ff ff ff ff ff ff ff 61', 'it ends too early'],
    ['bytes of 4 GiB', '5a ff ff ff ff 61', 'it ends too early'],
    ['an array of 2^64 items', '9b ff ff ff ff ff ff ff ff 01', 'it ends too early'],
    ['a map of 4 G pairs', 'ba ff ff ff ff 61 61', 'it ends too early'],
    ['an array with an item missing', '82 01', 'it ends too early'],
    ['an array without its break', '9f 01', 'it ends too early'],
    ['a map with a value missing', 'a1 61 61', 'it ends too early'],
    ['a map whose break stands for a value', 'bf 61 61 ff', 'a key has no value'],
    ['a break that ends nothing', 'ff', 'a break ends nothing'],
    ['a break in an array that has its length', '82 01 ff', 'a break ends nothing'],
    ['bytes after the end', '01 01', 'bytes follow its end'],
    ['lengths of no kind', '1c', 'it has a length of no kind'],
    ['an array with a length of no kind', '9e', 'it has a length of no kind'],
    ['a tag with a length of no kind', 'dd 01', 'it has a length of no kind'],
    ['a text in pieces', '7f 61 61 ff', 'a string is in pieces'],
    ['bytes in pieces', '5f 41 61 ff', 'a string is in pieces'],
    ['a number in pieces', '1f', 'a string is in pieces'],
    ['a text that is not UTF-8', '61 ff', 'a text is not UTF-8'],
    ['a key that is not UTF-8', 'a1 61 ff 01', 'a key is not UTF-8'],
    ['a key twice', 'a2 61 61 01 61 61 02', 'a map has a key twice'],
    ['a key twice, spelled differently', 'a2 61 61 01 78 01 61 02', 'a map has a key twice'],
    ['a key twice until a break', 'bf 61 61 01 61 61 02 ff', 'a map has a key twice'],
    ['a key __proto__', 'a1 69 5f 5f 70 72 6f 74 6f 5f 5f a0', 'a key is "__proto__"'],
    ['a number as key', 'a1 01 01', 'a key is no text'],
    ['an array as key', 'a1 80 01', 'a key is no text'],
    ['a tagged key', 'a1 c0 61 61 01', 'a key is no text'],
    ['a number of 2^53', '1b 00 20 00 00 00 00 00 00', 'a whole number is beyond 2^53'],
    ['a number below -2^53', '3b 00 20 00 00 00 00 00 00', 'a whole number is beyond 2^53'],
    ['a simple value without a meaning', 'e0', 'it has a simple value'],
    ['a simple value of two bytes', 'f8 20', 'it has a simple value'],
    ['a float that is cut', 'fb 00', 'it ends too early'],
    ['a date', 'c1 00', 'it has a tag'],
    ['a bigint', 'c2 41 01', 'it has a tag'],
    ['a shared reference', 'd8 1d 00', 'it has a tag'],
    ['a shareable value', 'd8 1c 80', 'it has a tag'],
    ['a set', 'd9 01 02 81 01', 'it has a tag'],
    ['a map that is a Map', 'd9 01 03 a1 01 01', 'it has a tag'],
    ['a regular expression of cbor-x', 'd8 1b 82 66 52 65 67 45 78 70 61 61', 'it has a tag'],
    ['a record definition of cbor-x', 'd9 df ff 83 81 61 61 00 01', 'it has a tag'],
    ['bundled strings of cbor-x', 'd9 df f9 82 1a 00 00 00 01', 'it has a tag'],
    ['packed values of cbor-x', 'd8 33 80', 'it has a tag'],
    ['floats in a typed array', 'd8 55 44 00 00 00 00', 'it has a tag'],
    ['a Uint8Array that is a text', 'd8 40 61 61', 'it has a tag'],
    ['the tag that says it is CBOR', 'd9 d9 f7 01', 'it has a tag'],
    ['a tag of nothing', 'd8 40', 'it ends too early'],
  ])('%s', (_what, hex, why) => {
    expect(refusalOf(withData(hex))).toBe(`UNDECODABLE: ${why}`);
  });

  it('an empty frame', () => {
    expect(refusalOf(Buffer.alloc(0))).toBe('UNDECODABLE: it ends too early');
  });

  it('arrays nested a million deep, tags too, without recursion', () => {
    expect(refusalOf(withData('81'.repeat(1_000_000)))).toMatch(/^TOO_DEEP/);
    expect(refusalOf(withData('9f'.repeat(1_000_000)))).toMatch(/^TOO_DEEP/);
    expect(refusalOf(withData('81'.repeat(1_000_000)), { jsonDepth: Infinity })).toMatch(/^TOO_DEEP/);
    expect(refusalOf(withData('81'.repeat(510) + '80'), { jsonDepth: Infinity })).toBe('taken');
    expect(refusalOf(withData('81'.repeat(511) + '80'), { jsonDepth: Infinity })).toMatch(/^TOO_DEEP/);
    expect(refusalOf(withData('d840'.repeat(500_000)))).toBe('UNDECODABLE: it has a tag');
  });

  it('more containers than the limit, before one of them is made', () => {
    const few = cbor({ containers: 10 });
    expect(refusalOf(withData(`88${'a0'.repeat(8)}`), {}, few)).toBe('taken');
    expect(refusalOf(withData(`89${'a0'.repeat(9)}`), {}, few)).toMatch(/^PAYLOAD_TOO_LARGE/);
    expect(refusalOf(withData(`9f${'80'.repeat(9)}ff`), {}, few)).toMatch(/^PAYLOAD_TOO_LARGE/);
  });

  it('a batch that is too large, also one that does not say how large it is', () => {
    expect(refusalOf(Buffer.from('990101' + 'a0'.repeat(257), 'hex'))).toMatch(/^BATCH_TOO_LARGE/);
    expect(refusalOf(Buffer.from('9f' + 'a0'.repeat(257) + 'ff', 'hex'))).toMatch(/^BATCH_TOO_LARGE/);
  });
});

describe('options of cbor()', () => {
  it('are refused by name', () => {
    expect(() => cbor({ containers: 0 })).toThrow('gatewire option "containers"');
  });
});
