import fc from 'fast-check';
import type { Envelope } from '../../lib/protocol/index.js';

/** Keys that make trouble, but for `__proto__`, which some codecs refuse. */
const keys = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }).filter((key) => key !== '__proto__'),
  fc.constantFrom(
    '',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    'event',
    'id',
    '0',
    '-1',
    'größe',
    '😀',
  ),
);

const leaves = fc.oneof(
  fc.constantFrom(
    null,
    true,
    false,
    0,
    -1,
    23,
    24,
    127,
    128,
    255,
    256,
    65_535,
    65_536,
    2 ** 31,
    2 ** 32,
    2 ** 53 - 1,
  ),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constantFrom('', 'x'.repeat(31), 'x'.repeat(32), 'é'.repeat(40)),
);

const bytes = fc.uint8Array({ maxLength: 40 });

/** JSON numbers know no -0. */
function unsigned(value: unknown): unknown {
  return Object.is(value, -0) ? 0 : value;
}

const { json: jsonValues } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    leaves.map(unsigned),
    fc.array(tie('json'), { maxLength: 6 }),
    fc.dictionary(keys, tie('json'), { maxKeys: 8, noNullPrototype: true }),
  ),
}));

const { deep: deepValues } = fc.letrec<{ deep: unknown }>((tie) => ({
  deep: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    leaves.map(unsigned),
    bytes,
    fc.array(tie('deep'), { maxLength: 6 }),
    fc.dictionary(keys, tie('deep'), { maxKeys: 8, noNullPrototype: true }),
  ),
}));

const shallowValues = fc.oneof(
  jsonValues,
  bytes,
  fc.array(fc.oneof(bytes, jsonValues), { maxLength: 5 }),
  fc.dictionary(keys, fc.oneof(bytes, jsonValues), { maxKeys: 8, noNullPrototype: true }),
);

const position = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
const ids = fc.oneof(
  fc.maxSafeInteger().map((id) => id + 0),
  text,
);

function envelopesOf(data: fc.Arbitrary<unknown>): fc.Arbitrary<Envelope> {
  const optional = fc.record(
    {
      data,
      meta: fc.dictionary(keys, jsonValues, { maxKeys: 4, noNullPrototype: true }),
      error: fc.record({ code: text, message: text }, { noNullPrototype: true }),
      more: fc.boolean(),
      done: fc.boolean(),
      room: text,
      seq: position,
      ack: position,
      offset: position,
      epoch: text,
    },
    { requiredKeys: [], noNullPrototype: true },
  );
  const about = fc.oneof(
    fc.record({ event: text }, { noNullPrototype: true }),
    fc.record({ event: text, id: ids }, { noNullPrototype: true }),
    fc.record({ id: ids }, { noNullPrototype: true }),
  );
  return fc.tuple(about, optional).map(([what, rest]) => ({ ...what, ...rest }));
}

/** Envelopes whose data is JSON. */
export const jsonEnvelopes = envelopesOf(jsonValues);

/** Envelopes with bytes in them: as data and directly in it, or anywhere in data. */
export function envelopes(where: 'shallow' | 'deep'): fc.Arbitrary<Envelope> {
  return envelopesOf(where === 'deep' ? deepValues : shallowValues);
}
