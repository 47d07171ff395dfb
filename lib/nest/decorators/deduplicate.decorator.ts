import type { DeduplicateOptions } from '../../pipeline/stages/deduplicate/deduplicate.options.js';
import { DeduplicateStage } from '../../pipeline/stages/deduplicate/deduplicate.stage.js';
import { stageDecorator, type StageDecorator } from './use-middleware.decorator.js';

/**
 * Handles a message once, however often it is sent: a repeat gets the reply of the first. Messages are the same when they
 * have the same `id` on one connection, or the same `meta.key` of one user. `Deduplicate.of()` in the module's
 * `middleware` is for all handlers; put it before limits, so that repeats do not count.
 *
 * @example
 * \@Deduplicate()
 * \@SubscribeMessage('payment.create')
 * pay(@MessageBody() payment: PaymentDto) {}
 */
export const Deduplicate: StageDecorator<[options?: DeduplicateOptions]> = stageDecorator(
  'Deduplicate',
  (host, options?: DeduplicateOptions) => new DeduplicateStage(options, host),
);
