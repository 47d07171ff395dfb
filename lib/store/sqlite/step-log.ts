import type { Step } from './open-session.js';
import type { SessionTables, StepRow } from './session-tables.js';

/** Of a row, beside its bytes. */
const rowBytes = 64;
/** What is dead takes up so much, and half of what is not, before it is deleted. */
const leastDeadBytes = 262_144;
/** Rows that are deleted in a transaction, and for each that comes. */
const leastTogether = 256;
const perInsert = 4;

interface State {
  readonly dead: number[];
  readonly deadCount: number;
  readonly deadBytes: number;
  readonly liveBytes: number;
  readonly collecting: readonly number[];
  readonly collected: number;
}

/**
 * The rows of the log, which are written one after the other. What is not needed any more is deleted later, in the order in
 * which it lies in the file: a page is written once for all that goes from it.
 */
export class StepLog {
  readonly #tables: SessionTables;
  #place = 0;
  #dead: number[] = [];
  #deadBytes = 0;
  #liveBytes = 0;
  #collecting: readonly number[] = [];
  #collected = 0;
  #inserted = 0;
  /** There was no room for more. */
  #isTight = false;
  #before: State;

  constructor(tables: SessionTables) {
    this.#tables = tables;
    this.#before = this.#state();
  }

  /** A row that is there. */
  load(place: number, size: number): number {
    this.#place = place;
    this.#liveBytes += size + rowBytes;
    return size + rowBytes;
  }

  insert(row: Omit<StepRow, 'place' | 'size'>): { place: number; bytes: number } {
    const size = row.frames.length + row.outcomes.length;
    const place = ++this.#place;
    this.#tables.insertStep({ ...row, place, size });
    this.#inserted++;
    this.#liveBytes += size + rowBytes;
    return { place, bytes: size + rowBytes };
  }

  /** It is not needed any more. */
  bury({ place, bytes }: Pick<Step, 'place' | 'bytes'>): void {
    this.#dead.push(place);
    this.#deadBytes += bytes;
    this.#liveBytes -= bytes;
  }

  clear(): void {
    this.#dead = [];
    this.#collecting = [];
    this.#collected = this.#deadBytes = this.#liveBytes = 0;
  }

  /** Before the commit. How many rows were deleted, and how many have come. */
  save(): { deleted: number; inserted: number } {
    const isWorthIt = this.#deadBytes > leastDeadBytes + this.#liveBytes / 2;
    if (this.#isTight || (isWorthIt && this.#collected === this.#collecting.length)) this.#collect();
    const most = this.#isTight ? Infinity : Math.max(leastTogether, perInsert * this.#inserted);
    const due = this.#collecting.slice(this.#collected, this.#collected + most);
    for (const place of due) this.#tables.deleteStep(place);
    this.#collected += due.length;
    const inserted = this.#inserted;
    this.#inserted = 0;
    return { deleted: due.length, inserted };
  }

  committed(): void {
    this.#isTight = false;
    this.#before = this.#state();
  }

  /** A transaction has failed: everything is as it was. */
  restore(): void {
    const { dead, deadCount, deadBytes, liveBytes, collecting, collected } = this.#before;
    this.#dead = dead;
    this.#dead.length = deadCount;
    this.#deadBytes = deadBytes;
    this.#liveBytes = liveBytes;
    this.#collecting = collecting;
    this.#collected = collected;
    this.#inserted = 0;
    this.#isTight = true;
    this.#before = this.#state();
  }

  #state(): State {
    return {
      dead: this.#dead,
      deadCount: this.#dead.length,
      deadBytes: this.#deadBytes,
      liveBytes: this.#liveBytes,
      collecting: this.#collecting,
      collected: this.#collected,
    };
  }

  #collect(): void {
    const left = this.#collecting.slice(this.#collected);
    this.#collecting = [...left, ...this.#dead].sort((a, b) => a - b);
    this.#collected = 0;
    this.#dead = [];
    this.#deadBytes = 0;
  }
}
