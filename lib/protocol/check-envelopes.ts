import { envelopeProblem, isMessageId, isObject } from './check-envelope.js';
import type { Envelope, MessageId } from './envelope.js';
import { ErrorCode } from './error-code.js';
import { decodeDefaults, type DecodeLimits } from './limits.js';
import { ProtocolError } from './protocol-error.js';
import { valueExceedsDepth } from './value-depth.js';

type Limits = Partial<DecodeLimits>;

/**
 * What every codec does with a value that it has read: one envelope, or an array of them, or a refusal. Nesting is
 * looked at too: a codec that has bounded it before it read the value calls {@link checkEnvelopes} instead.
 *
 * @throws {ProtocolError} `TOO_DEEP`, `BATCH_TOO_LARGE` or `BAD_ENVELOPE`
 */
export function checkDecoded(value: unknown, limits: Limits = decodeDefaults): Envelope | Envelope[] {
  const depth = limits.jsonDepth ?? decodeDefaults.jsonDepth;
  if (valueExceedsDepth(value, depth))
    throw new ProtocolError(ErrorCode.TooDeep, `the frame is nested more than ${depth} deep`);
  return checkEnvelopes(value, limits);
}

/** The same, for a value that is known not to be nested too deeply. @throws {ProtocolError} */
export function checkEnvelopes(value: unknown, limits: Limits): Envelope | Envelope[] {
  if (Array.isArray(value)) return checkBatch(value, limits);
  const problem = envelopeProblem(value, limits);
  if (problem !== undefined)
    throw new ProtocolError(ErrorCode.BadEnvelope, problem, requestIds([value], limits));
  return value as Envelope;
}

function checkBatch(items: unknown[], limits: Limits): Envelope[] {
  const most = limits.batchItems ?? decodeDefaults.batchItems;
  if (items.length === 0) throw new ProtocolError(ErrorCode.BadEnvelope, 'a batch has at least one envelope');
  if (items.length > most)
    throw new ProtocolError(ErrorCode.BatchTooLarge, `a batch has at most ${most} envelopes`);
  for (const item of items) {
    const problem = envelopeProblem(item, limits);
    if (problem !== undefined)
      throw new ProtocolError(ErrorCode.BadEnvelope, problem, requestIds(items, limits));
  }
  return items as Envelope[];
}

/** Ids that wait for an outcome. What has no `event` is an answer, and must not be answered itself. */
export function requestIds(items: readonly unknown[], { messageIdLength }: Limits): MessageId[] {
  const ids: MessageId[] = [];
  for (const item of items) {
    if (isObject(item) && item['event'] != null && isMessageId(item['id'], messageIdLength))
      ids.push(item['id']);
  }
  return ids;
}
