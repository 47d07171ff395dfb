import { wholeNumber } from '../../primitives/option-checks.js';
import { metadataKeys } from '../metadata-keys.js';
import { annotate } from './annotate.js';

/**
 * How many messages of one connection may be inside a handler at once; on a class, inside all its handlers that say
 * nothing themselves. `@Concurrency(1)` waits for the one before.
 *
 * @throws {OptionError} for less than 1
 */
export function Concurrency(limit: number): ClassDecorator & MethodDecorator {
  return annotate(metadataKeys.concurrency, wholeNumber('@Concurrency', limit, 1));
}
