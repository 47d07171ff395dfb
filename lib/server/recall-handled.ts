import type { HandledWindow } from '../exchange/handled-window.js';
import type { RememberedOutcome } from '../pipeline/stages/deduplicate/remembered-outcome.js';
import type { MessageId } from '../protocol/envelope.js';
import { ErrorCode } from '../protocol/error-code.js';
import type { SettledMessage } from '../store/session-store.js';

/** Of a message of which nothing came: the next one with its id is a first. */
export const againReason = '$again';

/** What an outcome takes up beside its text. */
const leastBytes = 64;

/** Remembers what an earlier process has written down of the messages of a session. */
export function recallHandled(
  window: HandledWindow<MessageId, unknown>,
  settled: readonly SettledMessage[],
): void {
  for (const { id, outcome } of settled) {
    if (outcome.kind === 'dropped' && outcome.reason === againReason) continue;
    const handled = window.begin(id, outcome.event);
    if (handled === undefined) return;
    // It had reached its handler, and nobody knows how far that has come.
    const known: RememberedOutcome = outcome.kind === 'running' ? unknown(outcome.event) : outcome;
    window.done(handled, known, leastBytes + JSON.stringify(known).length);
  }
}

function unknown(event: string): RememberedOutcome {
  return {
    event,
    kind: 'error',
    code: ErrorCode.OutcomeUnknown,
    message: 'the server stopped while the message was being handled: it may or may not have had its effect',
  };
}
