import type { Connection } from '../../../connection/connection.js';
import type { DisconnectReason } from '../../../connection/disconnect-reason.js';
import type { Handshake } from '../../../connection/handshake.js';
import type { ConnectRecord, DisconnectRecord } from './message-log-record.js';
import { presentFields } from '../../../primitives/present-fields.js';

/** What is known of a handshake. Not its query, which may hold credentials. */
export function connectRecord(handshake: Handshake, durationMs: number): Omit<ConnectRecord, 'outcome'> {
  return {
    type: 'connect',
    endpoint: handshake.path,
    connectionId: (handshake.owner as Connection).id,
    address: handshake.address,
    durationMs,
    ...presentFields({ origin: handshake.origin }),
  };
}

/** What is known of an end. Not its reason, which is the peer's text. */
export function disconnectRecord(
  { id, handshake, principal }: Connection,
  { code, by, wasClean }: DisconnectReason,
  durationMs: number | undefined,
): DisconnectRecord {
  return {
    type: 'disconnect',
    endpoint: handshake.path,
    connectionId: id,
    address: handshake.address,
    closeCode: code,
    by,
    wasClean,
    ...presentFields({ userId: principal?.id, durationMs }),
  };
}
