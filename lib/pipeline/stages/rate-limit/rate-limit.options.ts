import { durationMs, limit, wholeNumber } from '../../../primitives/option-checks.js';
import { OptionError } from '../../../primitives/option-error.js';
import type { CounterRule, CounterStore, CountingAlgorithm } from '../../../store/counter-store.js';
import { createKeyOf, type KeyOf, type RateLimitKey } from './rate-limit-key.js';

/** What happens to a message that is one too many. */
export type OnLimit = 'refuse' | 'delay' | 'close';

/** Who is closed for not taking no for an answer. */
export interface CloseAfterOptions {
  /** Refusals of one connection. @default 1_000 */
  readonly refusals?: number;
  /** @default 60_000 */
  readonly perMs?: number;
}

/** How fast a peer may be. At least one of `messages`, `bytes`, `handshakes`, `controlFrames` is needed. */
export interface RateLimitOptions {
  /** Messages in `perMs`. A batch counts as the messages in it. */
  readonly messages?: number;
  /** Bytes of frames, as they came, in `perMs`. */
  readonly bytes?: number;
  /** Upgrade requests of one address in `perMs`; one too many gets the HTTP status 429. Not on a single handler. */
  readonly handshakes?: number;
  /** Pings and pongs of one connection in `perMs`; one too many closes it with 4429. Not on a single handler. */
  readonly controlFrames?: number;
  /** The time that the numbers above are for, in milliseconds. */
  readonly perMs: number;
  /**
   * `sliding-window`: never more than that in any `perMs`. `token-bucket`: a rested peer may send `burst` at once, and
   * then as fast as tokens flow in, `messages` in `perMs`. @default 'sliding-window'
   */
  readonly algorithm?: CountingAlgorithm;
  /** Token bucket only: messages at once; bytes in the same proportion. @default messages */
  readonly burst?: number;
  /**
   * Whose messages are counted together: of a `connection`, of a `user` (`principal.id`; without one, of the address),
   * of an `address` (IPv6: of its /64), of an `event`; several: of their combination; or what a function returns, where
   * undefined is not limited. @default 'connection'
   */
  readonly by?: RateLimitKey;
  /** Names and patterns of the events that are counted. @default every event */
  readonly events?: readonly string[];
  /**
   * `refuse`: an error, and the connection lives on. `delay`: the message waits for its turn, and those behind it on its
   * connection with it. `close`: an error, then 4429. @default 'refuse'
   */
  readonly onLimit?: OnLimit;
  /** With `delay`: what would wait longer is refused. @default 10_000 */
  readonly maxDelayMs?: number;
  /** A connection with that many refusals is closed with 4429; `false`: never. @default 1_000 in 60_000 ms */
  readonly closeAfter?: CloseAfterOptions | false;
  /** Keys that are counted in memory. @default 100_000 */
  readonly maxKeys?: number;
  /** Where several processes count together. @default the memory of this one */
  readonly store?: CounterStore;
  /** Tells the counters of this limit from others in the same store: the same in every process. Needed with `store`. */
  readonly name?: string;
  /** How long the store may think; after that, and when it fails, this process counts by itself. @default 1_000 */
  readonly storeTimeoutMs?: number;
}

export const rateLimitDefaults = {
  algorithm: 'sliding-window',
  by: 'connection',
  onLimit: 'refuse',
  maxDelayMs: 10_000,
  closeAfter: { refusals: 1_000, perMs: 60_000 },
  maxKeys: 100_000,
  storeTimeoutMs: 1_000,
} as const satisfies Partial<RateLimitOptions>;

/** Options with every default filled in. */
export interface ResolvedRateLimit {
  /** Null where messages are not counted. */
  readonly messages: CounterRule | null;
  readonly handshakes: CounterRule | null;
  readonly controlFrames: CounterRule | null;
  readonly keyOf: KeyOf;
  readonly events: readonly string[] | undefined;
  readonly onLimit: OnLimit;
  readonly maxDelayMs: number;
  readonly closeAfter: Required<CloseAfterOptions> | null;
  readonly maxKeys: number;
  readonly store: CounterStore | undefined;
  readonly name: string;
  readonly storeTimeoutMs: number;
}

/** @throws {OptionError} */
export function resolveRateLimit(options: RateLimitOptions): ResolvedRateLimit {
  const { by, onLimit, maxDelayMs, maxKeys, storeTimeoutMs } = { ...rateLimitDefaults, ...defined(options) };
  const { store, name } = options;
  if (!['refuse', 'delay', 'close'].includes(onLimit))
    throw new OptionError('onLimit', "'refuse', 'delay' or 'close'", onLimit);
  if (store !== undefined && (typeof name !== 'string' || name === ''))
    throw new OptionError('name', 'a name for the counters of this limit, as there is a store', name);
  return {
    ...resolveRules(options),
    keyOf: createKeyOf(by),
    events: options.events,
    onLimit,
    maxDelayMs: durationMs('maxDelayMs', maxDelayMs),
    closeAfter: resolveCloseAfter(options.closeAfter),
    maxKeys: wholeNumber('maxKeys', maxKeys),
    store,
    name: name ?? '',
    storeTimeoutMs: durationMs('storeTimeoutMs', storeTimeoutMs),
  };
}

function resolveRules(
  options: RateLimitOptions,
): Pick<ResolvedRateLimit, 'messages' | 'handshakes' | 'controlFrames'> {
  const algorithm = options.algorithm ?? rateLimitDefaults.algorithm;
  if (!['sliding-window', 'token-bucket'].includes(algorithm))
    throw new OptionError('algorithm', "'sliding-window' or 'token-bucket'", algorithm);
  const perMs = wholeNumber('perMs', options.perMs);
  const counted = (name: 'messages' | 'bytes' | 'handshakes' | 'controlFrames'): number =>
    options[name] === undefined ? Infinity : limit(name, options[name]);
  const [messages, bytes] = [counted('messages'), counted('bytes')];
  const [handshakes, controlFrames] = [counted('handshakes'), counted('controlFrames')];
  if (Math.min(messages, bytes, handshakes, controlFrames) === Infinity)
    throw new OptionError(
      'messages',
      'a number here, or for bytes, handshakes or controlFrames',
      options.messages,
    );
  const burst = resolveBurst(options.burst, algorithm, messages);
  const single = (number: number): CounterRule | null =>
    number === Infinity ? null : simpleRule(algorithm, perMs, number);
  return {
    messages:
      Math.min(messages, bytes) === Infinity
        ? null
        : {
            algorithm,
            perMs,
            messages,
            bytes,
            burstMessages: burst ?? messages,
            burstBytes: burst === undefined ? bytes : Math.ceil((bytes * burst) / messages),
          },
    handshakes: single(handshakes),
    controlFrames: single(controlFrames),
  };
}

function resolveBurst(
  burst: number | undefined,
  algorithm: CountingAlgorithm,
  messages: number,
): number | undefined {
  if (burst === undefined) return undefined;
  if (algorithm !== 'token-bucket')
    throw new OptionError('burst', "algorithm: 'token-bucket' with it", burst);
  if (messages === Infinity) throw new OptionError('burst', 'messages with it', burst);
  return wholeNumber('burst', burst);
}

function simpleRule(algorithm: CountingAlgorithm, perMs: number, number: number): CounterRule {
  return {
    algorithm,
    perMs,
    messages: number,
    bytes: Infinity,
    burstMessages: number,
    burstBytes: Infinity,
  };
}

function resolveCloseAfter(given: CloseAfterOptions | false | undefined): Required<CloseAfterOptions> | null {
  if (given === false) return null;
  const { refusals, perMs } = { ...rateLimitDefaults.closeAfter, ...given };
  return {
    refusals: wholeNumber('closeAfter.refusals', refusals),
    perMs: wholeNumber('closeAfter.perMs', perMs),
  };
}

/** A key that is there with `undefined` means its default. */
function defined<Options extends object>(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options;
}
