import {
  type HeartbeatOptions,
  type ResolvedHeartbeatOptions,
  resolveHeartbeatOptions,
} from '../connection/heartbeat.js';
import { resolveSlowConsumerPolicy, type SlowConsumerPolicy } from '../connection/slow-consumer.js';
import {
  type HistoryOptions,
  type ResolvedHistoryOptions,
  resolveHistoryOptions,
} from '../delivery/history-options.js';
import type { Codec } from '../protocol/codec.js';
import { CodecTable } from '../protocol/codec-table.js';
import { type Compression, type CompressionOptions, createCompression } from './compression.js';
import { durationMs, limit, wholeNumber } from '../primitives/option-checks.js';
import { OptionError } from '../primitives/option-error.js';
import { type LimitOptions, type ResolvedLimits, resolveLimits } from './limits.js';
import { type LateMessagePolicy, resolveLateMessagePolicy } from './message-deadlines.js';
import {
  createOriginPolicy,
  createTrustPolicy,
  type OriginOptions,
  type OriginPolicy,
} from './origin-policy.js';
import { type OwnPortsOption, type ResolvedOwnPort, resolveOwnPorts } from './own-port-options.js';
import {
  type ResolvedSessionOptions,
  resolveSessionOptions,
  type SessionOptions,
} from './session-options.js';
import { type ResolvedTimeouts, resolveTimeouts, type TimeoutOptions } from './timeouts.js';
import { createTrustProxy, type TrustProxy, type TrustProxyOption } from './trust-proxy.js';

/** How a server goes down. */
export interface ShutdownOptions {
  /** Time in milliseconds in which connections are closed, in batches, before what is left is terminated. @default 30_000 */
  readonly drainMs?: number;
}

/** Everything that can be set. Every key is optional; the defaults are safe for the open internet. */
export interface EngineOptions {
  /** Who may connect from a browser. @default pages of the same host */
  readonly origins?: OriginOptions;
  /** Proxies that are believed in `X-Forwarded-For`, `-Proto` and `-Host`, as Express' `trust proxy` has it (docs/proxies). @default false */
  readonly trustProxy?: TrustProxyOption;
  /** TLS and the PROXY protocol on ports of gateways' own. @default plain */
  readonly ownPorts?: OwnPortsOption;
  /** Handlers of one connection that may run at once. @default 32 */
  readonly concurrency?: number;
  readonly heartbeat?: HeartbeatOptions | false;
  readonly timeouts?: TimeoutOptions;
  readonly limits?: LimitOptions;
  /** @default 'disconnect' */
  readonly slowConsumer?: SlowConsumerPolicy;
  /** What becomes of messages that are older than their `meta.deadlineMs` when their turn comes. @default 'drop' */
  readonly lateMessages?: LateMessagePolicy;
  /** Splits longer messages into continuation frames of this many payload bytes. @default false */
  readonly fragmentBytes?: number | false;
  /** What clients may choose to speak, by the subprotocol `gatewire.v1.<name>`; plain clients speak JSON. @default [json()] */
  readonly codecs?: readonly Codec[];
  /** permessage-deflate. @default false */
  readonly compression?: boolean | CompressionOptions;
  /** What outlives a connection, where its client asks for it. `false`: nothing does. */
  readonly session?: SessionOptions | false;
  /** Rooms that remember what was published to them. @default none */
  readonly history?: HistoryOptions;
  readonly shutdown?: ShutdownOptions;
  /** `platform-ws`: behaves as Nest's own adapter even where that is less safe (docs/MIGRATION.md). @default undefined */
  readonly compatibility?: 'platform-ws' | undefined;
}

export interface ResolvedEngineOptions {
  readonly allowsOrigin: OriginPolicy;
  /** Whose pages may use the user's cookies: those that `origins` names; without a list, those of the same host. */
  readonly trustsOrigin: OriginPolicy;
  readonly trustProxy: TrustProxy;
  readonly ownPort: (port: number) => ResolvedOwnPort;
  readonly concurrency: number;
  readonly heartbeat: ResolvedHeartbeatOptions;
  readonly timeouts: ResolvedTimeouts;
  readonly limits: ResolvedLimits;
  readonly slowConsumer: SlowConsumerPolicy;
  readonly lateMessages: LateMessagePolicy;
  /** `Infinity`: never split. */
  readonly fragmentBytes: number;
  readonly codecs: CodecTable;
  readonly compression: Compression | null;
  /** Null: there are none. */
  readonly session: ResolvedSessionOptions | null;
  readonly history: ResolvedHistoryOptions;
  readonly drainMs: number;
  /** Equal to platform-ws without exception. */
  readonly isCompatible: boolean;
}

/** What platform-ws has instead of limits: those of `ws` 8.22 and none of its own. */
const compatibleLimits: LimitOptions = {
  maxPayloadBytes: 100 * 1024 * 1024,
  maxFragments: 16 * 1024,
  maxBufferedChunks: 256 * 1024,
  jsonDepth: false,
  batchItems: false,
  sendQueueBytes: false,
  inboundQueueMessages: false,
  inboundQueueBytes: false,
  handshakesInFlight: false,
};

/** Fills in defaults and refuses values that cannot work. @throws {OptionError} naming option, expected and got */
export function resolveEngineOptions(input: EngineOptions = {}): ResolvedEngineOptions {
  const compatibility: unknown = input.compatibility;
  const isCompatible = compatibility === 'platform-ws';
  if (!isCompatible && compatibility !== undefined) {
    throw new OptionError('compatibility', '"platform-ws" or nothing', compatibility);
  }
  const limits = resolveLimits(isCompatible ? { ...compatibleLimits, ...input.limits } : input.limits);
  return {
    allowsOrigin: createOriginPolicy(input.origins ?? (isCompatible ? false : undefined)),
    trustsOrigin: createTrustPolicy(input.origins),
    trustProxy: createTrustProxy(input.trustProxy ?? false),
    ownPort: resolveOwnPorts(input.ownPorts),
    concurrency: limit('concurrency', input.concurrency ?? (isCompatible ? false : 32)),
    heartbeat: resolveHeartbeatOptions(input.heartbeat ?? (isCompatible ? false : undefined)),
    timeouts: resolveTimeouts(isCompatible ? { connectMs: false, ...input.timeouts } : input.timeouts),
    limits,
    slowConsumer: resolveSlowConsumerPolicy(input.slowConsumer),
    lateMessages: resolveLateMessagePolicy(input.lateMessages),
    fragmentBytes: limit('fragmentBytes', input.fragmentBytes ?? false),
    codecs: new CodecTable(input.codecs),
    compression: createCompression(input.compression, input.slowConsumer),
    session: resolveSessionOptions(input.session, { isCompatible, ...limits }),
    history: resolveHistoryOptions(input.history),
    drainMs: wholeNumber(
      'shutdown.drainMs',
      durationMs('shutdown.drainMs', input.shutdown?.drainMs ?? 30_000, 0),
      0,
    ),
    isCompatible,
  };
}
