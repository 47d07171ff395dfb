import { CloseCode } from '../protocol/close-code.js';

/** Why a connection ended: the second argument of `handleDisconnect`. */
export interface DisconnectReason {
  /** Close code (RFC 6455 section 7.4); 1006 when no close frame arrived. */
  readonly code: number;
  /** The close frame's reason, at most 123 bytes; empty when there was none. */
  readonly reason: string;
  /** Who ended it: the peer's close frame, this server, or the transport beneath both. */
  readonly by: 'peer' | 'server' | 'transport';
  /** Whether the closing handshake was completed. */
  readonly wasClean: boolean;
}

/** Ends that many connections have at once, when a network goes. */
const losses = {
  peer: loss('peer'),
  server: loss('server'),
  transport: loss('transport'),
};

function loss(by: DisconnectReason['by']): DisconnectReason {
  return Object.freeze({ code: CloseCode.AbnormalClosure, reason: '', by, wasClean: false });
}

/** It ended without a closing handshake (RFC 6455 section 7.1.5). */
export function lost(by: DisconnectReason['by']): DisconnectReason {
  return losses[by];
}
