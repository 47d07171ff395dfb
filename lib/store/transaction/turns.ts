type Work = () => Promise<void>;

/**
 * Lets one thing after another use what cannot be shared: the one connection that TypeORM has to a SQLite file, where a second transaction
 * would become part of the first.
 */
export class Turns {
  readonly #next: Work[] = [];
  readonly #waiting: Work[] = [];
  #isTaken = false;

  /** Runs `work` when all before it is done. It MUST NOT wait for another turn itself. */
  run<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#take(this.#waiting, work);
  }

  /** The same, before all that was given to {@link run} and has not begun: for a single statement, which long waiting would make useless. */
  runNext<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#take(this.#next, work);
  }

  #take<Result>(line: Work[], work: () => Promise<Result>): Promise<Result> {
    let begin!: () => void;
    const done = new Promise<void>((resolve) => (begin = resolve)).then(work);
    line.push(async () => {
      begin();
      await done.catch(() => undefined);
    });
    if (!this.#isTaken) void this.#runAll();
    return done;
  }

  async #runAll(): Promise<void> {
    this.#isTaken = true;
    for (;;) {
      const work = this.#next.shift() ?? this.#waiting.shift();
      if (work === undefined) break;
      await work();
    }
    this.#isTaken = false;
  }
}
