import { OptionError } from '../../primitives/option-error.js';
import type { Envelope } from '../../protocol/envelope.js';
import { EventSelection } from '../../routing/event-selection.js';
import type { ClientMiddleware } from '../middleware.js';

/** Which messages are numbered, and in which streams. */
export interface ClientSequenceOptions {
  /** Names and patterns of the events that are numbered: those that the server handles with `@Sequenced()`. */
  readonly events: readonly string[];
  /**
   * Names the stream of a message: each has numbers, and an order, of its own. Give few names: the server bounds them.
   * @default one stream
   */
  readonly stream?: (envelope: Readonly<Envelope>) => string;
}

/**
 * Numbers messages (`meta.seq`), so that a server with `@Sequenced()` handles them in this order also where they overtake
 * one another: by priorities, by stages that take their time, by being refused and sent again. Put it last, so that what another stage
 * takes away has no number.
 *
 * @example pipeline(sequence({ events: ['stroke'] }))
 * @throws {OptionError}
 */
export function sequence({ events, stream }: ClientSequenceOptions): ClientMiddleware {
  if (!Array.isArray(events) || events.length === 0)
    throw new OptionError('events', 'names of the events that are numbered', events);
  const selection = new EventSelection(events);
  const last = new Map<string, number>();
  return {
    name: 'sequence',
    outbound(message, next) {
      const { envelope } = message;
      const { event } = envelope;
      if (event === undefined || !selection.has(event)) return next();
      const name = stream?.(envelope) ?? '';
      const seq = (last.get(name) ?? 0) + 1;
      last.set(name, seq);
      message.envelope = {
        ...envelope,
        meta: { ...envelope.meta, seq, ...(name !== '' && { stream: name }) },
      };
      return next();
    },
  };
}
