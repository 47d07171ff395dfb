import type { SessionSettings } from '../connection/session.js';
import { durationMs, limit, wholeNumber } from '../primitives/option-checks.js';
import { OptionError } from '../primitives/option-error.js';
import type { SessionStore } from '../store/session-store.js';

/** What outlives a connection, where its client asks for it (docs/sessions.md). */
export interface SessionOptions {
  /** How long a session waits for its client, in milliseconds. @default 120_000 */
  readonly resumeMs?: number;
  /** Messages of a session that are kept until they are acknowledged, the latest. @default 1_000 */
  readonly messages?: number;
  /** Bytes of them. @default 1_048_576 */
  readonly bytes?: number;
  /**
   * Sessions of the whole application whose clients are away; for one more the longest away ends. With a `store` all of them are
   * away when the process starts. @default 10_000
   */
  readonly away?: number | false;
  /** For the first message of a client that has offered `gatewire.session`; then the connection is closed with 4408. @default 10_000 */
  readonly helloMs?: number | false;
  /** Where sessions outlive the process (docs/durable-sessions.md); the module closes it. @default they end with it */
  readonly store?: SessionStore;
  /** The name of this process among those that share the store; the same when it is started again. @default a new one each time */
  readonly node?: string;
}

export const sessionDefaults = {
  resumeMs: 120_000,
  messages: 1_000,
  bytes: 1_048_576,
  away: 10_000,
  helloMs: 10_000,
} as const satisfies Required<Omit<SessionOptions, 'store' | 'node'>>;

/** `Infinity` where there is no limit. */
export interface ResolvedSessionOptions extends SessionSettings {
  readonly resumeMs: number;
  readonly away: number;
  readonly helloMs: number;
  readonly store: SessionStore | null;
  readonly node: string | undefined;
}

/** Options of others that sessions go by. */
export interface SessionSurroundings {
  readonly isCompatible: boolean;
  readonly requestsInFlight: number;
}

/** Ids of messages that are remembered: at least so many, and so many where those in flight are not limited. */
const fewestIds = 2_048;
const manyIds = 65_536;
/** Replies kept for messages that come again: of a session, and of all. */
const repliesBytes = 1_048_576;
const allRepliesBytes = 67_108_864;

/** Fills in defaults; `false`: no sessions, then null. @throws {OptionError} */
export function resolveSessionOptions(
  input: SessionOptions | false = {},
  { isCompatible, requestsInFlight }: SessionSurroundings = { isCompatible: false, requestsInFlight: 1024 },
): ResolvedSessionOptions | null {
  if (input === false || isCompatible) return null;
  return {
    resumeMs: wholeNumber(
      'session.resumeMs',
      durationMs('session.resumeMs', input.resumeMs ?? sessionDefaults.resumeMs),
    ),
    messages: wholeNumber('session.messages', input.messages ?? sessionDefaults.messages),
    bytes: wholeNumber('session.bytes', input.bytes ?? sessionDefaults.bytes),
    away: limit('session.away', input.away ?? sessionDefaults.away),
    helloMs: durationMs('session.helloMs', input.helloMs ?? sessionDefaults.helloMs),
    handled: {
      messages: requestsInFlight === Infinity ? manyIds : Math.max(fewestIds, 2 * requestsInFlight),
      bytes: repliesBytes,
      shared: { max: allRepliesBytes, used: 0 },
    },
    isOver: false,
    store: input.store ?? null,
    node: nodeName(input.node),
  };
}

function nodeName(node: unknown): string | undefined {
  if (node === undefined || (typeof node === 'string' && /^[^/]{1,255}$/.test(node))) return node;
  throw new OptionError('session.node', 'a name of 1 to 255 characters without a slash', node);
}
