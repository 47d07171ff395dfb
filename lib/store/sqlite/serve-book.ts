import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';

import { OptionError } from '../../primitives/option-error.js';
import type { BookAsk } from './book.js';
import { openSqlite, type SqliteDatabase } from './sqlite-driver.js';
import { type Failed, failureOf, type StoreFailure } from './store-failure.js';
import type { FileSettings, Transactions } from './transactions.js';
import type { FromWorker, Packed, ToWorker, WorkerStart } from './worker-messages.js';

/** What the program of a thread serves. */
export interface ServedBook<Settings extends FileSettings, Ask extends BookAsk, Answer> {
  open(db: SqliteDatabase, settings: Settings, doubt: string | undefined): Transactions<Ask, Answer>;
  unpackAsks(packed: unknown, asks: Ask[]): void;
  packAnswers(answers: readonly (Answer | Failed)[]): Packed;
}

/** Is the program of the thread that has the file, from its start to its end. */
export async function serveBook<Settings extends FileSettings, Ask extends BookAsk, Answer>(
  book: ServedBook<Settings, Ask, Answer>,
): Promise<void> {
  const port = parentPort;
  if (port === null) return;
  const { settings, driver, doubt } = workerData as WorkerStart<Settings>;
  const tell = (message: FromWorker, transfer: readonly ArrayBuffer[] = []): void =>
    port.postMessage(message, transfer);
  let transactions: Transactions<Ask, Answer>;
  try {
    transactions = book.open(await openSqlite(settings.file, driver), settings, doubt);
  } catch (error) {
    tell({ kind: 'refused', reason: error instanceof OptionError ? 'no driver' : failureOf(error) });
    port.close();
    return;
  }
  tell({ kind: 'opened', loss: transactions.loss });
  const asks: Ask[] = [];
  /** All that has come while the last commit ran; whether nothing more will come. */
  const gather = (first: ToWorker | undefined): boolean => {
    for (let next = first; next !== undefined; next = following(port)) {
      if (next === 'close') return true;
      book.unpackAsks(next.asks, asks);
    }
    return false;
  };
  port.on('message', (first: ToWorker) => {
    let isLast = gather(first);
    while (asks.length > 0) {
      const answers = transactions.run(asks);
      asks.splice(0, answers.length);
      const { content, transfer } = book.packAnswers(answers);
      tell({ kind: 'done', count: answers.length, answers: content }, transfer);
      if (!isLast) isLast = gather(following(port));
    }
    if (!isLast) return;
    tell({ kind: 'closed', failure: closed(transactions) });
    port.close();
  });
}

function following(port: MessagePort): ToWorker | undefined {
  return (receiveMessageOnPort(port) as { message: ToWorker } | undefined)?.message;
}

function closed(transactions: { close(): void }): StoreFailure | undefined {
  try {
    transactions.close();
    return undefined;
  } catch (error) {
    return failureOf(error);
  }
}
