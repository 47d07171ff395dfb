import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import type { LogPage, LogPosition } from '../message-log.js';
import { StoreError } from '../store-error.js';
import { here } from './here.cjs';
import type { LogAnswer, LogAsk, LogFailure } from './log-asks.js';
import { packAsks, unpackAnswers } from './packed-asks.js';
import { noDriver } from './sqlite-driver.js';
import type { SqliteMessageLogSettings } from './sqlite-message-log.options.js';
import type { FromWorker, ToWorker, WorkerStart } from './worker-messages.js';

/** An ask, and who waits for its answer. */
export interface WaitingAsk {
  readonly ask: LogAsk;
  /** What it counts for while it waits. */
  readonly size: number;
  readonly resolve: (value: LogPosition | LogPage | undefined) => void;
  readonly reject: (error: Error) => void;
}

/** What becomes of a thread. */
export interface LogThreadEvents {
  opened(loss: string | undefined): void;
  /** One that has waited is answered, or has failed. */
  settled(size: number): void;
  /** It could not open the file: nothing was done. */
  refused(error: Error): void;
  /** It is no more, and nobody has closed it. What it was asked last may have been done, or not. */
  died(error: StoreError, isDoubtful: boolean): void;
}

/** A thread that has the file, from its start to its end. */
export class LogThread {
  readonly #worker: Worker;
  readonly #events: LogThreadEvents;
  readonly #settings: SqliteMessageLogSettings;
  #waiting: WaitingAsk[] = [];
  #isOpen = false;
  /** It has told how it ended. */
  #isOver = false;
  #failure: LogFailure | undefined;
  #cause: unknown;
  #closed: { resolve(): void; reject(error: Error): void } | undefined;

  constructor(settings: SqliteMessageLogSettings, doubt: string | undefined, events: LogThreadEvents) {
    this.#settings = settings;
    this.#events = events;
    const start: WorkerStart = { settings: settings.logs, driver: settings.driver, doubt };
    const program = settings.worker ?? join(here, 'log-worker.js');
    this.#worker = new Worker(program, { workerData: start, name: 'gatewire-store' });
    this.#worker.on('message', (message: FromWorker) => this.#received(message));
    this.#worker.on('error', (error) => (this.#cause = error));
    this.#worker.on('exit', (code) => this.#exited(code));
    // A process that has nothing else to do may end.
    this.#worker.unref();
  }

  send(waiting: readonly WaitingAsk[]): void {
    if (this.#waiting.length === 0) this.#worker.ref();
    for (const one of waiting) this.#waiting.push(one);
    const asks = waiting.map(({ ask }) => ask);
    // Bytes are the ask's own copy.
    const bodies = asks.flatMap((ask) =>
      ask.kind === 'append' && ask.message.body instanceof Uint8Array
        ? [ask.message.body.buffer as ArrayBuffer]
        : [],
    );
    this.#post(packAsks(asks), bodies);
  }

  /** After all that it was asked. */
  close(): Promise<void> {
    this.#worker.ref();
    return new Promise((resolve, reject) => {
      this.#closed = { resolve, reject };
      this.#post('close');
    });
  }

  #post(message: ToWorker, transfer: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  #received(message: FromWorker): void {
    switch (message.kind) {
      case 'opened':
        this.#isOpen = true;
        this.#events.opened(message.loss);
        return;
      case 'refused':
        this.#refused(
          message.reason === 'no driver' ? noDriver(this.#settings.driver) : errorOf(message.reason),
        );
        return;
      case 'done': {
        const answers = unpackAnswers(message.answers);
        const answered = this.#waiting.splice(0, answers.length);
        if (this.#waiting.length === 0 && this.#closed === undefined) this.#worker.unref();
        for (const [index, waiting] of answered.entries()) this.#settle(waiting, answers[index]!);
        return;
      }
      case 'closed':
        this.#failure = message.failure;
        this.#isOver = true;
    }
  }

  #refused(error: Error): void {
    this.#isOver = true;
    this.#events.refused(error);
    this.#failAll(error);
  }

  #exited(code: number): void {
    if (!this.#isOver) {
      const error = new StoreError(
        'unavailable',
        `the thread of the store has died (exit code ${code})`,
        this.#cause,
      );
      if (this.#isOpen)
        this.#events.died(
          error,
          this.#waiting.some(({ ask }) => ask.kind !== 'read'),
        );
      else this.#events.refused(error);
      this.#failAll(error);
    }
    if (this.#failure === undefined) this.#closed?.resolve();
    else this.#closed?.reject(errorOf(this.#failure));
  }

  #settle({ size, resolve, reject }: WaitingAsk, answer: LogAnswer): void {
    this.#events.settled(size);
    if ('position' in answer) resolve(answer.position);
    else if ('page' in answer) resolve(answer.page);
    else if ('failure' in answer) reject(errorOf(answer.failure));
    else resolve(undefined);
  }

  #failAll(error: Error): void {
    for (const { size, reject } of this.#waiting.splice(0)) {
      this.#events.settled(size);
      reject(error);
    }
  }
}

function errorOf({ fault, message }: LogFailure): StoreError {
  return new StoreError(fault, message);
}
