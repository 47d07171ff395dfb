import { appendFileSync, readFileSync } from 'node:fs';
import { createRandom, pick, type Random, randomBytes, wholeNumber } from '../protocol/random.js';

/** `GATEWIRE_SEED` repeats a failure, `GATEWIRE_FUZZ` multiplies the rounds: `npm run fuzz` sets both. */
export const seed = Number(process.env['GATEWIRE_SEED'] ?? 20_261_123);
export const rounds = 10_000 * Number(process.env['GATEWIRE_FUZZ'] ?? 1);
const mostGrowthBytes = 512 * 1024 * 1024;

/**
 * Checks as many made inputs. Each round has a random source of its own, so that a failure names the seed that repeats it,
 * and the input: what is found goes into `corpus/`. Memory may not grow with the rounds.
 */
export function fuzz<Input extends string | Uint8Array | readonly string[]>(
  make: (random: Random) => Input,
  check: (input: Input) => void,
): void {
  const since = Date.now();
  const before = process.memoryUsage().rss;
  for (let round = 0; round < rounds; round++) {
    const input = make(createRandom(seed + round));
    try {
      check(input);
    } catch (error) {
      throw new Error(`GATEWIRE_SEED=${seed + round} fails for ${printable(input)}`, { cause: error });
    }
  }
  report(rounds, since);
  const growth = process.memoryUsage().rss - before;
  if (growth > mostGrowthBytes) throw new Error(`memory has grown by ${growth} bytes, seed ${seed}`);
}

/** Tells `npm run fuzz` how much was done. */
export function report(inputs: number, since: number): void {
  const file = process.env['GATEWIRE_FUZZ_REPORT'];
  if (file === undefined) return;
  const { testPath = '', currentTestName } = expect.getState();
  const line = {
    spec: testPath.split('/').at(-1),
    property: currentTestName,
    inputs,
    ms: Date.now() - since,
  };
  appendFileSync(file, `${JSON.stringify(line)}\n`);
}

function printable(input: string | Uint8Array | readonly string[]): string {
  return input instanceof Uint8Array ? Buffer.from(input).toString('hex') : JSON.stringify(input);
}

/** Inputs that were found, or made to reach every branch: `[what it is, the input]`. Bytes are hexadecimal. */
export function corpus(name: string): [what: string, input: string][] {
  return Object.entries(
    JSON.parse(readFileSync(new URL(`corpus/${name}.json`, import.meta.url), 'utf8')) as Record<
      string,
      string
    >,
  );
}

const remarkable = [
  0, 1, 0x7f, 0x80, 0x81, 0x90, 0x9f, 0xa0, 0xbf, 0xc1, 0xc4, 0xc6, 0xd8, 0xdb, 0xdd, 0xdf, 0xfe, 0xff,
];

/** Changes a valid input in one to six places. `other` is another valid one, to put parts of it in. */
export function mutate(random: Random, input: Uint8Array, other: Uint8Array): Uint8Array {
  let bytes: Uint8Array = Uint8Array.from(input);
  for (let times = 1 + wholeNumber(random, 6); times > 0; times--)
    bytes = pick(random, mutations)(random, bytes, other);
  return bytes;
}

type Mutation = (random: Random, bytes: Uint8Array, other: Uint8Array) => Uint8Array;

const mutations: readonly Mutation[] = [
  (random, bytes) => changed(random, bytes, (byte) => byte ^ (1 << wholeNumber(random, 8))),
  (random, bytes) => changed(random, bytes, () => wholeNumber(random, 256)),
  (random, bytes) => changed(random, bytes, () => pick(random, remarkable)),
  (random, bytes) => changed(random, bytes, (byte) => byte + (random() < 0.5 ? 1 : -1)),
  (random, bytes) => bytes.subarray(0, wholeNumber(random, bytes.length + 1)),
  (random, bytes) => joined(bytes, randomBytes(random, 8)),
  (random, bytes) => {
    const [from, to] = [wholeNumber(random, bytes.length + 1), wholeNumber(random, bytes.length + 1)];
    // Cut out where the first is the lower one, doubled where it is not.
    return joined(bytes.subarray(0, from), bytes.subarray(to));
  },
  (random, bytes, other) => {
    const at = wholeNumber(random, bytes.length + 1);
    const from = wholeNumber(random, other.length + 1);
    return joined(
      bytes.subarray(0, at),
      other.subarray(from, from + wholeNumber(random, 16)),
      bytes.subarray(at),
    );
  },
  // Four bytes at once: a length, where there is one.
  (random, bytes) => {
    const at = wholeNumber(random, bytes.length + 1);
    const length = pick(random, [
      0xff_ff_ff_ff,
      0x7f_ff_ff_ff,
      0xff_ff,
      bytes.length,
      wholeNumber(random, 2 ** 32),
    ]);
    const field = new Uint8Array(4);
    new DataView(field.buffer).setUint32(0, length);
    return joined(bytes.subarray(0, at), field, bytes.subarray(Math.min(bytes.length, at + 4)));
  },
];

function changed(random: Random, bytes: Uint8Array, change: (byte: number) => number): Uint8Array {
  if (bytes.length === 0) return bytes;
  const copy = Uint8Array.from(bytes);
  const at = wholeNumber(random, copy.length);
  copy[at] = change(copy[at]!);
  return copy;
}

/** Doubling may not make inputs that take long for nothing. */
const mostBytes = 4096;

function joined(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts).subarray(0, mostBytes));
}
