import { readBinaryFrame } from '../../lib/protocol/binary-frame.js';
import {
  bearerToken,
  decodeEnvelope,
  encodeEnvelope,
  type Envelope,
  ErrorCode,
  ProtocolError,
  selectSubprotocol,
  subprotocolRefusal,
} from '../../lib/protocol/index.js';
import { pick, type Random, randomBytes, randomJson, wholeNumber } from '../protocol/random.js';
import { corpus, fuzz, mutate, rounds } from './fuzz.js';

const codes = new Set<string>(Object.values(ErrorCode));

/** What is taken is the same message once it is encoded again; all else is refused with a typed error. */
function takenOrRefused(frame: string | Uint8Array): 'taken' | 'refused' {
  let decoded: Envelope | Envelope[];
  try {
    decoded = decodeEnvelope(frame);
  } catch (error) {
    // No expect: it would take most of the time of so many rounds.
    if (error instanceof ProtocolError && codes.has(error.code)) return 'refused';
    throw error;
  }
  for (const envelope of [decoded].flat()) {
    const encoded = encodeEnvelope(envelope);
    const again = encodeEnvelope(decodeEnvelope(encoded) as Envelope);
    if (!Buffer.from(encoded as string).equals(Buffer.from(again as string)))
      throw new Error('it is another message when it is encoded again');
  }
  return 'taken';
}

function randomEnvelope(random: Random): Envelope {
  return { event: 'say', id: wholeNumber(random, 1e9), meta: { at: 1 }, data: randomJson(random, 4) };
}

function withBytes(random: Random): Envelope {
  const data = pick(random, [
    () => randomBytes(random, 40),
    () => [randomBytes(random, 10), randomJson(random, 2), randomBytes(random, 10)],
    () => ({ file: randomBytes(random, 40), other: { $bytes: randomJson(random, 1) } }),
  ])();
  return { event: 'file', id: 7, data };
}

const bytesOf = (envelope: Envelope | Envelope[]): Uint8Array =>
  Buffer.from(Array.isArray(envelope) ? JSON.stringify(envelope) : (encodeEnvelope(envelope) as string));

describe('decodeEnvelope', () => {
  it.each(corpus('envelope'))('takes or refuses what is in the corpus as text: %s', (what, text) => {
    expect(takenOrRefused(text)).toBe(what.startsWith('taken') ? 'taken' : 'refused');
  });

  it.each(corpus('binary'))('takes or refuses what is in the corpus as bytes: %s', (what, hex) => {
    expect(takenOrRefused(Buffer.from(hex, 'hex'))).toBe(what.startsWith('taken') ? 'taken' : 'refused');
  });

  it('takes or refuses valid envelopes and batches that were mutated, as text', () => {
    let taken = 0;
    const valid = (random: Random): Uint8Array =>
      bytesOf(
        random() < 0.2
          ? Array.from({ length: 1 + wholeNumber(random, 4) }, () => randomEnvelope(random))
          : randomEnvelope(random),
      );
    fuzz(
      (random) => Buffer.from(mutate(random, valid(random), valid(random))).toString(),
      (text) => void (taken += Number(takenOrRefused(text) === 'taken')),
    );
    expect(taken).toBeGreaterThan(rounds / 50);
    expect(taken).toBeLessThan(rounds * 0.9);
  });

  it('takes or refuses binary frames that were mutated', () => {
    let taken = 0;
    const valid = (random: Random): Uint8Array =>
      bytesOf(random() < 0.2 ? randomEnvelope(random) : withBytes(random));
    fuzz(
      (random) => mutate(random, valid(random), valid(random)),
      (frame) => void (taken += Number(takenOrRefused(frame) === 'taken')),
    );
    expect(taken).toBeGreaterThan(rounds / 50);
    expect(taken).toBeLessThan(rounds * 0.9);
  });

  it('takes or refuses binary frames whose header says anything about its bytes', () => {
    const ranges = [
      '[0,0]',
      '[0,1]',
      '[1,0]',
      '[-1,1]',
      '[0,99]',
      '[0]',
      '[0,1,2]',
      '"splice"',
      'null',
      '{}',
      '{"$bytes":[0,1]}',
      '[0.5,1]',
      '["0",1]',
      '[0,1e999]',
    ];
    fuzz(
      (random) => {
        const members = Array.from({ length: wholeNumber(random, 4) }, (_, at) => {
          const key = pick(random, [`k${at}`, '__proto__', 'constructor', '$bytes', 'length']);
          return `"${key}":${random() < 0.8 ? `{"$bytes":${pick(random, ranges)}}` : '1'}`;
        });
        const header = Buffer.from(`{"event":"e","data":{${members.join(',')}}}`);
        const length = Buffer.alloc(4);
        length.writeUInt32BE(random() < 0.9 ? header.length : wholeNumber(random, 2 ** 32));
        return Buffer.concat([length, header, randomBytes(random, 4)]);
      },
      (frame) => {
        takenOrRefused(frame);
        const parts = readBinaryFrame(frame);
        if (parts !== undefined && parts.header.length + parts.raw.length + 4 !== frame.length)
          throw new Error('bytes were lost');
      },
    );
  });
});

describe('subprotocols that are offered', () => {
  const supported = ['gatewire.plain', 'gatewire.v1.json', 'gatewire.v1.msgpack'];
  const names = [
    ...supported,
    'gatewire.v1.cbor',
    'gatewire.v2.json',
    'gatewire.',
    'gatewire.bearer.',
    'gatewire.bearer.dG9rZW4',
    'gatewire.bearer.gatewire.v1.json',
    'chat',
    'GATEWIRE.V1.JSON',
    'constructor',
    '',
  ];

  it.each(corpus('subprotocol'))('are selected from or not, as in the corpus: %s', (what, header) => {
    const offered = header.split(',').map((name) => name.trim());
    expect(String(selectSubprotocol(offered, supported))).toBe(what.trim());
    expect(subprotocolRefusal(offered, supported) === undefined).toBe(what.trim() !== 'false');
    expect(typeof (bearerToken(offered) ?? '')).toBe('string');
  });

  it('are never selected unless they may be, whatever is offered', () => {
    fuzz(
      (random) => {
        const list = Array.from({ length: wholeNumber(random, 6) }, () => pick(random, names)).join(', ');
        const header =
          random() < 0.5
            ? list
            : Buffer.from(mutate(random, Buffer.from(list), Buffer.from(names.join()))).toString('latin1');
        // As the upgrade has them.
        return header.split(',').map((name) => name.trim());
      },
      (offered) => {
        const selected = selectSubprotocol(offered, supported);
        const refusal = subprotocolRefusal(offered, supported);
        const token = bearerToken(offered);
        if (selected !== false) {
          if (!offered.includes(selected) || refusal !== undefined)
            throw new Error('selected what was not offered');
          if (selected.startsWith('gatewire.') && !supported.includes(selected))
            throw new Error('selected what is not spoken');
          const better = offered.find((name) => supported.includes(name));
          if (better !== undefined && better !== selected) throw new Error('not the first of the client');
        } else if (refusal === undefined && offered.length > 0)
          throw new Error('neither selected nor refused');
        // Longer than what the refusal says about bearer offers.
        const secrets = offered.filter((name) => name.startsWith('gatewire.bearer.') && name.length > 20);
        if (token !== undefined && secrets.some((secret) => refusal?.includes(secret)))
          throw new Error('repeats the token');
      },
    );
  });
});
