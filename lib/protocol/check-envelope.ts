import type { Envelope, ErrorBody, MessageId } from './envelope.js';
import { decodeDefaults, type DecodeLimits } from './limits.js';

type Unchecked = { [Field in keyof Envelope]?: unknown };

/** Whether parsed JSON is an object, as an envelope must be. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether it can be an id: a safe integer, or a string that is not empty and not too long. */
export function isMessageId(
  id: unknown,
  maxLength: number = decodeDefaults.messageIdLength,
): id is MessageId {
  return typeof id === 'string' ? id.length > 0 && id.length <= maxLength : Number.isSafeInteger(id);
}

/**
 * Why parsed JSON is no envelope; undefined when it is one. Fields it does not know are left as they are.
 * A null counts as absent (many languages write it), and is removed: but for `data`, where it is a value.
 */
export function envelopeProblem(value: unknown, limits: Partial<DecodeLimits>): string | undefined {
  if (!isObject(value)) return 'an envelope is an object';
  const problem = findProblem(value, limits);
  // Only what would be refused is looked through for nulls: the others pay nothing.
  return problem !== undefined && dropNulls(value) ? findProblem(value, limits) : problem;
}

function findProblem(envelope: Unchecked, limits: Partial<DecodeLimits>): string | undefined {
  const { event, id, meta, error } = envelope;
  if (event === undefined && id === undefined) return 'an envelope has an "event", an "id" or both';
  if (event !== undefined && typeof event !== 'string') return '"event" must be a string';
  const maxLength = limits.eventNameLength ?? decodeDefaults.eventNameLength;
  if (event?.length === 0 || (event !== undefined && event.length > maxLength))
    return `"event" has 1 to ${maxLength} characters`;
  if (id !== undefined && !isMessageId(id, limits.messageIdLength))
    return '"id" must be a short string or a safe integer';
  if (meta !== undefined && !isObject(meta)) return '"meta" must be an object';
  if (error !== undefined && !isErrorBody(error))
    return '"error" must be an object with a "code" and a "message", both strings';
  return findMinorProblem(envelope);
}

function findMinorProblem({ more, done, room, seq, ack, offset, epoch }: Unchecked): string | undefined {
  if (more !== undefined && typeof more !== 'boolean') return '"more" must be a boolean';
  if (done !== undefined && typeof done !== 'boolean') return '"done" must be a boolean';
  if (room !== undefined && typeof room !== 'string') return '"room" must be a string';
  if (epoch !== undefined && typeof epoch !== 'string') return '"epoch" must be a string';
  if (!isPosition(seq) || !isPosition(ack) || !isPosition(offset))
    return '"seq", "ack" and "offset" must be whole numbers';
  return undefined;
}

function isPosition(value: unknown): boolean {
  return value === undefined || (Number.isSafeInteger(value) && (value as number) >= 0);
}

function isErrorBody(error: unknown): error is ErrorBody {
  return isObject(error) && typeof error['code'] === 'string' && typeof error['message'] === 'string';
}

const nullableFields = [
  'event',
  'id',
  'meta',
  'error',
  'more',
  'done',
  'room',
  'seq',
  'ack',
  'offset',
  'epoch',
] as const;

function dropNulls(envelope: Unchecked): boolean {
  let hasDropped = false;
  for (const field of nullableFields) {
    if (envelope[field] !== null) continue;
    Reflect.deleteProperty(envelope, field);
    hasDropped = true;
  }
  return hasDropped;
}
