import { limit } from '../primitives/option-checks.js';

/** Bounds of everything a peer can make grow. `false` is no limit; a number is inclusive: that many are let through. */
export interface LimitOptions {
  /** Payload bytes of one inbound message; a longer one closes with 1009. @default 1_048_576 */
  readonly maxPayloadBytes?: number | false;
  /** Fragments of one inbound message; more close with 1008. @default 1024 */
  readonly maxFragments?: number | false;
  /** Chunks of an incomplete inbound message. @default 16_384 */
  readonly maxBufferedChunks?: number | false;
  /** Pongs that wait to be written: who floods pings and reads none of them is terminated. @default 60 */
  readonly maxPendingAutoPongs?: number | false;
  /** Nesting of a JSON message. @default 64 */
  readonly jsonDepth?: number | false;
  /** Envelopes in one batch. @default 256 */
  readonly batchItems?: number | false;
  /** Bytes that wait for one peer before the `slowConsumer` policy works. @default 1_048_576 */
  readonly sendQueueBytes?: number | false;
  /** Messages of one connection that wait for their handlers; then its socket is paused. @default 256 */
  readonly inboundQueueMessages?: number | false;
  /** Bytes of them. @default 262_144 */
  readonly inboundQueueBytes?: number | false;
  /** @default 128 */
  readonly roomsPerConnection?: number | false;
  /** Requests to one peer, and streams for one peer, that are in flight. @default 1024 */
  readonly requestsInFlight?: number | false;
  /** Connections of the whole application; more are refused with 503. @default false */
  readonly connections?: number | false;
  /** Connections from one address; more are refused with 429. @default false */
  readonly connectionsPerAddress?: number | false;
  /** Upgrades that wait for their connect hooks; more are refused with 503. @default 1024 */
  readonly handshakesInFlight?: number | false;
}

export const limitDefaults = {
  maxPayloadBytes: 1_048_576,
  maxFragments: 1024,
  maxBufferedChunks: 16_384,
  maxPendingAutoPongs: 60,
  jsonDepth: 64,
  batchItems: 256,
  sendQueueBytes: 1_048_576,
  inboundQueueMessages: 256,
  inboundQueueBytes: 262_144,
  roomsPerConnection: 128,
  requestsInFlight: 1024,
  connections: false,
  connectionsPerAddress: false,
  handshakesInFlight: 1024,
} as const satisfies Required<LimitOptions>;

/** `Infinity` where there is no limit. */
export type ResolvedLimits = Readonly<Record<keyof LimitOptions, number>>;

/** Fills in defaults. @throws {OptionError} naming the limit that cannot work */
export function resolveLimits(input: LimitOptions = {}): ResolvedLimits {
  const resolved = {} as Record<keyof LimitOptions, number>;
  for (const name of Object.keys(limitDefaults) as (keyof LimitOptions)[]) {
    resolved[name] = limit(`limits.${name}`, input[name] ?? limitDefaults[name]);
  }
  return resolved;
}
