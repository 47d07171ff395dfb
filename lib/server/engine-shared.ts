import type { ConnectionCounters } from '../connection/connection-counters.js';
import type { FlushScheduler } from '../connection/flush-scheduler.js';
import type { Heartbeat } from '../connection/heartbeat.js';
import type { RoomHistoriesSettings } from '../delivery/room-histories.js';
import type { StageHost } from '../pipeline/middleware.js';
import type { Stage } from '../pipeline/stage.js';
import type { Clock } from '../primitives/clock.js';
import type { ThrottledLog } from '../primitives/throttled-log.js';
import type { Transport } from '../transport/transport.js';
import type { WsEndpointOptions } from '../transport/ws/ws-transport.js';
import type { Admission } from './admission.js';
import type { EngineLogger } from './engine-logger.js';
import type { FrameDecoder } from './frame-decoder.js';
import type { MessengerSettings } from './messenger.js';
import type { ResolvedEngineOptions } from './options.js';
import type { Outcomes } from './outcomes.js';
import type { PeerAcks } from './peer-acks.js';
import type { ErrorCounts, Refusals } from './refusals.js';
import type { Sessions } from './sessions.js';

/** What the endpoints of one engine have in common. */
export interface EngineShared {
  readonly options: ResolvedEngineOptions;
  readonly clock: Clock;
  readonly logger: EngineLogger;
  readonly log: ThrottledLog;
  readonly counters: ConnectionCounters;
  readonly errorCounts: ErrorCounts;
  readonly scheduler: FlushScheduler;
  readonly heartbeat: Heartbeat;
  readonly admission: Admission;
  readonly stageHost: StageHost;
  /** What stages have yet to do when all connections are closed. */
  readonly closeTasks: readonly (() => void | Promise<void>)[];
  /** What stages have counted, by name. */
  readonly stageCounts: Map<string, number>;
  /** The module's stages, in order. */
  readonly stages: readonly Stage[];
  readonly decoder: FrameDecoder;
  readonly outcomes: Outcomes;
  /** Questions that may be answered by another way than the connection. */
  readonly acks: PeerAcks;
  readonly refusals: Refusals;
  /** What rooms with history have in common. */
  readonly history: Pick<RoomHistoriesSettings, 'log' | 'retentionOf' | 'pageBytes' | 'failed'>;
  /** Null: there are none. */
  readonly sessions: Sessions | null;
  readonly messenger: MessengerSettings;
  readonly createTransport: (wsOptions: WsEndpointOptions, subprotocols: readonly string[]) => Transport;
}
