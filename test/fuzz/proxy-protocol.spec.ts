import { isIPv4, isIPv6 } from 'node:net';
import { parseProxyHeader } from '../../lib/transport/proxy-protocol/parse-proxy-header.js';
import {
  type ParsedProxyHeader,
  ProxyProtocolError,
} from '../../lib/transport/proxy-protocol/proxy-header.js';
import { createRandom, pick, type Random, randomBytes, wholeNumber } from '../protocol/random.js';
import { report, rounds, seed } from './fuzz.js';
import { tcp4Block, tlv, unixBlock, v2Header } from '../proxy/proxy-headers.js';

const faults = new Set(['not-a-header', 'malformed', 'too-long']);

type Outcome = ParsedProxyHeader | 'more' | 'refused';

function outcome(input: Buffer): Outcome {
  try {
    return parseProxyHeader(input) ?? 'more';
  } catch (error) {
    // No expect: it would take most of the time of so many rounds.
    if (error instanceof ProxyProtocolError && faults.has(error.fault)) return 'refused';
    throw error;
  }
}

const port = (random: Random): number => wholeNumber(random, 65_536);
const someBytes = (random: Random, length: number): number[] =>
  Array.from({ length }, () => wholeNumber(random, 256));

function v1Line(random: Random): Buffer {
  const address4 = (): string => someBytes(random, 4).join('.');
  const address6 = (): string =>
    pick(random, ['::', '::1', '2001:db8::7', '::ffff:192.0.2.1', '1:2:3:4:5:6:7:8']);
  const [protocol, address] = pick(random, [['TCP4', address4] as const, ['TCP6', address6] as const]);
  const line =
    random() < 0.1 ? 'UNKNOWN' : `${protocol} ${address()} ${address()} ${port(random)} ${port(random)}`;
  return Buffer.from(`PROXY ${line}\r\n`, 'latin1');
}

function v2Bytes(random: Random): Buffer {
  const family = wholeNumber(random, 4);
  const ends = (length: number): Buffer =>
    tcp4Block(someBytes(random, length), someBytes(random, length), [port(random), port(random)]);
  const blocks = [
    (): Buffer => Buffer.alloc(0),
    (): Buffer => ends(4),
    (): Buffer => ends(16),
    (): Buffer => unixBlock(pick(random, ['', '/run/a', 'x'.repeat(108)]), '/run/b'),
  ];
  const extensions = Array.from({ length: wholeNumber(random, 4) }, () =>
    tlv(wholeNumber(random, 256), Buffer.from(randomBytes(random, pick(random, [0, 16, 300, 2000])))),
  );
  const block = Buffer.concat([(blocks[family] as () => Buffer)(), ...extensions]);
  return v2Header(random() < 0.2 ? 0x20 : 0x21, (family << 4) | pick(random, [1, 1, 1, 0, 2]), block);
}

/** Something near a valid header. */
function mutated(random: Random, header: Buffer): Buffer {
  const bytes = Buffer.from(header);
  const at = wholeNumber(random, bytes.length);
  const kind = wholeNumber(random, 6);
  if (kind === 0) bytes[at] = wholeNumber(random, 256);
  if (kind === 1) bytes[at]! ^= 1 << wholeNumber(random, 8);
  if (kind === 2)
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + wholeNumber(random, 4))]);
  if (kind === 3)
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(randomBytes(random, 120)), bytes.subarray(at)]);
  // The fields that say what follows.
  if (kind === 4 && bytes.length >= 16) bytes[12 + wholeNumber(random, 4)] = wholeNumber(random, 256);
  if (kind === 5) return Buffer.from(bytes.toString('latin1').replace(/\d+/, '99999'), 'latin1');
  return bytes;
}

/** The same bytes as a connection would bring them: the outcome must not depend on where they are split. */
function inChunks(random: Random, input: Buffer): Outcome {
  for (let end = 0; end < input.length;) {
    end = Math.min(input.length, end + 1 + wholeNumber(random, pick(random, [1, 8, 64, 4096])));
    const result = outcome(input.subarray(0, end));
    if (result !== 'more') return result;
  }
  return 'more';
}

function check(random: Random): Outcome {
  const valid = random() < 0.5 ? v1Line(random) : v2Bytes(random);
  const kind = wholeNumber(random, 4);
  const header =
    kind === 0 ? valid : kind === 1 ? Buffer.from(randomBytes(random, 64)) : mutated(random, valid);
  const input = Buffer.concat([header, Buffer.from(randomBytes(random, 32))]);
  const whole = outcome(input);
  const chunked = inChunks(random, input);
  if (JSON.stringify(whole) !== JSON.stringify(chunked)) {
    throw new Error(
      `whole ${JSON.stringify(whole)}, in chunks ${JSON.stringify(chunked)}: ${input.toString('hex')}`,
    );
  }
  if (kind === 0 && typeof whole === 'string' && valid.length <= 4096) {
    throw new Error(`a valid header is ${whole}: ${valid.toString('hex')}`);
  }
  if (typeof whole !== 'string') checkHeader(whole, input);
  return whole;
}

function checkHeader({ header, bytes }: ParsedProxyHeader, input: Buffer): void {
  const { family, source, destination } = header;
  const isAddress = { ipv4: isIPv4, ipv6: isIPv6, unix: () => true, unknown: () => false }[family];
  const ends = family === 'unknown' ? [] : [source, destination];
  const isRight = ends.every((end) => end !== undefined && isAddress(end.address) && end.port <= 65_535);
  if (!isRight || bytes > Math.min(4096, input.length))
    throw new Error(`a bad header: ${input.toString('hex')}`);
}

describe('parseProxyHeader, given anything', () => {
  it(`reads or refuses ${rounds} headers, however they are split, from seed ${seed}`, () => {
    const since = Date.now();
    const seen = new Map<string, number>();
    for (let round = 0; round < rounds; round++) {
      let result: Outcome;
      try {
        result = check(createRandom(seed + round));
      } catch (error) {
        throw new Error(`fails with GATEWIRE_SEED=${seed + round}`, { cause: error });
      }
      const kind = typeof result === 'string' ? result : result.header.family;
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
    }
    report(rounds, since);
    // The inputs reach everything there is to reach.
    expect([...seen.keys()].sort()).toEqual(['ipv4', 'ipv6', 'more', 'refused', 'unix', 'unknown']);
    expect(Math.min(...seen.values())).toBeGreaterThan(rounds / 200);
  });
});
