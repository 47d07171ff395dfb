import type { IncomingMessage } from 'node:http';
import type { Connection } from '../connection/connection.js';
import type { DisconnectReason } from '../connection/disconnect-reason.js';
import type { DeadLetter } from '../pipeline/dead-letter.js';
import type { Stage } from '../pipeline/stage.js';
import type { ConnectionProxy } from './connection-proxy.js';
import type { Authenticator } from '../pipeline/stages/authentication/authenticator.js';
import type { MessageHandler, RoomAuthorizerBinding } from '../pipeline/message-handler.js';

/** What one gateway class brings to its endpoint. */
export interface GatewayBinding {
  /** Class name, for logs. */
  readonly name: string;
  /** `@UseMiddleware()` of the gateway: its phases before the 101 and for frames belong to the whole endpoint. */
  readonly stages?: readonly Stage[];
  /** Stages of its handlers: they are told of connections that are gone. */
  readonly handlerStages?: readonly Stage[];
  /** `@ProxyTo()`: the connections of the endpoint are passed on; then it has no handlers. */
  readonly proxy?: ConnectionProxy;
  readonly handlers: readonly MessageHandler[];
  readonly authorizers: readonly RoomAuthorizerBinding[];
  /** Finds out who connects, before {@link handshake}. Absent: anybody may. */
  readonly authenticator?: Authenticator | undefined;
  /** Connect guards, then `onHandshake`: before the 101. Throws to refuse; an `HttpRefusal` or anything with a `getStatus()` says the status. */
  handshake?(connection: Connection, request: IncomingMessage): void | Promise<void>;
  /** `handleConnection`, awaited after the 101. Throws the raw error. */
  connect?(connection: Connection, request: IncomingMessage): void | Promise<void>;
  /** Gives what `connect` threw to the gateway's filters; the default sends the `exception` event with `cause.pattern: 'handleConnection'`. */
  connectFailed?(error: unknown, connection: Connection, request: IncomingMessage): void;
  /** `handleDisconnect`, awaited. */
  disconnect?(connection: Connection, reason: DisconnectReason): void | Promise<void>;
  /** `onDeadLetter`: of what was sent to connections of the endpoint in vain. */
  deadLetter?(letter: DeadLetter): void | Promise<void>;
}
