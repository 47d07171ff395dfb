import type { Connection } from '../connection/connection.js';
import type { ConnectionCounters } from '../connection/connection-counters.js';
import type { RequestOptions } from '../connection/emit-options.js';
import type { RequestTable } from '../exchange/request-table.js';
import { durationMs } from '../primitives/option-checks.js';
import type { Envelope } from '../protocol/envelope.js';
import { ErrorCode } from '../protocol/error-code.js';
import { GatewireError } from '../protocol/gatewire-error.js';
import type { Outcomes } from './outcomes.js';

/** One question to a peer. */
export interface Question extends RequestOptions {
  readonly event: string;
  readonly data: unknown;
  /** Where the options name no `timeoutMs`. */
  readonly requestMs: number;
  readonly outcomes: Outcomes;
}

/** Sends a request and waits for its answer. Every failure is a rejection. */
export async function askPeer(
  connection: Connection,
  requests: RequestTable,
  counters: ConnectionCounters,
  { event, data, meta, signal, timeoutMs, requestMs, outcomes }: Question,
): Promise<unknown> {
  if (!connection.canSend) throw new GatewireError(ErrorCode.Disconnected, 'the connection is closed');
  if (signal?.aborted) throw cancelled();
  const waitMs = timeoutMs === undefined ? requestMs : durationMs('timeoutMs', timeoutMs);
  const request = requests.open(waitMs, () => counters.requestsTimedOut++);
  const cancel = (): void => request.cancel(cancelled());
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    const envelope: Envelope = { id: request.id, event, data };
    if (meta !== undefined) envelope.meta = { ...meta };
    outcomes.answer(connection, envelope, { lost: (reason) => request.cancel(lost(reason)) });
    counters.requestsSent++;
  } catch (error) {
    request.cancel(error as GatewireError);
  }
  try {
    return await request.answer;
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}

function lost(reason: unknown): GatewireError {
  if (reason instanceof Error)
    return new GatewireError(ErrorCode.Internal, 'a stage failed on the way out', { cause: reason });
  return new GatewireError(ErrorCode.Filtered, 'a stage has dropped the request');
}

function cancelled(): GatewireError {
  return new GatewireError(ErrorCode.Cancelled, 'the request was cancelled');
}
