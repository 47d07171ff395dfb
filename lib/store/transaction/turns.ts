/**
 * Lets one thing after another use what cannot be shared: the one connection that TypeORM has to a SQLite file, where a second transaction
 * would become part of the first.
 */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `work` when all before it is done. It MUST NOT wait for another turn itself. */
  run<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }
}
