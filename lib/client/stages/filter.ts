import type { Next } from '../../exchange/compose.js';
import { BinaryRule, type BinaryRuleOptions } from '../../exchange/filter/binary-rule.js';
import type { DataRule } from '../../exchange/filter/data-rule.js';
import { type DropOutcome, filteredOut, type RejectOutcome } from '../../exchange/filter/filter-outcome.js';
import { TextRule, type TextRuleOptions } from '../../exchange/filter/text-rule.js';
import { isPromise } from '../../primitives/is-promise.js';
import { OptionError } from '../../primitives/option-error.js';
import { ErrorCode } from '../../protocol/error-code.js';
import { GatewireError } from '../../protocol/gatewire-error.js';
import { EventSelection } from '../../routing/event-selection.js';
import type { Envelope } from '../../protocol/envelope.js';
import type { ClientMessage, ClientMiddleware } from '../middleware.js';
import {
  type ClientDirection,
  isApplications,
  refuse,
  replaceData,
  subjectData,
  subjectEvent,
} from './subject.js';

/** What a filter says about a message; undefined, like `'pass'`: nothing. */
export type ClientFilterOutcome = 'pass' | DropOutcome | RejectOutcome | { readonly replace: unknown };

/** A rule as a function. It MUST NOT change the envelope. */
export type ClientPredicate = (
  envelope: Readonly<Envelope>,
  direction: ClientDirection,
) => ClientFilterOutcome | undefined | Promise<ClientFilterOutcome | undefined>;

/** Which messages a filter is for. */
export interface ClientFilterScope {
  /** Names and patterns of events; a publication counts as the event that it publishes, and answers have no name. @default everything */
  readonly events?: readonly string[];
  /** @default 'both' */
  readonly direction?: ClientDirection | 'both';
}

/** Options of {@link textFilter}. */
export interface ClientTextFilterOptions extends Omit<TextRuleOptions, 'outcome'>, ClientFilterScope {
  /** @default { reject: 'FILTERED' } */
  readonly outcome?: DropOutcome | RejectOutcome | { readonly replace: string | ((found: string) => string) };
}

/** Options of {@link binaryFilter}. */
export interface ClientBinaryFilterOptions extends Omit<BinaryRuleOptions, 'outcome'>, ClientFilterScope {
  /** @default { reject: 'FILTERED' } */
  readonly outcome?: DropOutcome | RejectOutcome | { readonly replace: unknown };
}

/**
 * Looks for texts in the data of messages: substrings, blocked URLs, regular expressions.
 *
 * @example pipeline(textFilter({ contains: ['secret'], direction: 'outbound', outcome: { replace: '***' } }))
 * @throws {OptionError}
 */
export function textFilter(options: ClientTextFilterOptions): ClientMiddleware {
  return new Filter('text-filter', dataRule(new TextRule(options)), options);
}

/**
 * Looks at the size and the first bytes of bytes in the data of messages.
 *
 * @example pipeline(binaryFilter({ maxBytes: 65_536, allow: ['png', 'jpeg'], direction: 'inbound' }))
 * @throws {OptionError}
 */
export function binaryFilter(options: ClientBinaryFilterOptions): ClientMiddleware {
  return new Filter('binary-filter', dataRule(new BinaryRule(options)), options);
}

/**
 * Asks a function about each message.
 *
 * @example pipeline(filter(({ event }) => (event === 'typing' ? { drop: 'quiet mode' } : 'pass'), { direction: 'outbound' }))
 * @throws {OptionError}
 */
export function filter(predicate: ClientPredicate, scope: ClientFilterScope = {}): ClientMiddleware {
  return new Filter('filter', predicate, scope);
}

function dataRule(rule: DataRule): ClientPredicate {
  // Of what rules can say, only this is left by the options above.
  return (envelope) => rule.check(subjectData(envelope)) as ClientFilterOutcome | undefined;
}

class Filter implements ClientMiddleware {
  readonly name: string;
  readonly outbound?: NonNullable<ClientMiddleware['outbound']>;
  readonly inbound?: NonNullable<ClientMiddleware['inbound']>;
  readonly #predicate: ClientPredicate;
  readonly #events: EventSelection;

  constructor(name: string, predicate: ClientPredicate, { events, direction = 'both' }: ClientFilterScope) {
    if (!['inbound', 'outbound', 'both'].includes(direction))
      throw new OptionError('direction', "'inbound', 'outbound' or 'both'", direction);
    this.name = name;
    this.#predicate = predicate;
    this.#events = new EventSelection(events);
    if (direction !== 'inbound') this.outbound = (message, next) => this.#filter(message, 'outbound', next);
    if (direction !== 'outbound') this.inbound = (message, next) => this.#filter(message, 'inbound', next);
  }

  #filter(message: ClientMessage, direction: ClientDirection, next: Next): void | Promise<void> {
    const { envelope } = message;
    if (!isApplications(envelope) || !this.#events.has(subjectEvent(envelope))) return next();
    const outcome = this.#predicate(envelope, direction);
    if (isPromise(outcome)) return outcome.then((settled) => this.#end(message, direction, settled, next));
    return this.#end(message, direction, outcome, next);
  }

  #end(
    message: ClientMessage,
    direction: ClientDirection,
    outcome: ClientFilterOutcome | undefined,
    next: Next,
  ): void | Promise<void> {
    if (outcome === undefined || outcome === 'pass') return next();
    if ('replace' in outcome) {
      replaceData(message, outcome.replace);
      return next();
    }
    const error =
      'drop' in outcome
        ? new GatewireError(ErrorCode.Filtered, filteredOut)
        : new GatewireError(outcome.reject, outcome.message ?? filteredOut, { details: outcome.details });
    const isOurs = direction === 'outbound' && message.envelope.event !== undefined;
    // Who waits for an outcome is told in any case.
    if (!isOurs && refuse(message, error)) return next();
    if ('reject' in outcome) throw error;
  }
}
