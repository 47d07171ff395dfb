import { OptionError } from '../primitives/option-error.js';
import { EventTable } from './event-table.js';

/** Which part of the messages is logged, 0 to 1: of all, or by names and patterns of events; the most specific one counts. */
export type SampleRates = number | Readonly<Record<string, number>>;

/** Decides which messages are logged. */
export class Sampler {
  readonly #rates: EventTable<number> | null = null;
  readonly #rate: number = 1;
  readonly #random: (() => number) | null;

  /** @param random null: by the connection's id, so that of one connection all is logged or nothing. @throws {OptionError} */
  constructor(rates: SampleRates, random: (() => number) | null) {
    this.#random = random;
    if (typeof rates === 'number') this.#rate = checked('sample', rates);
    else {
      this.#rates = new EventTable<number>();
      for (const [event, rate] of Object.entries(rates))
        this.#rates.add(event, checked(`sample["${event}"]`, rate));
    }
  }

  takes(event: string, connectionId: string | undefined): boolean {
    const rate = this.#rates === null ? this.#rate : (this.#rates.lookup(event)?.[0] ?? 1);
    if (rate === 1) return true;
    if (rate === 0) return false;
    // An emit to many belongs to no connection.
    if (this.#random === null) return connectionId === undefined || fraction(connectionId) < rate;
    return this.#random() < rate;
  }
}

function checked(option: string, rate: unknown): number {
  if (typeof rate === 'number' && rate >= 0 && rate <= 1) return rate;
  throw new OptionError(option, 'a number from 0 to 1', rate);
}

/** FNV-1a: the same for a text at any time, and in any process. */
function fraction(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0) / 2 ** 32;
}
