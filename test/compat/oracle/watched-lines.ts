const patienceMs = 2000;

/** Lines of a transcript, which somebody may wait for. */
export class WatchedLines {
  readonly lines: string[] = [];
  readonly #watchers = new Set<() => void>();

  push(line: string): void {
    this.lines.push(line);
    for (const watcher of this.#watchers) watcher();
  }

  /** Waits until it is so, or the end has come; gives up after two seconds, and the transcript shows what is missing. */
  async until(isSo: (lines: readonly string[]) => boolean, end?: Promise<unknown>): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(patience);
        this.#watchers.delete(watcher);
        resolve();
      };
      const watcher = (): void => {
        if (isSo(this.lines)) done();
      };
      const patience = setTimeout(done, patienceMs);
      this.#watchers.add(watcher);
      watcher();
      void end?.then(done);
    });
  }
}
