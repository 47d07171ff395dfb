import type { RetryStrategy } from '../exchange/retry-strategy.js';
import type { Clock } from '../primitives/clock.js';
import type { Codec } from '../protocol/codec.js';
import type { Environment } from './environment.js';
import type { Flow } from './flow.js';
import type { RoomHistoryFactory } from './history.js';
import type { KeeperFactory } from './keeper.js';
import type { PipelineFactory } from './pipeline.js';
import type { Connect } from './socket.js';

/** A value, or who knows it: asked again at every attempt to connect. */
export type Provided<Value> = Value | (() => Value | Promise<Value>);

/** What happens to a new message when the outbox is full. */
export type OutboxPolicy = 'refuse' | 'drop-oldest' | 'drop-newest';

/** Messages that wait for a connection, or for their outcome. */
export interface OutboxOptions {
  /** @default 1_000 */
  readonly messages?: number;
  /** Bytes of their JSON, roughly. @default 1_048_576 */
  readonly bytes?: number;
  /** A message that has not been settled for so long is given up: `EXPIRED`. `false`: never. @default 86_400_000 (a day) */
  readonly ageMs?: number | false;
  /**
   * `refuse`: it fails with `OUTBOX_FULL`. `drop-oldest`: the oldest emit gives way to it (never a request). `drop-newest`: an emit is
   * dropped, which its `delivered` tells. @default 'refuse'
   */
  readonly whenFull?: OutboxPolicy;
}

/** How long things may take. In milliseconds; `false`: for ever. */
export interface ClientTimeouts {
  /** From the attempt to connect until the client may send. @default 10_000 */
  readonly connectMs?: number | false;
  /** For the answer to a request. @default 10_000 */
  readonly requestMs?: number | false;
  /** For the closing handshake. @default 2_000 */
  readonly closeMs?: number | false;
  /** Without a message of the application in either direction; then it closes with 1000 and comes back with the next one. @default false */
  readonly idleMs?: number | false;
}

/** What a client is made with. Only `url` is needed. */
export interface ClientOptions {
  /** `ws:` or `wss:`; a relative one, or `http(s):`, is taken against the page. */
  readonly url: Provided<string | URL>;
  /** A bearer token: sent as `gatewire.bearer.*` subprotocol by browsers, as `Authorization` header by Node. */
  readonly token?: Provided<string | undefined>;
  /** Where the token goes: `auto`, or `message`: in the `$auth` message, so that no proxy logs it. @default 'auto' */
  readonly tokenIn?: 'auto' | 'message';
  /** Headers of the upgrade request: Node only. */
  readonly headers?: Provided<Readonly<Record<string, string>>>;
  /** Whether a session is asked for. Without one nothing is resumed, and what was sent when a connection broke fails with `DISCONNECTED`. @default true */
  readonly session?: boolean;
  /** Connect at once. @default true */
  readonly autoConnect?: boolean;
  /** @default JSON, with bytes in the binary layout */
  readonly codec?: Codec;
  /** When to try again. @default exponential backoff from 500 ms to 30 s with full jitter, without end */
  readonly reconnect?: RetryStrategy | false;
  readonly timeouts?: ClientTimeouts;
  readonly outbox?: OutboxOptions;
  /** Keeps the outbox and the session across a reload or a crash: `persist(indexedDb())`. @default nothing is kept */
  readonly storage?: KeeperFactory;
  /** Keeps messages of rooms that have come, for `client.history(room)`: `roomHistory(indexedDb(), { rooms })`. @default nothing is kept */
  readonly history?: RoomHistoryFactory;
  /** Stages around the codec: `pipeline(compression(), signing(keys))`. */
  readonly pipeline?: PipelineFactory;
  /** What is sent when, and together with what: `{ order: priorities(), batch: batching() }`. @default at once, in order, a frame each */
  readonly flow?: Flow;
  /** Closes with 1010 when the server has not granted this extension (`permessage-deflate`). */
  readonly requireExtension?: string;
  /** Opens sockets. @default what the platform has */
  readonly connect?: Connect;
  /** @default what the platform tells */
  readonly environment?: Environment;
  /** @default the machine's */
  readonly clock?: Clock;
}
