import { deserialize, serialize } from 'node:v8';
import { hasBinary } from '../../../protocol/binary-data.js';
import { ErrorCode, errorTraits } from '../../../protocol/error-code.js';
import { GatewireError, isGatewireError } from '../../../protocol/gatewire-error.js';
import type { DedupRecord } from '../../../store/dedup-store.js';
import type { InboundMessage, MessageOutcome } from '../../inbound-message.js';

/** What a message came to, as it is kept: what an error of the application says is known only where it is sent. */
export type RememberedOutcome = DedupRecord | { event: string; kind: 'thrown'; error: unknown };

/** What is kept, and how much room it takes. */
export interface Remembered {
  readonly outcome: RememberedOutcome;
  readonly bytes: number;
}

/** What an error of the application is taken to need: its text, its stack, what it holds. */
const thrownBytes = 1_024;

/**
 * A copy of what became of a message: what a handler changes later must not change what it has answered.
 */
export function rememberOutcome(message: InboundMessage, event: string, maxBytes: number): Remembered {
  const { outcome, connection } = message;
  const done: Remembered = { outcome: { event, kind: 'done' }, bytes: 0 };
  if (outcome === undefined || outcome.kind === 'stream') return done;
  if (outcome.kind === 'dropped')
    return { outcome: { event, kind: 'dropped', reason: outcome.reason }, bytes: 0 };
  const remembered =
    outcome.kind === 'error'
      ? rememberError(outcome.error, event)
      : rememberValue(outcome.value, event, connection.encoding?.isPlain !== false);
  return remembered === undefined || remembered.bytes > maxBytes ? done : remembered;
}

/** Whether nothing was done, and the sender is told to come back: then the next one is a first. */
export function isToBeRepeated(outcome: MessageOutcome | undefined): boolean {
  if (outcome?.kind !== 'error' || !isGatewireError(outcome.error)) return false;
  const traits = (errorTraits as Readonly<Record<string, (typeof errorTraits)[ErrorCode]>>)[
    outcome.error.code
  ];
  return traits?.advice === 'retry' || traits?.advice === 'refresh' || outcome.error.code === 'CANCELLED';
}

/** Gives a repeat what the first was given. */
export function recallOutcome(message: InboundMessage, outcome: RememberedOutcome): void {
  switch (outcome.kind) {
    case 'value':
      return message.answer(recalledValue(outcome));
    case 'dropped':
      return message.drop(outcome.reason);
    case 'error':
      return message.reject(outcome.code, outcome.message, outcome.details);
    case 'thrown':
      return message.settle({ kind: 'error', error: outcome.error });
    case 'running':
      return message.reject(ErrorCode.Duplicate, 'the same message is being handled');
    case 'done':
      return message.reject(ErrorCode.Duplicate, 'the same message has been handled; its answer is not kept');
  }
}

/** What a store can keep of it. */
export function toRecord(outcome: RememberedOutcome): DedupRecord {
  return outcome.kind === 'thrown' ? { event: outcome.event, kind: 'done' } : outcome;
}

function rememberError(error: unknown, event: string): Remembered {
  if (!isGatewireError(error)) return { outcome: { event, kind: 'thrown', error }, bytes: thrownBytes };
  const { code, message, details } = error;
  const copy = details === undefined ? undefined : JSON.stringify(details);
  return {
    outcome: {
      event,
      kind: 'error',
      code,
      message,
      ...(copy !== undefined && { details: JSON.parse(copy) as unknown }),
    },
    bytes: code.length + Buffer.byteLength(message) + Buffer.byteLength(copy ?? ''),
  };
}

/**
 * A copy of a reply. Undefined for what cannot be copied.
 *
 * @param isPlain whether it is sent as JSON
 */
export function rememberValue(
  value: unknown,
  event: string,
  isPlain: boolean,
): (Remembered & { readonly outcome: DedupRecord }) | undefined {
  if (value === undefined) return { outcome: { event, kind: 'value' }, bytes: 0 };
  const isBytes = hasBinary(value) || hasBinary(dataOf(value));
  try {
    if (isPlain && !isBytes) {
      const json = JSON.stringify(value) as string | undefined;
      return json === undefined
        ? { outcome: { event, kind: 'value' }, bytes: 0 }
        : { outcome: { event, kind: 'value', json }, bytes: Buffer.byteLength(json) };
    }
    if (speaksForItself(value)) return undefined;
    const bytes = serialize(value).toString('base64');
    return { outcome: { event, kind: 'value', bytes }, bytes: bytes.length };
  } catch {
    // A function, a proxy: what cannot be copied is not kept, and a repeat is told so.
    return undefined;
  }
}

/** Of `{event, data}`, the data. */
function dataOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? (value as { data?: unknown }).data : undefined;
}

/** Whether something in it says by itself how it is encoded: no copy would. */
function speaksForItself(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (value instanceof Date || ArrayBuffer.isView(value)) return false;
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') return true;
  return Object.values(value).some(speaksForItself);
}

/** What was answered. */
export function recalledValue({ json, bytes }: Extract<DedupRecord, { kind: 'value' }>): unknown {
  if (json !== undefined) return JSON.parse(json);
  return bytes === undefined ? undefined : deserialize(Buffer.from(bytes, 'base64'));
}

/** For messages that are the same by their key and not by what they ask. */
export const otherEvent = new GatewireError(
  ErrorCode.Conflict,
  'this id or key was used for a message of another event',
);
