import { EventTable } from './event-table.js';

/** Which events a stage is for: names and patterns (`order.*`; `*` alone is every event of the application). */
export class EventSelection {
  readonly #table: EventTable<true> | null;

  /** @param events undefined: every event */
  constructor(events: readonly string[] | undefined) {
    this.#table = events === undefined ? null : new EventTable<true>();
    for (const event of events ?? []) this.#table?.add(event, true);
  }

  has(event: string): boolean {
    return this.#table === null || this.#table.lookup(event) !== undefined;
  }
}
