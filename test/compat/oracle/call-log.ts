import { Injectable } from '@nestjs/common';
import { describeValue } from './describe-value.js';

const patienceMs = 2000;

/** Every call that a scenario's classes take note of, in order. Provided to each scenario's application. */
@Injectable()
export class CallLog {
  readonly calls: string[] = [];
  readonly #watchers = new Set<() => void>();

  note(name: string, ...args: unknown[]): void {
    this.calls.push(`${name}(${args.map(describeValue).join(', ')})`);
    for (const watcher of this.#watchers) watcher();
  }

  /** Waits until a call with this name has been noted `times` times; gives up after two seconds, and the transcript shows it. */
  async noted(name: string, times = 1): Promise<void> {
    const isThere = (): boolean => this.calls.filter((call) => call.startsWith(`${name}(`)).length >= times;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(patience);
        this.#watchers.delete(watcher);
        resolve();
      };
      const watcher = (): void => void (isThere() && done());
      const patience = setTimeout(done, patienceMs);
      this.#watchers.add(watcher);
      watcher();
    });
  }
}
