import type { SentMessages, SessionRecord, SettledMessage, StoredSession } from '../session-store.js';
import { StoreError } from '../store-error.js';
import type { RedisReply } from './redis-connection.js';

/** What a batch is answered. */
export interface BatchReply {
  /** Number of the last batch of this process that was there before. */
  readonly before: number;
  /** One letter for each ask. */
  readonly outcomes: string;
  /** Those that were claimed, in order. */
  readonly sessions: readonly StoredSession[];
}

/** @throws {StoreError} */
export function readBatchReply(reply: RedisReply): BatchReply {
  const [before, outcomes, ...sessions] = listOf(reply);
  return { before: before as number, outcomes: String(outcomes), sessions: sessions.map(readSession) };
}

/** Some of the sessions that were adopted. */
export interface AdoptReply {
  readonly before: number;
  /** Sessions that nobody can say of whether they are whole: they are not there any more. */
  readonly dropped: number;
  readonly isAll: boolean;
  readonly sessions: readonly StoredSession[];
}

/** @throws {StoreError} */
export function readAdoptReply(reply: RedisReply): AdoptReply {
  const [before, dropped, isAll, ...sessions] = listOf(reply);
  return {
    before: before as number,
    dropped: dropped as number,
    isAll: isAll === 1,
    sessions: sessions.map(readSession),
  };
}

function listOf(reply: RedisReply | undefined): readonly RedisReply[] {
  if (!Array.isArray(reply)) throw damaged();
  return reply as readonly RedisReply[];
}

/** A session of its hash: fields and values in turn. @throws {StoreError} */
function readSession(reply: RedisReply): StoredSession {
  const parts = listOf(reply) as readonly Buffer[];
  const fields = new Map<string, Buffer>();
  for (let i = 0; i + 1 < parts.length; i += 2) fields.set(parts[i]!.toString(), parts[i + 1]!);
  const valueOf = (field: string): Buffer => {
    const value = fields.get(field);
    if (value === undefined) throw damaged();
    return value;
  };
  const textOf = (field: string): string => valueOf(field).toString();
  const range = (first: string, next: string): number[] => {
    const [from, to] = [Number(textOf(first)), Number(textOf(next))];
    return Array.from({ length: to - from }, (_, i) => from + i);
  };
  return {
    record: JSON.parse(textOf('record')) as SessionRecord,
    rooms: JSON.parse(textOf('rooms')) as string[],
    sent: range('firstSent', 'nextSent').map((i) => readMessages(valueOf(`m${i}`))),
    last: Number(textOf('last')),
    forgotten: Number(textOf('forgotten')),
    settled: range('firstSettled', 'nextSettled').map((i) => {
      const field = textOf(`x${i}`);
      return {
        id: JSON.parse(field.slice(1)) as string | number,
        outcome: JSON.parse(textOf(field)) as SettledMessage['outcome'],
      };
    }),
  };
}

/** `<first>:<count>:<frames>`. They get a buffer of their own: what is needed of it does not hold what lies beside it. */
function readMessages(kept: Buffer): SentMessages {
  const afterFirst = kept.indexOf(':');
  const afterCount = kept.indexOf(':', afterFirst + 1);
  return {
    first: Number(kept.toString('latin1', 0, afterFirst)),
    count: Number(kept.toString('latin1', afterFirst + 1, afterCount)),
    frames: new Uint8Array(kept.subarray(afterCount + 1)),
  };
}

function damaged(): StoreError {
  return new StoreError('corrupted', 'what is in Redis is not what was written');
}
