import { durationMs, wholeNumber } from '../../../primitives/option-checks.js';
import { OptionError } from '../../../primitives/option-error.js';
import type { DedupStore } from '../../../store/dedup-store.js';

/** What happens to a message that has been here before. */
export type OnDuplicate = 'reply' | 'ignore' | 'close';

/** A Bloom filter before the store. */
export interface DeduplicateBloomOptions {
  /** Keys that come within `ttlMs`. @default 1_000_000 */
  readonly expectedKeys?: number;
  /** Share of new keys that the store is asked about in vain. @default 0.01 */
  readonly falsePositives?: number;
}

/** How messages are handled once, however often they are sent. Every key is optional. */
export interface DeduplicateOptions {
  /**
   * `reply`: a repeat gets what the first got, also when that is not done yet. `ignore`: nothing, or the error
   * `DUPLICATE` where it waits for an outcome of its own. `close`: `DUPLICATE`, then 4409. @default 'reply'
   */
  readonly onDuplicate?: OnDuplicate;
  /** How long a message is remembered after it is done. @default 120_000 */
  readonly ttlMs?: number;
  /** Messages of one connection that are remembered by their `id`. @default 1_000 */
  readonly maxIds?: number;
  /** Messages of one user that are remembered by their `meta.key`. @default 10_000 */
  readonly maxKeys?: number;
  /** Users whose keys are remembered at once. @default 10_000 */
  readonly maxUsers?: number;
  /** A longer reply is not kept: a repeat gets `DUPLICATE`. @default 65_536 */
  readonly maxReplyBytes?: number;
  /** Replies kept of one connection, or of one user; the oldest are given up first. @default 1_048_576 */
  readonly maxRepliesBytes?: number;
  /** Replies kept in all. @default 67_108_864 */
  readonly totalRepliesBytes?: number;
  /** Names and patterns of the events this is for. @default every event */
  readonly events?: readonly string[];
  /** Remembers `meta.key`s beyond what fits here: for large windows, and for several processes. */
  readonly store?: DedupStore;
  /** Tells the keys of this use from others in the same store: the same in every process. Needed with `store`. */
  readonly name?: string;
  /** How long the store may think; then, and when it fails, messages are refused with `UNAVAILABLE`. @default 1_000 */
  readonly storeTimeoutMs?: number;
  /**
   * Spares the store the question about keys that cannot be in it. Only where no other process writes to the store.
   * For the first `ttlMs` after the start the store is always asked. @default false
   */
  readonly bloom?: DeduplicateBloomOptions | boolean;
}

export const deduplicateDefaults = {
  onDuplicate: 'reply',
  ttlMs: 120_000,
  maxIds: 1_000,
  maxKeys: 10_000,
  maxUsers: 10_000,
  maxReplyBytes: 65_536,
  maxRepliesBytes: 1_048_576,
  totalRepliesBytes: 67_108_864,
  storeTimeoutMs: 1_000,
  bloom: { expectedKeys: 1_000_000, falsePositives: 0.01 },
} as const;

/** Options with every default filled in. */
export interface ResolvedDeduplicate extends Required<
  Omit<DeduplicateOptions, 'events' | 'store' | 'name' | 'bloom'>
> {
  readonly events: readonly string[] | undefined;
  readonly store: DedupStore | undefined;
  readonly name: string;
  readonly bloom: Required<DeduplicateBloomOptions> | null;
}

const bounds = [
  'maxIds',
  'maxKeys',
  'maxUsers',
  'maxReplyBytes',
  'maxRepliesBytes',
  'totalRepliesBytes',
] as const;

/** @throws {OptionError} */
export function resolveDeduplicate(options: DeduplicateOptions = {}): ResolvedDeduplicate {
  const { onDuplicate, ttlMs, storeTimeoutMs, ...numbers } = { ...deduplicateDefaults, ...defined(options) };
  const { store, name, events } = options;
  if (!['reply', 'ignore', 'close'].includes(onDuplicate))
    throw new OptionError('onDuplicate', "'reply', 'ignore' or 'close'", onDuplicate);
  if (store !== undefined && (typeof name !== 'string' || name === ''))
    throw new OptionError('name', 'a name for the keys of this use, as there is a store', name);
  for (const bound of bounds) wholeNumber(bound, numbers[bound]);
  return {
    onDuplicate,
    ttlMs: wholeNumber('ttlMs', ttlMs),
    maxIds: numbers.maxIds,
    maxKeys: numbers.maxKeys,
    maxUsers: numbers.maxUsers,
    maxReplyBytes: numbers.maxReplyBytes,
    maxRepliesBytes: numbers.maxRepliesBytes,
    totalRepliesBytes: numbers.totalRepliesBytes,
    storeTimeoutMs: durationMs('storeTimeoutMs', storeTimeoutMs),
    events,
    store,
    name: name ?? '',
    bloom: resolveBloom(options),
  };
}

function resolveBloom({ bloom = false, store }: DeduplicateOptions): ResolvedDeduplicate['bloom'] {
  if (bloom === false) return null;
  if (store === undefined) throw new OptionError('bloom', 'store with it', bloom);
  const { expectedKeys, falsePositives } = {
    ...deduplicateDefaults.bloom,
    ...(bloom === true ? {} : defined(bloom)),
  };
  if (!(falsePositives > 0 && falsePositives < 1))
    throw new OptionError('bloom.falsePositives', 'a share between 0 and 1', falsePositives);
  return { expectedKeys: wholeNumber('bloom.expectedKeys', expectedKeys), falsePositives };
}

/** A key that is there with `undefined` means its default. */
function defined<Options extends object>(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options;
}
