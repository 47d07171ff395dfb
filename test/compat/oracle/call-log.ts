import { Injectable } from '@nestjs/common';
import { describeValue } from './describe-value.js';
import { WatchedLines } from './watched-lines.js';

/** Every call that a scenario's classes take note of, in order. Provided to each scenario's application. */
@Injectable()
export class CallLog {
  readonly #watched = new WatchedLines();

  get calls(): readonly string[] {
    return this.#watched.lines;
  }

  note(name: string, ...args: unknown[]): void {
    this.#watched.push(`${name}(${args.map(describeValue).join(', ')})`);
  }

  /** Waits until a call with this name has been noted `times` times. */
  async noted(name: string, times = 1): Promise<void> {
    await this.#watched.until((calls) => calls.filter((call) => call.startsWith(`${name}(`)).length >= times);
  }
}
