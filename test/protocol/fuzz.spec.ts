import {
  decodeEnvelope,
  encodeEnvelope,
  type Envelope,
  ErrorCode,
  ProtocolError,
} from '../../lib/protocol/index.js';
import { createRandom, pick, type Random, randomBytes, randomJson, wholeNumber } from './random.js';

const seed = Number(process.env['GATEWIRE_SEED'] ?? 20_260_101);

const codes = new Set<string>(Object.values(ErrorCode));

/** Runs a check with a random source of its own each time; a failure names the seed that repeats it. */
function repeat(times: number, check: (random: Random) => void): void {
  for (let round = 0; round < times; round++) {
    try {
      check(createRandom(seed + round));
    } catch (error) {
      throw new Error(`fails with GATEWIRE_SEED=${seed + round}`, { cause: error });
    }
  }
}

function decodeOrRefuse(frame: string | Uint8Array): void {
  try {
    decodeEnvelope(frame);
  } catch (error) {
    // No expect: it would take most of the time of so many rounds.
    if (!(error instanceof ProtocolError) || !codes.has(error.code)) throw error;
  }
}

function frameWithHeader(header: Uint8Array, raw: Uint8Array): Uint8Array {
  const frame = new Uint8Array(4 + header.length + raw.length);
  new DataView(frame.buffer).setUint32(0, header.length);
  frame.set(header, 4);
  frame.set(raw, 4 + header.length);
  return frame;
}

describe('decodeEnvelope, given anything', () => {
  it('throws nothing but a ProtocolError for random bytes', () => {
    repeat(5000, (random) => decodeOrRefuse(randomBytes(random, 64)));
  });

  it('throws nothing but a ProtocolError for random JSON, as text and in both kinds of binary frames', () => {
    repeat(5000, (random) => {
      const text = JSON.stringify(randomJson(random, 5));
      const bytes = new TextEncoder().encode(text);
      decodeOrRefuse(text);
      decodeOrRefuse(bytes);
      decodeOrRefuse(frameWithHeader(bytes, randomBytes(random, 16)));
    });
  });

  it('throws nothing but a ProtocolError for frames with a bit turned over', () => {
    repeat(5000, (random) => {
      const frame = encodeEnvelope({
        event: 'file',
        id: 7,
        data: { a: randomBytes(random, 8), b: 'größe' },
      }) as Uint8Array;
      const at = wholeNumber(random, frame.length);
      frame[at] = (frame[at] as number) ^ (1 << wholeNumber(random, 8));
      decodeOrRefuse(frame);
    });
  });

  it('leaves the prototypes of objects alone', () => {
    const frame =
      '{"event":"say","__proto__":{"polluted":1},"data":{"__proto__":{"polluted":1}},"meta":{"constructor":{"prototype":{"polluted":1}}}}';
    const envelope = decodeEnvelope(frame) as Envelope;
    expect(Object.getPrototypeOf(envelope)).toBe(Object.getPrototypeOf(JSON.parse('{}')));
    expect((envelope as { polluted?: unknown }).polluted).toBeUndefined();
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('encodeEnvelope and decodeEnvelope', () => {
  it('give back every envelope of JSON as it was', () => {
    repeat(1000, (random) => {
      const envelope: Envelope = { event: 'say', id: wholeNumber(random, 1e9), data: randomJson(random, 5) };
      expect(decodeEnvelope(encodeEnvelope(envelope))).toEqual(envelope);
    });
  });

  it('give back every envelope with bytes as it was', () => {
    repeat(1000, (random) => {
      const data: unknown[] = Array.from({ length: 1 + wholeNumber(random, 5) }, () =>
        random() < 0.5 ? randomBytes(random, 32) : randomJson(random, 3),
      );
      data.push(randomBytes(random, 32));
      const named = Object.fromEntries(
        data.map((value, at) => [pick(random, [`key${at}`, `$bytes${at}`, '__proto__']), value]),
      );
      for (const one of [data[data.length - 1], data, named]) {
        const envelope: Envelope = { event: 'file', meta: { at: 1 }, data: one };
        expect(decodeEnvelope(encodeEnvelope(envelope))).toEqual(envelope);
      }
    });
  });
});
