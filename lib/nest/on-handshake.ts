import type { Connection } from '../connection/connection.js';
import type { Handshake } from '../connection/handshake.js';

/**
 * A gateway's say before the 101, after its connect guards. What it throws refuses the connection with a real HTTP
 * status: that of an `HttpException`, 403 for a `WsException`, that of a `GatewireError`'s code, else 500.
 */
export interface OnHandshake {
  /** May set `connection.principal` and `connection.data`; nothing can be sent yet. */
  onHandshake(handshake: Handshake, connection: Connection): void | Promise<void>;
}
