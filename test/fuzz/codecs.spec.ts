import { cbor } from '../../lib/codecs/cbor.js';
import { msgpack } from '../../lib/codecs/msgpack.js';
import {
  type Codec,
  decodeDefaults,
  type Envelope,
  ErrorCode,
  ProtocolError,
} from '../../lib/protocol/index.js';
import { pick, type Random, randomBytes, randomJson, wholeNumber } from '../protocol/random.js';
import { corpus, fuzz, mutate, rounds } from './fuzz.js';

const codes = new Set<string>(Object.values(ErrorCode));

/**
 * What is taken is decoded without an error, and is the same message once it is encoded again; all else is refused with a
 * typed error. So the scanner and the package that decodes agree about every frame.
 */
function takenOrRefused(codec: Codec, bytes: Uint8Array): 'taken' | 'refused' {
  let decoded: Envelope | Envelope[];
  try {
    decoded = codec.decode(Buffer.from(bytes), decodeDefaults);
  } catch (error) {
    // No expect: it would take most of the time of so many rounds.
    if (error instanceof ProtocolError && codes.has(error.code)) return 'refused';
    throw error;
  }
  for (const envelope of [decoded].flat()) {
    const encoded = Buffer.from(codec.encode(envelope) as Uint8Array);
    const again = codec.encode(codec.decode(encoded, decodeDefaults) as Envelope) as Uint8Array;
    if (!encoded.equals(again))
      throw new Error(`it becomes ${encoded.toString('hex')} when it is encoded again`);
  }
  return 'taken';
}

function randomEnvelope(random: Random): Envelope {
  const data = pick(random, [
    () => randomJson(random, 4),
    () => randomBytes(random, 40),
    () => ({ file: randomBytes(random, 40), more: randomJson(random, 2), at: random() }),
    () => Array.from({ length: wholeNumber(random, 40) }, (_, at) => at * 1000),
    () => Object.fromEntries(Array.from({ length: wholeNumber(random, 40) }, (_, at) => [`k${at}`, at])),
  ])();
  return { event: 'say', id: wholeNumber(random, 1e9), meta: { at: 1 }, data: withoutProto(data) };
}

/** Cannot be sent: the receiver would refuse it. */
function withoutProto(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(withoutProto);
  const pairs = Object.entries(value).filter(([key]) => key !== '__proto__');
  return Object.fromEntries(pairs.map(([key, one]) => [key, withoutProto(one)]));
}

/** A first byte that opens something, what may follow it, and things that belong into it: near the format, not of it. */
function madeUp(random: Random, heads: readonly string[]): Uint8Array {
  const parts: Buffer[] = [];
  for (let items = 1 + wholeNumber(random, 12); items > 0; items--)
    parts.push(Buffer.from(pick(random, heads), 'hex'));
  return Buffer.concat(parts);
}

const heads = {
  // {event: 'e'}, {event: 'e', data: …}, arrays, maps, keys, texts, numbers, bytes, extensions.
  msgpack:
    '81a56576656e74a165 82a56576656e74a165a464617461 90 91 92 dc0001 dd00000002 80 81 82 de0001 df00000001 a161 a162 a0 d90161 da000161 db0000000161 00 7f e0 cc01 cd0101 ce01010101 cf001fffffffffffff cf0020000000000000 d3ffe0000000000001 cb3ff8000000000000 ca7fc00000 c0 c1 c2 c3 c40100 c5000100 c60000000100 d40000 d47240 d6ff00000000 d7ff0000000000000000 c70cff000000000000000000000000 c70100ff d801'.split(
      ' ',
    ),
  cbor: 'a1656576656e746165 a2656576656e7461656464617461 bf656576656e746165 80 81 82 9801 990001 9f ff a0 a1 a2 b801 b90001 bf 6161 6162 60 780161 79000161 7b000000000000000161 00 17 1801 190101 1a01010101 1b001fffffffffffff 1b0020000000000000 20 3801 3b001ffffffffffffe f93c00 fa7fc00000 fb3ff8000000000000 f4 f5 f6 f7 f820 e0 40 4100 580100 5f 7f c100 c06161 d84041ff d9010281 d9dff982'.split(
    ' ',
  ),
};

describe.each([
  ['msgpack', msgpack(), msgpack({ dates: true, containers: 70 })],
  ['cbor', cbor(), cbor({ dates: true, containers: 70 })],
] as const)('the codec %s', (name, codec, dated) => {
  it.each(corpus(name))('takes or refuses what is in the corpus: %s', (what, hex) => {
    const outcome = takenOrRefused(codec, Buffer.from(hex, 'hex'));
    takenOrRefused(dated, Buffer.from(hex, 'hex'));
    expect(outcome).toBe(what.startsWith('taken') ? 'taken' : 'refused');
  });

  it('takes or refuses valid frames that were mutated', () => {
    let taken = 0;
    const encode = (random: Random): Uint8Array => codec.encode(randomEnvelope(random)) as Uint8Array;
    fuzz(
      (random) => mutate(random, encode(random), encode(random)),
      (frame) => void (takenOrRefused(codec, frame) === 'taken' && taken++),
    );
    // Near enough to what is valid to come through, and far enough not to.
    expect(taken).toBeGreaterThan(rounds / 50);
    expect(taken).toBeLessThan(rounds * 0.9);
  });

  it('takes or refuses frames put together from parts of the format', () => {
    let taken = 0;
    fuzz(
      (random) => madeUp(random, heads[name]),
      (frame) => {
        takenOrRefused(dated, frame);
        taken += Number(takenOrRefused(codec, frame) === 'taken');
      },
    );
    expect(taken).toBeGreaterThan(rounds / 500);
  });
});
