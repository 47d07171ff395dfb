/** Work that has to come to an end by itself. */
export class Endings {
  readonly #underWay = new Set<Promise<void>>();
  readonly #failed: (problem: string) => void;

  constructor(failed: (problem: string) => void) {
    this.#failed = failed;
  }

  /** How much has not ended yet. */
  get size(): number {
    return this.#underWay.size;
  }

  add(work: Promise<void>): void {
    const ending = work.then(
      () => void this.#underWay.delete(ending),
      (error: unknown) => {
        this.#underWay.delete(ending);
        this.#failed(`an end has failed: ${String((error as Error).stack)}`);
      },
    );
    this.#underWay.add(ending);
  }
}
