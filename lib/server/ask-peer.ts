import type { Connection } from '../connection/connection.js';
import type { ConnectionCounters } from '../connection/connection-counters.js';
import type { RequestOptions } from '../connection/emit-options.js';
import { type AskProgress, askRepeatedly } from '../exchange/ask-repeatedly.js';
import { type RequestTable, timeoutError } from '../exchange/request-table.js';
import type { RetryStrategy } from '../exchange/retry-strategy.js';
import type { Clock } from '../primitives/clock.js';
import { durationMs } from '../primitives/option-checks.js';
import { OptionError } from '../primitives/option-error.js';
import type { Envelope } from '../protocol/envelope.js';
import { ErrorCode, errorTraits, type ErrorTraits } from '../protocol/error-code.js';
import { GatewireError, isGatewireError } from '../protocol/gatewire-error.js';
import type { Outcomes } from './outcomes.js';
import type { PeerAcks } from './peer-acks.js';

/** One question to a peer. */
export interface Question extends RequestOptions {
  readonly event: string;
  readonly data: unknown;
  /** Where the options name no `timeoutMs`. */
  readonly requestMs: number;
  readonly outcomes: Outcomes;
  readonly clock: Clock;
  readonly acks: PeerAcks;
  readonly sent?: (id: number) => void;
  /** Filled in while it is asked again and again. */
  readonly progress?: AskProgress | undefined;
}

/** Sends a request and waits for its answer, which may come by another way where that was asked for. Every failure is a rejection. */
export async function askPeer(
  connection: Connection,
  requests: RequestTable,
  counters: ConnectionCounters,
  question: Question,
): Promise<unknown> {
  if (question.ack === undefined) return ask(connection, requests, counters, question);
  if ((question.ack as unknown) !== 'http') throw new OptionError('ack', "'http'", question.ack);
  let asked: number | undefined;
  const ticket = question.acks.open(
    (outcome) => asked !== undefined && requests.settle({ id: asked, ...outcome }),
  );
  try {
    return await ask(connection, requests, counters, {
      ...question,
      meta: { ...question.meta, ack: ticket.token },
      sent: (id) => (asked = id),
    });
  } finally {
    ticket.close();
  }
}

async function ask(
  connection: Connection,
  requests: RequestTable,
  counters: ConnectionCounters,
  question: Question,
): Promise<unknown> {
  const { signal, timeoutMs, requestMs, retry } = question;
  if (!connection.canSend) throw new GatewireError(ErrorCode.Disconnected, 'the connection is closed');
  if (signal?.aborted) throw cancelled();
  const waitMs = timeoutMs === undefined ? requestMs : durationMs('timeoutMs', timeoutMs);
  if (retry !== undefined) return askAgain(connection, requests, counters, question, waitMs, retry);
  const request = requests.open(waitMs, () => counters.requestsTimedOut++);
  const cancel = (): void => request.cancel(cancelled());
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    send(connection, counters, question, request.id, (error) => request.cancel(error));
  } catch (error) {
    request.cancel(error as GatewireError);
  }
  try {
    return await request.answer;
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}

function send(
  connection: Connection,
  counters: ConnectionCounters,
  { event, data, meta, outcomes, sent }: Question,
  id: number,
  cancel: (error: GatewireError) => void,
): void {
  const envelope: Envelope = { id, event, data };
  if (meta !== undefined) envelope.meta = { ...meta };
  outcomes.answer(connection, envelope, { lost: (reason) => cancel(lost(reason)) });
  counters.requestsSent++;
  sent?.(id);
}

function askAgain(
  connection: Connection,
  requests: RequestTable,
  counters: ConnectionCounters,
  question: Question,
  ackMs: number,
  retry: RetryStrategy,
): Promise<unknown> {
  const { clock, signal, progress = { attempts: 0, isGivenUp: false } } = question;
  return askRepeatedly(requests, {
    clock,
    ackMs,
    retry,
    signal,
    progress,
    send: (id, cancel) => send(connection, counters, question, id, cancel),
    silence: (id) => {
      counters.requestsTimedOut++;
      return timeoutError(id, ackMs);
    },
    aborted: cancelled,
    isPassing,
    absence: () => (connection.session?.isAway === true ? connection.session.whenBack() : undefined),
  });
}

/** An error that a later attempt may not meet. */
function isPassing(error: unknown): boolean {
  if (!isGatewireError(error)) return false;
  return (errorTraits as Readonly<Record<string, ErrorTraits>>)[error.code]?.advice === 'retry';
}

function lost(reason: unknown): GatewireError {
  if (reason instanceof Error)
    return new GatewireError(ErrorCode.Internal, 'a stage failed on the way out', { cause: reason });
  return new GatewireError(ErrorCode.Filtered, 'a stage has dropped the request');
}

function cancelled(): GatewireError {
  return new GatewireError(ErrorCode.Cancelled, 'the request was cancelled');
}
