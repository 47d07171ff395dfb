import { after } from '../../../primitives/clock.js';
import { isPromise } from '../../../primitives/is-promise.js';
import type { StageHost } from '../../middleware.js';
import type { AuditRecord, AuditSink } from './log-sink.js';

/** How an audit sink may lag behind. */
export interface AuditLimits {
  /** Records that wait for the sink; further ones are lost, and counted. */
  readonly records: number;
  /** How long a shutdown waits for those that wait, in milliseconds. */
  readonly flushMs: number;
}

/** Gives records to a sink one after the other. Whatever the sink does, messages go on. */
export class AuditBuffer {
  readonly #sink: AuditSink;
  readonly #limits: AuditLimits;
  readonly #host: StageHost;
  #waiting: AuditRecord[] = [];
  #isBusy = false;
  #onIdle: (() => void)[] = [];

  constructor(sink: AuditSink, limits: AuditLimits, host: StageHost) {
    this.#sink = sink;
    this.#limits = limits;
    this.#host = host;
  }

  write(record: AuditRecord): void {
    if (!this.#isBusy) return this.#give(record);
    if (this.#waiting.length < this.#limits.records) {
      this.#waiting.push(record);
      return;
    }
    this.#host.count('message-log.audit-lost');
    this.#host.log.warn('message-log.audit-lost', () => {
      return `the audit sink is ${this.#limits.records} records behind: further ones are lost`;
    });
  }

  /** Resolves when nothing waits, or the time for it is over. */
  async flush(): Promise<void> {
    if (!this.#isBusy) return;
    let timer: unknown;
    const { clock, log } = this.#host;
    await new Promise<void>((resolve) => {
      this.#onIdle.push(resolve);
      timer = after(clock, this.#limits.flushMs, resolve);
    });
    clock.clearTimeout(timer);
    if (!this.#lags()) return;
    this.#host.count('message-log.audit-lost', this.#waiting.length + 1);
    log.warn('message-log.flush', () => {
      return `shutdown goes on without ${this.#waiting.length + 1} audit records that were not written within ${this.#limits.flushMs} ms`;
    });
  }

  #give(record: AuditRecord): void {
    try {
      const pending = this.#sink.write(record);
      if (!isPromise(pending)) return;
      this.#isBusy = true;
      Promise.resolve(pending)
        .catch((error: unknown) => this.#failed(error))
        .finally(() => this.#goOn());
    } catch (error) {
      this.#failed(error);
    }
  }

  #goOn(): void {
    this.#isBusy = false;
    const { length } = this.#waiting;
    // Those of a sink that is synchronous by now go in one turn.
    let given = 0;
    while (!this.#lags() && given < length) this.#give(this.#waiting[given++] as AuditRecord);
    this.#waiting = this.#waiting.slice(given);
    if (this.#lags()) return;
    for (const tell of this.#onIdle) tell();
    this.#onIdle = [];
  }

  /** Asked anew after each call that may change it. */
  #lags(): boolean {
    return this.#isBusy;
  }

  #failed(error: unknown): void {
    this.#host.count('message-log.audit-failed');
    this.#host.log.error('message-log.audit-failed', error);
  }
}
