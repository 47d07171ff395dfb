import { randomId } from '../../primitives/random-id.js';
import type { LogEntry, LogPage, LogPosition, LogQuery } from '../message-log.js';
import { packBody, unpackBody } from '../packed-body.js';
import { StoreError } from '../store-error.js';
import type { Batch } from './log-lane.js';
import type { Doubt } from './log-memory.js';
import type { RedisArgument } from './redis-client.js';
import type { RedisReply } from './redis-connection.js';

/** What became of a log since it was last heard of. `kept`: nothing. `new`: it was not there. Else its epoch has changed. */
export type LogFate = 'kept' | 'new' | 'restarted' | 'behind' | 'doubtful';

/** What a call tells of the process and of what it knows. */
export interface LogCaller {
  readonly now: number | undefined;
  readonly writer: string;
  readonly known: LogPosition | undefined;
  readonly doubt: Doubt | undefined;
  readonly trustsRestarts: boolean;
}

export interface Answered<Value> {
  readonly fate: LogFate;
  readonly value: Value;
}

/** Beyond the bound of age, since clocks differ and a page may be on its way. */
const slackMs = 60_000;
/** How long a log without a message has an epoch. */
const emptyMs = 3_600_000;

/** @param idleMs for logs without a bound of age */
export function appendArguments(
  caller: LogCaller,
  number: number,
  { retention, messages }: Batch,
  { idleMs, compressFrom }: { idleMs: number; compressFrom: number },
): RedisArgument[] {
  const { count, bytes, ageMs, latestPerKey } = retention;
  const lifeMs = ageMs === Infinity ? idleMs : Math.ceil(ageMs) + slackMs;
  // What a position belongs to is kept longer than the messages: who has missed none of them need not begin anew.
  const numbers = [number, count, bytes, Math.ceil(ageMs)].map(numeral);
  const times = [lifeMs, Math.max(lifeMs, idleMs)].map(numeral);
  const contents = messages.flatMap(({ body, key, size }) => {
    const { kind, content } = packBody(body, Buffer.byteLength(body), compressFrom);
    return [String(size), String(kind), argumentOf(content), key === undefined ? '' : `k${key}`];
  });
  return [...headOf(caller), ...numbers, latestPerKey ? '1' : '0', ...times, ...contents];
}

export function readArguments(
  caller: LogCaller,
  { after = 0, before = Infinity, order = 'oldest', limit, maxBytes }: LogQuery,
): RedisArgument[] {
  const range = [numeral(after), numeral(before), order === 'newest' ? '1' : '0'];
  return [...headOf(caller), ...range, ...[limit, maxBytes, emptyMs].map(numeral)];
}

export function positionIn(reply: RedisReply): Answered<LogPosition> {
  const [epoch, offset, fate] = reply as [Buffer, Buffer, Buffer];
  return {
    fate: fate.toString() as LogFate,
    value: { epoch: epoch.toString(), offset: Number(offset.toString()) },
  };
}

/** @throws {StoreError} when what was read is not what was written */
export function pageIn(reply: RedisReply, after: number): Answered<LogPage> {
  const { fate, value } = positionIn(reply);
  const [, , , lost, entries] = reply as [Buffer, Buffer, Buffer, Buffer, RedisReply[]];
  return {
    fate,
    value: { ...value, entries: entries.map(entryIn), isWhole: after >= Number(lost.toString()) },
  };
}

function entryIn(reply: RedisReply): LogEntry {
  const [offset, at, kind, content, key] = reply as [Buffer, Buffer, Buffer, Buffer, Buffer | null];
  return {
    offset: Number(offset.toString()),
    at: Number(at.toString()),
    body: unpacked(Number(kind.toString()), content),
    ...(key !== null && { key: key.toString() }),
  };
}

function unpacked(kind: number, content: Buffer): LogEntry['body'] {
  try {
    return unpackBody(kind, content);
  } catch (error) {
    throw new StoreError('corrupted', 'what Redis has is not what was appended', error);
  }
}

function headOf({ now, writer, known, doubt, trustsRestarts }: LogCaller): string[] {
  return [
    now === undefined ? '' : numeral(now),
    writer,
    randomId(),
    known?.epoch ?? '',
    numeral(known?.offset ?? 0),
    numeral(doubt?.from ?? 0),
    numeral(doubt?.to ?? 0),
    trustsRestarts ? '1' : '0',
  ];
}

/** As C reads it. */
function numeral(value: number): string {
  return value === Infinity ? 'inf' : String(value);
}

function argumentOf(content: string | Uint8Array): RedisArgument {
  if (typeof content === 'string' || Buffer.isBuffer(content)) return content;
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
}
