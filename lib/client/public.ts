/** What `gatewire/client` has beside `createClient`, on every platform. */
export type {
  Client,
  ClientEvents,
  ClientStatus,
  Emitted,
  EmitOptions,
  EventsOptions,
  RequestOptions,
  RoomMessage,
  SendOptions,
  Subscription,
  Unsubscribe,
} from './client-api.js';
export type { ClientState } from './client-states.js';
export type {
  AnyContract,
  Contract,
  Item,
  Received,
  ReceivedData,
  Reply,
  Sent,
  SentData,
} from './contract.js';
export type { Environment } from './environment.js';
export type { Batch, BatchHost, Combiner, Emit, Flow, FrameTaker, Line, Ranked } from './flow.js';
export type { ClientFrame, ClientLink, ClientMessage, ClientMiddleware } from './middleware.js';
export type { ClientOptions, ClientTimeouts, OutboxOptions, OutboxPolicy, Provided } from './options.js';
export type { ClientSocket, Connect, SocketListener, SocketRequest } from './socket.js';
export type { ClientStorage } from './storage.js';
export {
  exponential,
  type ExponentialOptions,
  fixed,
  immediate,
  type RetryAttempt,
  type RetryLimits,
  type RetryStrategy,
  stepwise,
} from '../exchange/retry-strategy.js';
export { GatewireError, isGatewireError } from '../protocol/gatewire-error.js';
export { OptionError } from '../primitives/option-error.js';
export { type KeeperFactory, persist } from './keeper.js';
export { pipeline, type PipelineFactory } from './pipeline.js';
