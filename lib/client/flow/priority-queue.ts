import { WeightedLine } from '../../exchange/weighted-line.js';
import { wholeNumber } from '../../primitives/option-checks.js';
import type { Flow } from '../flow.js';

/** How many messages of each priority go in one round, while there are such. */
export interface PriorityOptions {
  /** @default 16 */
  readonly high?: number;
  /** @default 4 */
  readonly normal?: number;
  /** @default 1 */
  readonly low?: number;
}

/**
 * What waits leaves by `priority`: `high` before `normal` before `low`, and in each round some of all, so that none waits
 * for ever. The order within a priority stays.
 *
 * @example createClient({ url, flow: { order: priorities() } }); client.emit('alarm', data, { priority: 'high' })
 * @throws {OptionError} for a weight below 1
 */
export function priorities({ high = 16, normal = 4, low = 1 }: PriorityOptions = {}): NonNullable<
  Flow['order']
> {
  const weights = [wholeNumber('high', high), wholeNumber('normal', normal), wholeNumber('low', low)];
  return () => new WeightedLine(weights);
}
