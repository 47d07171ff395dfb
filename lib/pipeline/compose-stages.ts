import type { Next } from '../exchange/compose.js';
import type { InboundMessage } from './inbound-message.js';
import type { InboundPhase } from './middleware.js';

/** An inbound phase with the name of its stage. */
export interface NamedPhase {
  readonly name: string;
  readonly phase: InboundPhase;
}

type Way = (message: InboundMessage) => void | Promise<void>;

/**
 * The stages of a message in order, then `last`; synchronous as long as they all are. A message that did not get to
 * `last` goes to `ended`, with the name of the stage that did not call `next`.
 */
export function composeStages(
  stages: readonly NamedPhase[],
  last: Way,
  ended: (message: InboundMessage, stage: string) => void,
): Way {
  if (stages.length === 0) return last;
  const phases = stages.map(({ phase }) => phase);
  const run = (message: InboundMessage, index: number): void | Promise<void> => {
    const phase = phases[index];
    if (phase === undefined) {
      message.stoppedAt = -1;
      return last(message);
    }
    message.stoppedAt = index;
    let isCalled = false;
    const next: Next = () => {
      if (isCalled) throw calledTwice(stages[index]);
      isCalled = true;
      return run(message, index + 1);
    };
    return phase(message, next);
  };
  const end = (message: InboundMessage): void => {
    if (message.stoppedAt < 0) return;
    const { name } = stages[message.stoppedAt] as NamedPhase;
    message.stoppedAt = -1;
    ended(message, name);
  };
  return (message) => {
    const pending = run(message, 0);
    if (pending === undefined) return end(message);
    return pending.then(() => end(message));
  };
}

function calledTwice(stage: NamedPhase | undefined): Error {
  return new Error(`${stage?.name ?? 'a middleware'} called next() twice: return or await its result, once`);
}
