import type { Connection } from '../../connection/connection.js';
import { metadataKeys } from '../metadata-keys.js';
import { annotate } from './annotate.js';

/** Decides about clients' use of the rooms it is responsible for. What is absent is refused. */
export interface RoomAuthorizer {
  /** May this client subscribe? `room` may be a pattern that its own covers. */
  canSubscribe?(connection: Connection, room: string): boolean | Promise<boolean>;
  /** May this client publish? */
  canPublish?(connection: Connection, room: string, event: string, data: unknown): boolean | Promise<boolean>;
}

/**
 * Makes a provider responsible for the rooms of these patterns, on every endpoint. Without one, clients can neither
 * subscribe nor publish.
 *
 * @example
 * \@RoomAuthorizer('stock.*')
 * export class StockRooms implements RoomAuthorizer {
 *   canSubscribe(connection: Connection) { return connection.principal !== undefined; }
 * }
 */
export function RoomAuthorizer(...patterns: [string, ...string[]]): ClassDecorator {
  return annotate(metadataKeys.roomAuthorizer, patterns);
}
