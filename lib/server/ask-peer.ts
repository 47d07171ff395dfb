import type { Connection } from '../connection/connection.js';
import type { ConnectionCounters } from '../connection/connection-counters.js';
import type { RequestOptions } from '../connection/emit-options.js';
import type { RequestTable } from '../exchange/request-table.js';
import { durationMs } from '../primitives/option-checks.js';
import type { Envelope } from '../protocol/envelope.js';
import { ErrorCode } from '../protocol/error-code.js';
import { GatewireError } from '../protocol/gatewire-error.js';
import { encodeMessage } from './message-encoder.js';

/** One question to a peer. */
export interface Question extends RequestOptions {
  readonly event: string;
  readonly data: unknown;
  /** Where the options name no `timeoutMs`. */
  readonly requestMs: number;
}

/** Sends a request and waits for its answer. Every failure is a rejection. */
export async function askPeer(
  connection: Connection,
  requests: RequestTable,
  counters: ConnectionCounters,
  { event, data, meta, signal, timeoutMs, requestMs }: Question,
): Promise<unknown> {
  const { queue } = connection;
  if (queue === null || !connection.canSend)
    throw new GatewireError(ErrorCode.Disconnected, 'the connection is closed');
  if (signal?.aborted) throw cancelled();
  const waitMs = timeoutMs === undefined ? requestMs : durationMs('timeoutMs', timeoutMs);
  const request = requests.open(waitMs, () => counters.requestsTimedOut++);
  const cancel = (): void => request.cancel(cancelled());
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    const envelope: Envelope = { id: request.id, event, data };
    if (meta !== undefined) envelope.meta = { ...meta };
    const encoded = encodeMessage(envelope, { key: null, droppable: false, fragmentBytes: Infinity });
    if ('bytes' in encoded) queue.sendOwn(encoded);
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

function cancelled(): GatewireError {
  return new GatewireError(ErrorCode.Cancelled, 'the request was cancelled');
}
