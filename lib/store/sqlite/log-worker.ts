/** The program of the thread that has the file. */
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';

import { OptionError } from '../../primitives/option-error.js';
import type { LogAsk, LogFailure } from './log-asks.js';
import { packAnswers, unpackAsks } from './packed-asks.js';
import { openSqlite } from './sqlite-driver.js';
import { failureOf, SqliteLogs } from './sqlite-logs.js';
import type { FromWorker, ToWorker, WorkerStart } from './worker-messages.js';

if (parentPort !== null) void serve(parentPort, workerData as WorkerStart);

async function serve(port: MessagePort, { settings, driver, doubt }: WorkerStart): Promise<void> {
  const tell = (message: FromWorker): void => port.postMessage(message);
  let logs: SqliteLogs;
  try {
    logs = new SqliteLogs(await openSqlite(settings.file, driver), settings, doubt);
  } catch (error) {
    tell({ kind: 'refused', reason: error instanceof OptionError ? 'no driver' : failureOf(error) });
    port.close();
    return;
  }
  tell({ kind: 'opened', loss: logs.loss });
  const asks: LogAsk[] = [];
  port.on('message', (first: ToWorker) => {
    let isLast = gather(port, first, asks);
    while (asks.length > 0) {
      const answers = logs.run(asks);
      asks.splice(0, answers.length);
      tell({ kind: 'done', answers: packAnswers(answers) });
      if (!isLast) isLast = gather(port, following(port), asks);
    }
    if (!isLast) return;
    tell({ kind: 'closed', failure: closed(logs) });
    port.close();
  });
}

/** All that has come while the last commit ran; whether nothing more will come. */
function gather(port: MessagePort, first: ToWorker | undefined, asks: LogAsk[]): boolean {
  for (let next = first; next !== undefined; next = following(port)) {
    if (next === 'close') return true;
    unpackAsks(next, asks);
  }
  return false;
}

function following(port: MessagePort): ToWorker | undefined {
  return (receiveMessageOnPort(port) as { message: ToWorker } | undefined)?.message;
}

function closed(logs: SqliteLogs): LogFailure | undefined {
  try {
    logs.close();
    return undefined;
  } catch (error) {
    return failureOf(error);
  }
}
