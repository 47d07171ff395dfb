import { metadataKeys } from '../metadata-keys.js';
import { annotate } from './annotate.js';

/**
 * Lets a gateway's method `(connection, room) => boolean` decide who may subscribe to rooms of a pattern, on the
 * gateway's endpoint: the short form of a `RoomAuthorizer`.
 *
 * @example
 * \@OnSubscribe('stock.*')
 * mayWatch(connection: Connection, room: string) { return connection.principal !== undefined; }
 */
export function OnSubscribe(pattern: string): MethodDecorator {
  return annotate(metadataKeys.onSubscribe, pattern);
}
