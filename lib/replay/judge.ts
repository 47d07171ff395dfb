import type { Clock } from '../primitives/clock.js';
import type { Awaited, Expectation } from './awaited.js';
import type { Findings } from './findings.js';

/** An event that has been missing so often is waited for no more before the replay goes on. */
const patience = 3;

/** Shared by all connections: which events are not worth waiting for. */
export type Absences = Map<string, number>;

/** What one replayed connection awaits, and where it says what it has found. */
export class Judge {
  /** Its number in the recording. */
  readonly connection: number;
  readonly findings: Findings;
  readonly #awaited: Awaited;
  readonly #clock: Clock;
  readonly #absences: Absences;
  readonly #open = new Set<Expectation>();
  #onSettled: (() => void)[] = [];

  constructor(
    connection: number,
    shared: { findings: Findings; awaited: Awaited; clock: Clock; absences: Absences },
  ) {
    this.connection = connection;
    this.findings = shared.findings;
    this.#awaited = shared.awaited;
    this.#clock = shared.clock;
    this.#absences = shared.absences;
  }

  now(): number {
    return this.#clock.now();
  }

  /** Something has to come. @param isGating at full speed, the replay does not go on without it */
  await(expectation: Expectation, isGating: boolean): void {
    this.#open.add(expectation);
    this.#awaited.add(expectation, isGating);
  }

  settled(expectation: Expectation): void {
    if (!this.#open.delete(expectation)) return;
    this.#awaited.done(expectation);
    if (this.#open.size > 0) return;
    for (const tell of this.#onSettled) tell();
    this.#onSettled = [];
  }

  /** Resolves when nothing is awaited of this connection. */
  async whenSettled(): Promise<void> {
    if (this.#open.size > 0) await new Promise<void>((resolve) => void this.#onSettled.push(resolve));
  }

  /** What is awaited will not come any more. */
  giveUp(): void {
    for (const expectation of [...this.#open]) {
      expectation.expire();
      this.settled(expectation);
    }
  }

  answered(sentAt: number): void {
    this.findings.latencyMs.add(this.now() - sentAt);
  }

  absent(event: string): void {
    this.#absences.set(event, (this.#absences.get(event) ?? 0) + 1);
  }

  isWorthWaitingFor(event: string): boolean {
    return (this.#absences.get(event) ?? 0) < patience;
  }
}
