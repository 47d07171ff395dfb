import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeWith } from '../../lib/protocol/decode-with.js';
import type { Codec, DecodeLimits, Envelope } from '../../lib/protocol/index.js';
import { decodeDefaults, ErrorCode, ProtocolError } from '../../lib/protocol/index.js';
import { envelopes, jsonEnvelopes } from './envelope.arbitrary.js';

/** A codec, and what the contract must know of it. */
export interface CodecUnderTest {
  readonly create: () => Codec;
  /** Bytes arrive as bytes: nowhere, as data or directly in it, or at any depth. */
  readonly bytes: 'none' | 'shallow' | 'deep';
}

/** The test runner, so that a driver outside of this project can be held to the contract by any. */
export interface Runner {
  readonly describe: (name: string, body: () => void) => void;
  readonly it: (name: string, body: () => void) => void;
}

const codes = new Set<string>(Object.values(ErrorCode));
const secret = 'a-secret-of-the-peer';
const seed = Number(process.env['GATEWIRE_SEED'] ?? 20_261_123);
const runs = { seed, numRuns: 300 };

/** What every codec of envelopes keeps to. Not for `raw()`, which has no envelopes. */
export function codecContract(
  name: string,
  { create, bytes }: CodecUnderTest,
  { describe, it }: Runner,
): void {
  describe(`the codec ${name}`, () => {
    const codec = create();
    const decode = (frame: string | Uint8Array, limits: Partial<DecodeLimits> = {}) =>
      decodeWith(codec, asReceived(frame), { ...decodeDefaults, ...limits });

    it('has a name that a subprotocol can have, and frames of the kind that it says', () => {
      assert.match(codec.name, /^[a-z][a-z0-9-]{0,31}$/);
      assert.equal(typeof codec.encode({ event: 'e' }), codec.isBinary ? 'object' : 'string');
    });

    it('gives back every envelope as it was, and leaves what it encodes alone', () => {
      fc.assert(
        fc.property(bytes === 'none' ? jsonEnvelopes : envelopes(bytes), (envelope) => {
          const before = comparable(envelope);
          assert.deepEqual(comparable(decode(codec.encode(envelope))), comparable(envelope));
          assert.deepEqual(comparable(envelope), before);
        }),
        runs,
      );
    });

    it('tells absent data from null', () => {
      assert.ok(!('data' in (decode(codec.encode({ event: 'e' })) as object)));
      assert.deepEqual(comparable(decode(codec.encode({ event: 'e', data: null }))), {
        event: 'e',
        data: null,
      });
      // What is undefined is absent, as JSON has it.
      const decoded = decode(codec.encode({ event: 'e', data: { a: undefined, b: 1 } })) as Envelope;
      assert.deepEqual(decoded.data, { b: 1 });
    });

    it('sends what has a toJSON as JSON would, dates among it', () => {
      const data = { at: new Date(0), money: { toJSON: () => '1.00 EUR' }, none: [undefined, () => 1] };
      const decoded = decode(codec.encode({ event: 'e', data })) as Envelope;
      assert.deepEqual(decoded.data, JSON.parse(JSON.stringify(data)));
    });

    it('makes a batch of frames, and reads it', () => {
      if (codec.joinBatch === undefined) return;
      for (const count of [2, 15, 16, 23, 24, 255, 256]) {
        const batch = Array.from({ length: count }, (_, id) => ({ event: 'e', id, data: { id } }));
        assert.deepEqual(decode(codec.joinBatch(batch.map((one) => codec.encode(one)))), batch);
      }
    });

    it('takes a batch of as many as the limit, and not one more', () => {
      const batch = (count: number) =>
        codec.encode(Array.from({ length: count }, () => ({ event: 'e' })) as never);
      assert.equal((decode(batch(3), { batchItems: 3 }) as Envelope[]).length, 3);
      refuses(() => decode(batch(4), { batchItems: 3 }), ErrorCode.BatchTooLarge);
      refuses(() => decode(batch(0)), ErrorCode.BadEnvelope);
    });

    it('takes nesting to the limit, and not one more', () => {
      // The envelope is the first level.
      for (const wrap of [(inner: unknown) => [inner], (inner: unknown) => ({ a: inner })]) {
        let data: unknown = 1;
        for (let depth = 1; depth < 64; depth++) data = wrap(data);
        assert.ok(decode(codec.encode({ event: 'e', data })));
        refuses(() => decode(codec.encode({ event: 'e', data: wrap(data) })), ErrorCode.TooDeep);
        assert.ok(decode(codec.encode({ event: 'e', data: wrap(data) }), { jsonDepth: Infinity }));
      }
    });

    it('takes names and ids to their limits, and not one more', () => {
      const take = (envelope: Envelope) => decode(codec.encode(envelope));
      assert.ok(take({ event: 'e'.repeat(128), id: 'i'.repeat(128) }));
      assert.ok(take({ event: 'e', id: Number.MAX_SAFE_INTEGER }));
      assert.ok(take({ event: 'e', id: Number.MIN_SAFE_INTEGER }));
      refuses(() => take({ event: 'e'.repeat(129) }), ErrorCode.BadEnvelope);
      refuses(() => take({ event: 'e', id: 'i'.repeat(129) }), ErrorCode.BadEnvelope);
      refuses(() => take({ event: 'e', id: '' }), ErrorCode.BadEnvelope);
      refuses(() => take({ event: '', id: 1 }), ErrorCode.BadEnvelope);
    });

    it('refuses what is no envelope, and says which requests are owed an answer', () => {
      const wrong: unknown[] = [
        {},
        { data: 1 },
        { event: 5 },
        { event: ['e'] },
        { event: { toString: 'e' } },
        { event: 'e', id: 1.5 },
        { event: 'e', id: {} },
        { event: 'e', meta: [] },
        { event: 'e', more: 1 },
        { event: 'e', seq: -1 },
        { id: 1, error: { code: 'X' } },
        [[{ event: 'e' }]],
        'text',
        5,
      ];
      for (const one of wrong) refuses(() => decode(codec.encode(one as never)), ErrorCode.BadEnvelope);
      const batch = [{ event: 'e', id: 1 }, { event: 5, id: 2 }, { id: 3, data: 1 }, { event: 'e' }];
      assert.deepEqual(refuses(() => decode(codec.encode(batch as never))).ids, [1, 2]);
    });

    it('takes null for absent in every field but data', () => {
      const frame = codec.encode({ event: 'e', id: null, meta: null, error: null, data: null } as never);
      assert.deepEqual(comparable(decode(frame)), { event: 'e', data: null });
    });

    it('lets no key reach a prototype', () => {
      const data = JSON.parse(
        '{"constructor":{"prototype":{"polluted":1}},"toString":1,"hasOwnProperty":1}',
      ) as object;
      const decoded = decode(codec.encode({ event: 'e', data })) as Envelope;
      assert.deepEqual(Object.keys(decoded.data as object), ['constructor', 'toString', 'hasOwnProperty']);
      const proto = JSON.parse(
        '{"event":"e","__proto__":{"polluted":1},"data":{"__proto__":{"polluted":1}}}',
      ) as Envelope;
      try {
        const own = decode(codec.encode(proto)) as Envelope;
        assert.ok(Object.hasOwn(own.data as object, '__proto__'));
        assert.equal((own as { polluted?: unknown }).polluted, undefined);
      } catch (error) {
        // To refuse it is as good, on either side.
        assert.ok(error instanceof TypeError || error instanceof ProtocolError, String(error));
      }
      assert.equal(({} as { polluted?: unknown }).polluted, undefined);
    });

    it('throws for what it cannot hold, and goes on', () => {
      const circle: { self?: unknown } = {};
      circle.self = circle;
      for (const data of [circle, 2n ** 70n, { n: 1n }])
        assert.throws(() => codec.encode({ event: 'e', data }), TypeError);
      assert.deepEqual(comparable(decode(codec.encode({ event: 'e', data: 1 }))), { event: 'e', data: 1 });
    });

    it('throws nothing but protocol errors for frames that were cut, turned over, lengthened or made up, and repeats nothing of them', () => {
      const plain = bytes === 'none' ? jsonEnvelopes : envelopes(bytes);
      const mutated = fc.tuple(plain, fc.array(mutation, { minLength: 1, maxLength: 4 }));
      fc.assert(
        fc.property(mutated, ([envelope, mutations]) => {
          const data = { secret, data: envelope.data };
          let frame = toBytes(
            codec.encode({ event: 'e', ...envelope, data: codec.isBinary ? data : envelope.data }),
          );
          for (const mutate of mutations) frame = mutate(frame);
          decodeOrRefuse(codec, frame);
        }),
        { ...runs, numRuns: 1000 },
      );
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 64 }), (frame) => decodeOrRefuse(codec, frame)),
        runs,
      );
      assert.deepEqual(comparable(decode(codec.encode({ event: 'e', data: 1 }))), { event: 'e', data: 1 });
    });
  });
}

/** Frames come as a string or as a `Buffer`, one that is a part of a longer one. */
function asReceived(frame: string | Uint8Array): string | Buffer {
  if (typeof frame === 'string') return frame;
  return Buffer.concat([Buffer.of(1, 2, 3), frame, Buffer.of(0xff, 0)]).subarray(3, 3 + frame.length);
}

function toBytes(frame: string | Uint8Array): Uint8Array {
  return typeof frame === 'string' ? Buffer.from(frame) : frame;
}

function decodeOrRefuse(codec: Codec, bytes: Uint8Array): void {
  const frame = codec.isBinary ? asReceived(bytes) : Buffer.from(bytes).toString();
  try {
    decodeWith(codec, frame, decodeDefaults);
  } catch (error) {
    if (!(error instanceof ProtocolError) || !codes.has(error.code)) throw error;
    assert.ok(!error.message.includes('secret'));
  }
}

function refuses(work: () => unknown, code?: ErrorCode): ProtocolError {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof ProtocolError, String(error));
    if (code !== undefined) assert.equal(error.code, code);
    return error;
  }
  return assert.fail('it was taken');
}

/** Bytes as their hexadecimal digits: `Buffer`, `Uint8Array` and `ArrayBuffer` are the same on the wire. */
function comparable(value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('hex') };
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, comparable(one)]));
}

type Mutation = (bytes: Uint8Array) => Uint8Array;

const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(place, fc.integer({ min: 0, max: 7 })).map(
    ([at, bit]): Mutation =>
      (bytes) =>
        bytes.map((byte, index) => (index === Math.floor(at * bytes.length) ? byte ^ (1 << bit) : byte)),
  ),
  fc.tuple(place, fc.integer({ min: 0, max: 255 })).map(
    ([at, value]): Mutation =>
      (bytes) =>
        bytes.map((byte, index) => (index === Math.floor(at * bytes.length) ? value : byte)),
  ),
  place.map(
    (at): Mutation =>
      (bytes) =>
        bytes.slice(0, Math.floor(at * bytes.length)),
  ),
  fc.uint8Array({ maxLength: 8 }).map(
    (more): Mutation =>
      (bytes) =>
        Buffer.concat([bytes, more]),
  ),
  fc.tuple(place, place).map(
    ([from, to]): Mutation =>
      (bytes) =>
        Buffer.concat([
          bytes.slice(0, Math.floor(to * bytes.length)),
          bytes.slice(Math.floor(from * bytes.length)),
        ]),
  ),
);
