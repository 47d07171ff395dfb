import { wholeNumber, limit, durationMs } from '../../../primitives/option-checks.js';
import { OptionError } from '../../../primitives/option-error.js';
import { DataPaths } from '../../../exchange/data/data-path.js';
import type { AnyMessage, MessageDirection } from '../message-subject.js';
import type { AuditSink } from './log-sink.js';
import type { SampleRates } from '../../../routing/sampler.js';

/** What a message log writes. */
export interface MessageLogOptions {
  /** Names and patterns of events; a `$publish` counts as the event that it publishes. @default every event */
  readonly events?: readonly string[];
  /** @default 'both' */
  readonly direction?: MessageDirection | 'both';
  /** Lines for connections that come, are refused, and go. Only in the module's `middleware`. @default true */
  readonly connections?: boolean;
  /** Whether replies get lines of their own: the line of the message they answer has their outcome. @default false */
  readonly replies?: boolean;
  /**
   * Logs what goes out when it is encoded, with its bytes: one line for each codec that receivers have. Only in the module's
   * `middleware`. @default false
   */
  readonly outboundBytes?: boolean;
  /** Level of what went well; errors of the peer's making are warnings, `INTERNAL` is an error. @default 'log' */
  readonly level?: 'log' | 'debug' | 'verbose';
  /** Which part of the messages is logged, 0 to 1; by event: the most specific name or pattern counts. Errors always are. @default 1 */
  readonly sample?: SampleRates;
  /** By chance for each message, or all or nothing of a connection, by its id. @default 'message' */
  readonly sampleBy?: 'message' | 'connection';
  /** Where chance comes from. @default Math.random */
  readonly random?: () => number;
  /** Logs `data`: the message's, or what the function makes of it. @default false */
  readonly payload?: boolean | ((message: AnyMessage, direction: MessageDirection) => unknown);
  /** Characters of a payload that are logged. @default 1_024 */
  readonly payloadCharacters?: number | false;
  /** What of a payload is not logged: `data.password`, `data.cards.*.number`, `**.token`. @default nothing */
  readonly redact?: readonly string[];
  /** Gets every record, sampled or not. */
  readonly audit?: AuditSink;
  /** Records that wait for the sink; further ones are lost, and counted. @default 1_000 */
  readonly auditRecords?: number | false;
  /** How long a shutdown waits for the sink, in milliseconds. @default 5_000 */
  readonly auditFlushMs?: number;
}

/** The first name of each path of what is redacted. */
const payloadRoot = 'data';

const messageLogDefaults = {
  direction: 'both',
  connections: true,
  replies: false,
  outboundBytes: false,
  level: 'log',
  sample: 1,
  sampleBy: 'message',
  random: Math.random,
  payload: false,
  payloadCharacters: 1_024,
  auditRecords: 1_000,
  auditFlushMs: 5_000,
} as const satisfies MessageLogOptions;

export type ResolvedMessageLogOptions = Required<Omit<MessageLogOptions, 'events' | 'audit' | 'redact'>> & {
  readonly payloadCharacters: number;
  readonly auditRecords: number;
  readonly redact: DataPaths | undefined;
};

/** @throws {OptionError} */
export function resolveMessageLogOptions(input: MessageLogOptions): ResolvedMessageLogOptions {
  const options = { ...messageLogDefaults, ...input };
  oneOf('direction', options.direction, ['inbound', 'outbound', 'both']);
  oneOf('level', options.level, ['log', 'debug', 'verbose']);
  oneOf('sampleBy', options.sampleBy, ['message', 'connection']);
  if (typeof options.payload !== 'boolean' && typeof options.payload !== 'function')
    throw new OptionError('payload', 'true, false or a function', options.payload);
  if (options.audit !== undefined && typeof (options.audit as Partial<AuditSink>).write !== 'function')
    throw new OptionError('audit', 'an object with write(record)', options.audit);
  return {
    ...options,
    payloadCharacters: limit('payloadCharacters', options.payloadCharacters),
    redact: redactedPaths(options.redact),
    auditRecords: limit('auditRecords', options.auditRecords),
    auditFlushMs: durationMs('auditFlushMs', wholeNumber('auditFlushMs', options.auditFlushMs, 0), 0),
  };
}

/** A path that leads nowhere would be a secret in the log. */
function redactedPaths(paths: readonly string[] | undefined): DataPaths | undefined {
  if (paths === undefined || paths.length === 0) return undefined;
  for (const path of paths) {
    if (![payloadRoot, '**'].includes(path.split('.')[0] as string))
      throw new OptionError('redact', `paths that begin with "${payloadRoot}." or "**."`, path);
  }
  return new DataPaths('redact', paths);
}

function oneOf(option: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value))
    throw new OptionError(option, allowed.map((one) => `'${one}'`).join(' or '), value);
}
