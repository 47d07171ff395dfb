import { StoreError } from '../store-error.js';
import type { BookAsk } from './book.js';
import type { QueueSettings } from './sqlite-store.options.js';
import { type StoreProgram, StoreThread, type WaitingAsk } from './store-thread.js';

/** After the thread could not open its file, how long others are told so before it is tried again. */
const restMs = 1_000;

/** What a store is asked for, on its way to the thread that has the file: gathered, bounded, and answered. */
export class AskQueue<Ask extends BookAsk> {
  readonly #settings: QueueSettings;
  readonly #program: StoreProgram<Ask>;
  #thread: StoreThread<Ask> | undefined;
  /** Asked in this tick: handed to the thread together. */
  #gathered: WaitingAsk<Ask>[] = [];
  #waiting = 0;
  #waitingBytes = 0;
  /** Why there is no thread, for as long as it makes no sense to start another one. */
  #refusal: Error | undefined;
  /** Why it is not known what of the last asks was done. */
  #doubt: string | undefined;
  #closing: Promise<void> | undefined;

  /** Starts the thread. @param program what it runs */
  constructor(settings: QueueSettings, program: StoreProgram<Ask>) {
    this.#settings = settings;
    this.#program = program;
    this.#thread = this.#start();
  }

  /** Asks that wait for the disk. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Of what they carry. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Half of what may wait does. */
  get isBusy(): boolean {
    const { queued, queuedBytes } = this.#settings;
    return this.#waiting * 2 >= queued || this.#waitingBytes * 2 >= queuedBytes;
  }

  /** `size`: in bytes, of what it carries. Rejects with a `StoreError`, or an `OptionError` where there is no driver. */
  ask<Answer>(ask: Ask, size: number): Promise<Answer> {
    const refusal = this.#refusalOf(size);
    if (refusal !== undefined) return Promise.reject(refusal);
    this.#waiting++;
    this.#waitingBytes += size;
    return new Promise<Answer>((resolve, reject) => {
      this.#gathered.push({ ask, size, resolve: resolve as (value: unknown) => void, reject });
      if (this.#gathered.length === 1) setImmediate(() => this.#hand());
    });
  }

  /** Commits what was asked for, and lets go of the file. @throws {StoreError} */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#hand();
    await this.#thread?.close();
  }

  #refusalOf(size: number): Error | undefined {
    const { queued, queuedBytes } = this.#settings;
    if (this.#closing !== undefined) return new StoreError('closed', 'the store is closed');
    if (this.#refusal !== undefined) return this.#refusal;
    if (this.#waiting >= queued || (this.#waiting > 0 && this.#waitingBytes + size > queuedBytes)) {
      return new StoreError(
        'overloaded',
        'too much waits for the disk: write less, or raise queued and queuedBytes',
      );
    }
    return undefined;
  }

  #hand(): void {
    const gathered = this.#gathered;
    if (gathered.length === 0) return;
    this.#gathered = [];
    this.#thread ??= this.#start();
    this.#thread.send(gathered);
  }

  #start(): StoreThread<Ask> {
    return new StoreThread(this.#program, this.#doubt, {
      settled: (size) => {
        this.#waiting--;
        this.#waitingBytes -= size;
      },
      opened: (loss) => {
        this.#doubt = undefined;
        if (loss !== undefined) this.#settings.onLoss(loss);
      },
      refused: (error) => this.#refused(error),
      died: (error, isDoubtful) => {
        this.#thread = undefined;
        if (isDoubtful) this.#doubt = 'the thread of the store died while it wrote';
      },
    });
  }

  #refused(error: Error): void {
    this.#thread = undefined;
    this.#refusal = error;
    setTimeout(() => (this.#refusal = undefined), restMs).unref();
    for (const { size, reject } of this.#gathered.splice(0)) {
      this.#waiting--;
      this.#waitingBytes -= size;
      reject(error);
    }
  }
}
