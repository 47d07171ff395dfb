import { clientClock } from '../primitives/clock.js';
import type { Clock } from '../primitives/clock.js';
import { durationMs, wholeNumber } from '../primitives/option-checks.js';
import { OptionError } from '../primitives/option-error.js';
import type { Connect } from '../client/socket.js';
import type { Codec } from '../protocol/codec.js';
import { json } from '../protocol/codecs/json.js';
import type { MessageId } from '../protocol/envelope.js';
import { nodeSocket } from '../client/node/ws-socket.js';
import { Comparables } from './comparable.js';
import type { RecordingSource } from './recording-reader.js';
import type { ReplayDifference } from './replay-report.js';

/** A connection of the recording that is made anew. */
export interface ReplayConnection {
  /** In the recording, from 1. */
  readonly number: number;
  /** From 0: which of those that are made of it. */
  readonly copy: number;
  readonly path: string;
  /** The same for all connections that one principal had. */
  readonly user?: string;
}

/** A message that is about to be sent. */
export interface ReplayMessage {
  readonly event: string | undefined;
  readonly id: MessageId | undefined;
  /** As it was recorded; `'[redacted]'` stands where something was left out. */
  readonly data: unknown;
  readonly meta: Record<string, unknown> | undefined;
}

/** The same for all connections, or made for each. */
export type PerConnection<Value> = Value | ((connection: ReplayConnection) => Value | Promise<Value>);

/** How a recording is replayed. */
export interface ReplayOptions {
  /** The recording: the path of a file, or a stream of what it holds. */
  readonly file: RecordingSource;
  /** The server, `ws:` or `wss:`: recorded paths are put behind it. A function says the whole URL of a connection. */
  readonly url: string | ((connection: ReplayConnection) => string);
  /**
   * A number: by the clock, so many times as fast as it was recorded; answers are not waited for. `'max'`: as fast as the server
   * answers, in the order of the recording: a message is sent when all has come that had come before it. @default 1
   */
  readonly speed?: number | 'max';
  /** How many connections are made of each that was recorded. @default 1 */
  readonly connections?: number;
  /** A bearer token. */
  readonly token?: PerConnection<string | undefined>;
  /** Headers of the upgrade requests. */
  readonly headers?: PerConnection<Readonly<Record<string, string>>>;
  /** How long something that was recorded is waited for, in milliseconds. @default 5_000 */
  readonly timeoutMs?: number;
  /**
   * What must be as it was recorded: answers and events, answers alone, or nothing but that answers come. @default 'all', but
   * 'answers' where only a sample was recorded, or several connections are made of each
   */
  readonly compare?: 'all' | 'answers' | 'none';
  /** Where differences do not matter: `data.at`, `**.id`; for some events only `order.*:data.total`. @default nowhere */
  readonly ignore?: readonly string[];
  /** Whether events of one name must come in the order of the recording. Answers and items of a stream always must. @default false */
  readonly ordered?: boolean;
  /** Changes a message before it is sent: fills in what was redacted, say; null: it is not sent. */
  readonly rewrite?: (message: ReplayMessage, connection: ReplayConnection) => ReplayMessage | null;
  /** Told of each difference, also beyond those that the report has. */
  readonly onDifference?: (difference: ReplayDifference) => void;
  /** Differences that the report has. @default 100 */
  readonly maxDifferences?: number;
  /** What messages are sent with, whatever the recorded ones were. @default json() */
  readonly codec?: Codec;
  /** Ends it early: it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Opens sockets: `nodeSocket({ ca })` of `gatewire/client/node`. @default nodeSocket() */
  readonly connect?: Connect;
  /** @default the machine's */
  readonly clock?: Clock;
}

const replayDefaults = {
  speed: 1,
  connections: 1,
  timeoutMs: 5_000,
  ignore: [],
  ordered: false,
  maxDifferences: 100,
} as const satisfies Partial<ReplayOptions>;

type Given = 'token' | 'headers' | 'rewrite' | 'onDifference' | 'signal' | 'compare';

export type ResolvedReplayOptions = Required<Omit<ReplayOptions, Given>> &
  Pick<ReplayOptions, Given> & { readonly comparables: Comparables };

/** @throws {OptionError} */
export function resolveReplayOptions(input: ReplayOptions): ResolvedReplayOptions {
  const options = { ...replayDefaults, ...input };
  const { speed, compare, file, url } = options;
  if (speed !== 'max' && !(typeof speed === 'number' && speed > 0 && speed < Infinity))
    throw new OptionError('speed', "a number above 0, or 'max'", speed);
  if (compare !== undefined && !['all', 'answers', 'none'].includes(compare))
    throw new OptionError('compare', "'all', 'answers' or 'none'", compare);
  if (
    typeof file !== 'string' &&
    typeof (file as Partial<AsyncIterable<string>> | null)?.[Symbol.asyncIterator] !== 'function'
  )
    throw new OptionError('file', 'the path of a file, or a stream', file);
  if (typeof url === 'string') checkUrl(url);
  return {
    ...options,
    connections: wholeNumber('connections', options.connections, 1, 10_000),
    timeoutMs: durationMs('timeoutMs', wholeNumber('timeoutMs', options.timeoutMs)),
    maxDifferences: wholeNumber('maxDifferences', options.maxDifferences, 0),
    codec: options.codec ?? json(),
    connect: options.connect ?? nodeSocket(),
    clock: options.clock ?? clientClock,
    comparables: new Comparables(options.ignore, compare === 'none'),
  };
}

function checkUrl(url: string): void {
  if (!URL.canParse(url) || !/^(ws|http)s?:$/.test(new URL(url).protocol))
    throw new OptionError('url', 'a ws:, wss:, http: or https: URL', url);
}
