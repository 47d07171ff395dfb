import type { LoggedMessage, LogPosition, LogQuery, Retention } from '../message-log.js';
import type { LogAnswer, LogAsk } from './log-asks.js';

/**
 * What travels between threads: flat, as the structured clone of an object for each message costs more than the rest of
 * its way. An object that comes again is cloned once.
 */
export type PackedAsks = unknown[];
export type PackedAnswers = unknown[];

const perAsk = 6;
const perAnswer = 2;
/** In the place of a size. */
const isRead = -1;
const isRemoval = -2;

export function packAsks(asks: readonly LogAsk[]): PackedAsks {
  const packed: PackedAsks = [];
  for (const ask of asks) {
    if (ask.kind === 'append') {
      const { log, message, retention, size, now } = ask;
      packed.push(size, log, now, message.body, message.key, retention);
    } else if (ask.kind === 'read') packed.push(isRead, ask.log, ask.now, ask.query, undefined, undefined);
    else packed.push(isRemoval, ask.log, 0, undefined, undefined, undefined);
  }
  return packed;
}

export function unpackAsks(packed: PackedAsks, asks: LogAsk[]): void {
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

export function packAnswers(answers: readonly LogAnswer[]): PackedAnswers {
  const packed: PackedAnswers = [];
  for (const answer of answers) {
    if ('position' in answer) packed.push(answer.position.epoch, answer.position.offset);
    else packed.push(answer, undefined);
  }
  return packed;
}

export function unpackAnswers(packed: PackedAnswers): LogAnswer[] {
  const answers: LogAnswer[] = [];
  for (let i = 0; i < packed.length; i += perAnswer) {
    const first = packed[i];
    if (typeof first !== 'string') answers.push(first as LogAnswer);
    else answers.push({ position: { epoch: first, offset: packed[i + 1] } as LogPosition });
  }
  return answers;
}
