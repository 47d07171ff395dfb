import { PayloadSnapshot } from '../exchange/data/payload-snapshot.js';
import { LatencyHistogram } from './latency-histogram.js';
import type { ReplayDifference } from './replay-report.js';
import { type PathDifference, valueDifferences } from './value-difference.js';
import type { Comparable } from './comparable.js';

/** Of a value in a difference. */
const longestText = 1_024;

/** Places that are told of one difference. */
const mostPaths = 10;

/** Kinds of failures that are told. */
const mostFailures = 100;

/** Where a difference was found. */
export type DifferencePlace = Omit<ReplayDifference, 'kind' | 'paths'>;

/** What is found out while a recording is replayed, in bounded memory. */
export class Findings {
  readonly latencyMs = new LatencyHistogram();
  readonly recordedLatencyMs = new LatencyHistogram();
  readonly lateMs = new LatencyHistogram();
  readonly differences: ReplayDifference[] = [];
  readonly failures = new Set<string>();
  differing = 0;
  same = 0;
  opened = 0;
  failed = 0;
  sent = 0;
  unsent = 0;
  received = 0;
  readonly #mostDifferences: number;
  readonly #onDifference: ((difference: ReplayDifference) => void) | undefined;

  constructor(mostDifferences: number, onDifference: ((difference: ReplayDifference) => void) | undefined) {
    this.#mostDifferences = mostDifferences;
    this.#onDifference = onDifference;
  }

  /** Both are there: whether they are the same. */
  compare(place: DifferencePlace, expected: Comparable, actual: Comparable): void {
    if (expected.text === actual.text) this.same++;
    else this.#add('changed', place, valueDifferences(expected.value, actual.value, mostPaths));
  }

  missing(place: DifferencePlace, expected: Comparable): void {
    this.#add('missing', place, [{ path: '', expected: expected.value }]);
  }

  unexpected(place: DifferencePlace, actual: Comparable): void {
    this.#add('unexpected', place, [{ path: '', actual: actual.value }]);
  }

  failure(message: string): void {
    if (this.failures.size < mostFailures) this.failures.add(message);
  }

  /** It is called on the way of what a socket has received: what it throws would reach nobody. */
  #tell(difference: ReplayDifference): void {
    try {
      this.#onDifference?.(difference);
    } catch (error) {
      this.failure(`onDifference has thrown: ${String(error)}`);
    }
  }

  #add(kind: ReplayDifference['kind'], place: DifferencePlace, paths: readonly PathDifference[]): void {
    this.differing++;
    if (this.differences.length >= this.#mostDifferences && this.#onDifference === undefined) return;
    const difference: ReplayDifference = { kind, ...place, paths: paths.map(cut) };
    if (this.differences.length < this.#mostDifferences) this.differences.push(difference);
    this.#tell(difference);
  }
}

function cut({ path, ...values }: PathDifference): PathDifference {
  const entries = Object.entries(values).map(([name, value]) => [
    name,
    new PayloadSnapshot(longestText).copy(value, undefined),
  ]);
  return { path, ...(Object.fromEntries(entries) as Omit<PathDifference, 'path'>) };
}
