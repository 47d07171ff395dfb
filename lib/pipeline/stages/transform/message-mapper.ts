import { OptionError } from '../../../primitives/option-error.js';
import { isReservedEvent } from '../../../protocol/event-name.js';
import { matchesPattern } from '../../../routing/event-pattern.js';
import type { AnyMessage, ApplicationData } from '../message-subject.js';

/**
 * Makes the data of a message into what shall stand in its place; what it returns counts, `undefined` too. It MUST NOT
 * change the data it is given: on the way out that is the application's. `event` and `meta` may be assigned.
 */
export type MessageMapper = (data: ApplicationData, message: AnyMessage) => unknown;

/** Mappers by the names and patterns of their events. Those of all that fit run, in the order they are written. */
export type MapperTable = Readonly<Record<string, MessageMapper | readonly MessageMapper[]>>;

/** As a pattern of events, `*` alone is every event. */
const everyEvent = '*';

/** Names whose mappers are remembered. A peer that makes up names pushes out others, and no more. */
const cachedNames = 1024;

/** Finds the mappers of an event. */
export class MapperList {
  readonly #entries: readonly { readonly pattern: string; readonly mappers: readonly MessageMapper[] }[];
  readonly #cache = new Map<string, readonly MessageMapper[]>();

  /** @throws {OptionError} for what is no function */
  constructor(option: string, table: MapperTable) {
    this.#entries = Object.entries(table).map(([pattern, given]) => {
      const mappers = typeof given === 'function' ? [given] : given;
      const wrong: unknown = Array.isArray(mappers)
        ? mappers.find((one) => typeof one !== 'function')
        : mappers;
      if (wrong !== undefined) throw new OptionError(`${option}["${pattern}"]`, 'functions', wrong);
      return { pattern, mappers };
    });
  }

  lookup(event: string): readonly MessageMapper[] {
    let mappers = this.#cache.get(event);
    if (mappers !== undefined) return mappers;
    mappers = this.#entries.filter(({ pattern }) => fits(pattern, event)).flatMap((entry) => entry.mappers);
    if (this.#cache.size >= cachedNames) this.#cache.delete(this.#cache.keys().next().value as string);
    this.#cache.set(event, mappers);
    return mappers;
  }
}

/** What the protocol sends to its own is meant only where it is named. */
function fits(pattern: string, event: string): boolean {
  if (isReservedEvent(event)) return pattern === event;
  return pattern === everyEvent || matchesPattern(pattern, event);
}
