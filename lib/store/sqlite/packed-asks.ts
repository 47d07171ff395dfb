import type { LoggedMessage, LogPage, LogPosition, LogQuery, Retention } from '../message-log.js';
import type { StoreError } from '../store-error.js';
import type { LogAnswer, LogAsk } from './log-asks.js';
import { errorOf, type Failed } from './store-failure.js';
import type { Packed } from './worker-messages.js';

/**
 * What travels between threads: flat, as the structured clone of an object for each message costs more than the rest of
 * its way. An object that comes again is cloned once.
 */
type PackedAsks = unknown[];
type PackedAnswers = unknown[];

const perAsk = 6;
const perAnswer = 2;
/** In the place of a size. */
const isRead = -1;
const isRemoval = -2;

export function packAsks(asks: readonly LogAsk[]): Packed {
  const content: PackedAsks = [];
  const transfer: ArrayBuffer[] = [];
  for (const ask of asks) {
    if (ask.kind === 'append') {
      const { log, message, retention, size, now } = ask;
      content.push(size, log, now, message.body, message.key, retention);
      // Bytes are the ask's own copy.
      if (message.body instanceof Uint8Array) transfer.push(message.body.buffer as ArrayBuffer);
    } else if (ask.kind === 'read') content.push(isRead, ask.log, ask.now, ask.query, undefined, undefined);
    else content.push(isRemoval, ask.log, 0, undefined, undefined, undefined);
  }
  return { content, transfer };
}

export function unpackAsks(content: unknown, asks: LogAsk[]): void {
  const packed = content as PackedAsks;
  for (let i = 0; i < packed.length; i += perAsk) {
    const size = packed[i] as number;
    const log = packed[i + 1] as string;
    const now = packed[i + 2] as number;
    if (size === isRead) asks.push({ kind: 'read', log, query: packed[i + 3] as LogQuery, now });
    else if (size === isRemoval) asks.push({ kind: 'remove', log });
    else {
      const message = { body: packed[i + 3], key: packed[i + 4] } as LoggedMessage;
      asks.push({ kind: 'append', log, message, retention: packed[i + 5] as Retention, size, now });
    }
  }
}

export function packAnswers(answers: readonly (LogAnswer | Failed)[]): Packed {
  const content: PackedAnswers = [];
  for (const answer of answers) {
    if ('position' in answer) content.push(answer.position.epoch, answer.position.offset);
    else content.push(answer, undefined);
  }
  return { content, transfer: [] };
}

/** What each ask is answered with. */
export function unpackAnswers(content: unknown): (LogPosition | LogPage | StoreError | undefined)[] {
  const packed = content as PackedAnswers;
  const values = [];
  for (let i = 0; i < packed.length; i += perAnswer) {
    const first = packed[i];
    if (typeof first === 'string') values.push({ epoch: first, offset: packed[i + 1] as number });
    else values.push(valueOf(first as Exclude<LogAnswer, { position: unknown }> | Failed));
  }
  return values;
}

function valueOf(
  answer: Exclude<LogAnswer, { position: unknown }> | Failed,
): LogPage | StoreError | undefined {
  if ('page' in answer) return answer.page;
  return 'failure' in answer ? errorOf(answer.failure) : undefined;
}
