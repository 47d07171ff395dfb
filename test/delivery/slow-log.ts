import type {
  LoggedMessage,
  LogPage,
  LogPosition,
  LogQuery,
  MessageLog,
  Retention,
} from '../../lib/store/message-log.js';
import { until } from '../support/session-fixture.js';

/** A log whose answers come when the test says so, in the order in which they were asked for. */
export class SlowLog implements MessageLog {
  failing: Error | null = null;
  readonly #log: MessageLog;
  #waiting: (() => void)[] = [];

  constructor(log: MessageLog) {
    this.#log = log;
  }

  append(log: string, message: LoggedMessage, retention: Retention): Promise<LogPosition> {
    return this.#later(() => this.#log.append(log, message, retention));
  }

  read(log: string, query: LogQuery): Promise<LogPage> {
    return this.#later(() => this.#log.read(log, query));
  }

  remove(log: string): Promise<void> {
    return this.#later(() => this.#log.remove(log));
  }

  /** Answers the oldest questions, and whatever follows from their answers. @param count @default all */
  async release(count = Infinity): Promise<void> {
    for (let released = 0; released < count; released++) {
      for (let turns = 0; turns < 20 && this.#waiting.length === 0; turns++)
        await new Promise((resolve) => setTimeout(resolve, 1));
      const answer = this.#waiting.shift();
      if (answer === undefined) return;
      answer();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Waits until so many questions wait. */
  async until(count: number): Promise<void> {
    await until(() => this.#waiting.length >= count);
  }

  /** What is done is done at once: an answer that is late says what was so then. */
  #later<Value>(work: () => Value | PromiseLike<Value>): Promise<Value> {
    const { failing } = this;
    return new Promise<void>((resolve) => this.#waiting.push(resolve)).then(() => {
      if (failing !== null) throw failing;
      return work();
    });
  }
}
