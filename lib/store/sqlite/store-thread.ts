import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import { StoreError } from '../store-error.js';
import type { BookAsk } from './book.js';
import { here } from './here.cjs';
import { noDriver, type SqliteDriver } from './sqlite-driver.js';
import { errorOf, type StoreFailure } from './store-failure.js';
import type { FromWorker, Packed, ToWorker, WorkerStart } from './worker-messages.js';

/** An ask, and who waits for its answer. */
export interface WaitingAsk<Ask> {
  readonly ask: Ask;
  /** What it counts for while it waits. */
  readonly size: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Which program a thread runs, and how it is spoken to. */
export interface StoreProgram<Ask> {
  /** Beside this file. */
  readonly name: string;
  /** In its place. */
  readonly worker: string | URL | undefined;
  readonly driver: SqliteDriver | undefined;
  /** What it is told of its file. */
  readonly settings: unknown;
  packAsks(asks: readonly Ask[]): Packed;
  /** What each ask is answered with, or why it is not. */
  unpackAnswers(content: unknown): readonly unknown[];
}

/** What becomes of a thread. */
export interface StoreThreadEvents {
  opened(loss: string | undefined): void;
  /** One that has waited is answered, or has failed. */
  settled(size: number): void;
  /** It could not open the file: nothing was done. */
  refused(error: Error): void;
  /** It is no more, and nobody has closed it. What it was asked last may have been done, or not. */
  died(error: StoreError, isDoubtful: boolean): void;
}

/** A thread that has the file, from its start to its end. */
export class StoreThread<Ask extends BookAsk> {
  readonly #worker: Worker;
  readonly #events: StoreThreadEvents;
  readonly #program: StoreProgram<Ask>;
  #waiting: WaitingAsk<Ask>[] = [];
  #isOpen = false;
  /** It has told how it ended. */
  #isOver = false;
  #failure: StoreFailure | undefined;
  #cause: unknown;
  #closed: { resolve(): void; reject(error: Error): void } | undefined;

  constructor(program: StoreProgram<Ask>, doubt: string | undefined, events: StoreThreadEvents) {
    this.#program = program;
    this.#events = events;
    const { settings, driver } = program;
    const start: WorkerStart<unknown> = { settings, driver, doubt };
    this.#worker = new Worker(program.worker ?? join(here, program.name), {
      workerData: start,
      name: 'gatewire-store',
    });
    this.#worker.on('message', (message: FromWorker) => this.#received(message));
    this.#worker.on('error', (error) => (this.#cause = error));
    this.#worker.on('exit', (code) => this.#exited(code));
    // A process that has nothing else to do may end.
    this.#worker.unref();
  }

  send(waiting: readonly WaitingAsk<Ask>[]): void {
    if (this.#waiting.length === 0) this.#worker.ref();
    for (const one of waiting) this.#waiting.push(one);
    const { content, transfer } = this.#program.packAsks(waiting.map(({ ask }) => ask));
    this.#post({ asks: content }, transfer);
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
          message.reason === 'no driver' ? noDriver(this.#program.driver) : errorOf(message.reason),
        );
        return;
      case 'done': {
        const answered = this.#waiting.splice(0, message.count);
        if (this.#waiting.length === 0 && this.#closed === undefined) this.#worker.unref();
        const answers = this.#program.unpackAnswers(message.answers);
        for (const [index, waiting] of answered.entries()) this.#settle(waiting, answers[index]);
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

  #settle({ size, resolve, reject }: WaitingAsk<Ask>, answer: unknown): void {
    this.#events.settled(size);
    if (answer instanceof StoreError) reject(answer);
    else resolve(answer);
  }

  #failAll(error: Error): void {
    for (const { size, reject } of this.#waiting.splice(0)) {
      this.#events.settled(size);
      reject(error);
    }
  }
}
