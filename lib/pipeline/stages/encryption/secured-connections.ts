import type { Connection } from '../../../connection/connection.js';
import type { SessionKeys } from './session-keys.js';

/** Keys of connections, for the stages that must know who has some. */
export const securedConnections = new WeakMap<Connection, SessionKeys>();

/** The event that brings a connection the key of a room: never sent in plain. */
export const roomKeyEvent = 'room.key';
