/** Durations in milliseconds. */
export interface LatencySummary {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** Two neighbours differ by this factor: percentiles are right to one per cent. */
const growth = 1.01;

/** What is shorter counts as this. */
const shortestMs = 0.001;

/** Percentiles of any number of durations, in the memory of a few thousand numbers. */
export class LatencyHistogram {
  readonly #counts = new Map<number, number>();
  #count = 0;
  #sum = 0;
  #max = 0;

  add(ms: number): void {
    const bucket = Math.floor(Math.log(Math.max(ms, shortestMs) / shortestMs) / Math.log(growth));
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + 1);
    this.#count++;
    this.#sum += ms;
    this.#max = Math.max(this.#max, ms);
  }

  summary(): LatencySummary {
    const buckets = [...this.#counts.keys()].sort((a, b) => a - b);
    const percentile = (part: number): number => {
      let left = Math.ceil(this.#count * part);
      for (const bucket of buckets) {
        left -= this.#counts.get(bucket) as number;
        if (left <= 0) return Math.min(this.#max, shortestMs * growth ** (bucket + 0.5));
      }
      return 0;
    };
    const [p50, p90, p99] = [percentile(0.5), percentile(0.9), percentile(0.99)].map(rounded) as [
      number,
      number,
      number,
    ];
    const mean = this.#count === 0 ? 0 : rounded(this.#sum / this.#count);
    return { count: this.#count, mean, p50, p90, p99, max: rounded(this.#max) };
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
