import { OptionError } from '../primitives/option-error.js';
import { reservedPrefix } from '../protocol/event-name.js';
import { isPattern, matchesPattern, specificity } from './event-pattern.js';

/** As a pattern of events, `*` alone is the default: it stands for every name that nobody else handles. */
const defaultPattern = '*';

/** Names whose pattern lookup is remembered. A peer that makes up names pushes out others, and no more. */
const cachedNames = 1024;

interface PatternEntry<H> {
  readonly pattern: string;
  readonly handlers: H[];
}

/** Finds the handlers of an event: by its name, else by the most specific pattern, else the default ones. */
export class EventTable<H> {
  readonly #exact = new Map<string, H[]>();
  /** Most specific first. */
  readonly #patterns: PatternEntry<H>[] = [];
  /** Lookups of names that only a pattern, or nothing, stands for. */
  readonly #cache = new Map<string, readonly H[] | undefined>();
  #hasReserved = false;

  /**
   * Adds a handler behind those of the same name or pattern. A name whose `*` is no whole segment is taken literally.
   *
   * @throws {OptionError} for a name of the protocol, where the table has handlers of it
   */
  add(pattern: string, handler: H): void {
    if (this.#hasReserved && pattern.startsWith(reservedPrefix)) {
      throw new OptionError(
        'event',
        `a name that does not start with "${reservedPrefix}", as the protocol's own do`,
        pattern,
      );
    }
    this.#cache.clear();
    if (isPattern(pattern)) this.#addPattern(pattern, handler);
    else this.addExact(pattern, handler);
  }

  /** Adds a handler of one of the protocol's own events (`$…`), by its exact name. No pattern ever stands for them. */
  addReserved(event: string, handler: H): void {
    this.#hasReserved = true;
    this.addExact(event, handler);
  }

  /** Handlers of an event in the order they were added; undefined when there is none. */
  lookup(event: string): readonly H[] | undefined {
    const handlers = this.#exact.get(event);
    if (handlers !== undefined || this.#patterns.length === 0) return handlers;
    return this.#lookupPattern(event);
  }

  /** Adds a handler by its name, also where that looks like a pattern. */
  addExact(event: string, handler: H): void {
    const handlers = this.#exact.get(event);
    if (handlers === undefined) this.#exact.set(event, [handler]);
    else handlers.push(handler);
  }

  #addPattern(pattern: string, handler: H): void {
    const known = this.#patterns.find((entry) => entry.pattern === pattern);
    if (known !== undefined) {
      known.handlers.push(handler);
      return;
    }
    this.#patterns.push({ pattern, handlers: [handler] });
    this.#patterns.sort((a, b) => (rank(a.pattern) < rank(b.pattern) ? 1 : -1));
  }

  #lookupPattern(event: string): readonly H[] | undefined {
    if (event.startsWith(reservedPrefix)) return undefined;
    let handlers = this.#cache.get(event);
    if (handlers !== undefined || this.#cache.has(event)) return handlers;
    handlers = this.#patterns.find(
      ({ pattern }) => pattern === defaultPattern || matchesPattern(pattern, event),
    )?.handlers;
    if (this.#cache.size >= cachedNames) this.#cache.delete(this.#cache.keys().next().value as string);
    this.#cache.set(event, handlers);
    return handlers;
  }
}

/** The default comes last. */
function rank(pattern: string): string {
  return pattern === defaultPattern ? '' : specificity(pattern);
}
