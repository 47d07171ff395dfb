import type { RecordMode } from '../../pipeline/message-handler.js';
import { OptionError } from '../../primitives/option-error.js';
import { metadataKeys } from '../metadata-keys.js';
import { annotate } from './annotate.js';

/**
 * When it is written down that a message has been handled, where `session.store` lets sessions outlive the process; on a class, for
 * all its handlers that say nothing themselves. `after` (the default): when it is done, with its outcome, before the reply leaves; a
 * process that dies meanwhile handles it again, so at least once. `before`: before the method is called; a repeat of what
 * a dead process had begun is answered `OUTCOME_UNKNOWN`, so at most once. `transaction`: by the handler itself, in its own database
 * transaction (`@Settlement()`, option `transactions`), so exactly once; needs no `session.store`.
 *
 * @throws {OptionError} for any other mode
 */
export function RecordOutcome(mode: RecordMode): ClassDecorator & MethodDecorator {
  if (!['after', 'before', 'transaction'].includes(mode))
    throw new OptionError('@RecordOutcome', '"after", "before" or "transaction"', mode);
  return annotate(metadataKeys.recordOutcome, mode);
}
