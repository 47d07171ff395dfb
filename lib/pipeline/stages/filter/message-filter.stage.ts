import type { Next } from '../../../exchange/compose.js';
import { isPromise } from '../../../primitives/is-promise.js';
import { OptionError } from '../../../primitives/option-error.js';
import { ErrorCode } from '../../../protocol/error-code.js';
import { GatewireError } from '../../../protocol/gatewire-error.js';
import type { InboundMessage } from '../../inbound-message.js';
import type { GatewayMiddleware, InboundPhase, OutboundPhase, StageHost } from '../../middleware.js';
import type { OutboundMessage } from '../../outbound-message.js';
import { EventSelection } from '../../../routing/event-selection.js';
import {
  filteredOut,
  type FilterOutcome,
  type FinalOutcome,
} from '../../../exchange/filter/filter-outcome.js';
import type { FilterRule } from './filter-rule.js';
import { type AnyMessage, carriesData, type MessageDirection, subjectEvent } from '../message-subject.js';

/** Which messages a filter is for. */
export interface FilterScopeOptions {
  /** Names and patterns of events; a `$publish` counts as the event that it publishes. @default every event */
  readonly events?: readonly string[];
  /** @default 'inbound' */
  readonly direction?: MessageDirection | 'both';
}

/** A chain of rules: what replaces data goes on to the next rule, the first that ends the way has the last word. */
export class MessageFilterStage implements GatewayMiddleware {
  readonly inbound?: InboundPhase;
  readonly outbound?: OutboundPhase;
  readonly #rules: readonly FilterRule[];
  readonly #events: EventSelection;
  readonly #host: StageHost;

  /** @throws {OptionError} */
  constructor(
    rules: readonly FilterRule[],
    { events, direction = 'inbound' }: FilterScopeOptions,
    host: StageHost,
  ) {
    if (rules.length === 0) throw new OptionError('rules', 'one rule at least', rules);
    if (!['inbound', 'outbound', 'both'].includes(direction))
      throw new OptionError('direction', "'inbound', 'outbound' or 'both'", direction);
    this.#rules = rules;
    this.#events = new EventSelection(events);
    this.#host = host;
    // A phase that is not there costs nothing.
    if (direction !== 'outbound') this.inbound = (message, next) => this.#filter(message, 'inbound', next);
    if (direction !== 'inbound') this.outbound = (message, next) => this.#filterOutbound(message, next);
  }

  #filterOutbound(message: OutboundMessage, next: Next): void | Promise<void> {
    return carriesData(message) ? this.#filter(message, 'outbound', next) : next();
  }

  #filter(message: AnyMessage, direction: MessageDirection, next: Next): void | Promise<void> {
    if (!this.#events.has(subjectEvent(message, direction))) return next();
    return this.#run(message, direction, next, 0);
  }

  #run(message: AnyMessage, direction: MessageDirection, next: Next, from: number): void | Promise<void> {
    for (let i = from; i < this.#rules.length; i++) {
      const outcome = (this.#rules[i] as FilterRule).check(message, direction);
      if (isPromise(outcome)) return this.#wait(outcome, message, direction, next, i);
      if (this.#goesOn(message, outcome)) continue;
      return this.#end(message, direction, outcome as FinalOutcome, next);
    }
    return next();
  }

  async #wait(
    pending: PromiseLike<FilterOutcome | undefined>,
    message: AnyMessage,
    direction: MessageDirection,
    next: Next,
    at: number,
  ): Promise<void> {
    const outcome = await pending;
    if (this.#goesOn(message, outcome)) return this.#run(message, direction, next, at + 1);
    return this.#end(message, direction, outcome as FinalOutcome, next);
  }

  #goesOn(message: AnyMessage, outcome: FilterOutcome | undefined): boolean {
    if (outcome === undefined || outcome === 'pass') return true;
    if (!('replace' in outcome)) return false;
    message.data = outcome.replace;
    this.#host.count('message-filter.replaced');
    return true;
  }

  #end(
    message: AnyMessage,
    direction: MessageDirection,
    outcome: FinalOutcome,
    next: Next,
  ): void | Promise<void> {
    if ('route' in outcome) {
      message.event = outcome.route;
      this.#host.count('message-filter.routed');
      return next();
    }
    if (direction === 'inbound') this.#endInbound(message as InboundMessage, outcome);
    else this.#endOutbound(message as OutboundMessage, outcome);
  }

  #endInbound(message: InboundMessage, outcome: Exclude<FinalOutcome, { route: string }>): void {
    if ('drop' in outcome) {
      this.#host.count('message-filter.dropped');
      message.drop(outcome.drop);
    } else if ('answer' in outcome) {
      this.#host.count('message-filter.answered');
      message.answer(outcome.answer);
    } else {
      this.#host.count('message-filter.rejected');
      message.reject(outcome.reject, outcome.message ?? filteredOut, outcome.details);
    }
  }

  /** Who waits for an outcome must not wait for ever: what belongs to a request is never dropped without a word. */
  #endOutbound(message: OutboundMessage, outcome: Exclude<FinalOutcome, { route: string }>): void {
    if ('answer' in outcome)
      throw new Error('a message filter said "answer" of a message on its way out, which nobody has asked');
    if ('drop' in outcome && message.id === undefined) {
      this.#host.count('message-filter.dropped');
      this.#host.log.warn(
        'message-filter',
        () => `a message filter has dropped an outgoing message: ${outcome.drop}`,
      );
      return;
    }
    this.#host.count('message-filter.rejected');
    if ('drop' in outcome) throw new GatewireError(ErrorCode.Filtered, filteredOut);
    throw new GatewireError(outcome.reject, outcome.message ?? filteredOut, { details: outcome.details });
  }
}
