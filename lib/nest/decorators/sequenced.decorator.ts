import { resolveSequenced, type SequencedOptions } from '../../pipeline/sequence-rule.js';
import { metadataKeys } from '../metadata-keys.js';
import { annotate } from './annotate.js';

/**
 * Handles messages that are numbered (`meta.seq`: 1, 2, 3 …, for each connection and `meta.stream`) in the order of their
 * numbers, also when they arrive in another one. On a class, one order for all its handlers that say nothing themselves.
 * Messages without a number are not held up. Numbers live as long as the session, else the connection.
 *
 * The order is that in which handlers are entered; `@Concurrency(1)` beside it lets each wait for the one before.
 *
 * @throws {OptionError}
 *
 * @example
 * \@Sequenced({ window: 256, gapMs: 5_000 })
 * \@SubscribeMessage('stroke')
 * draw(@MessageBody() stroke: StrokeDto) {}
 */
export function Sequenced(options?: SequencedOptions): ClassDecorator & MethodDecorator {
  return annotate(metadataKeys.sequenced, resolveSequenced(options));
}
