import { ErrorCode } from '../protocol/error-code.js';
import { GatewireError } from '../protocol/gatewire-error.js';

/** What needs a socket was asked before there is one. */
export function notOpen(): GatewireError {
  return new GatewireError(ErrorCode.Disconnected, 'the connection has no socket before the 101', {
    remediation: 'Send from handleConnection or later; during the handshake there is nobody to send to.',
  });
}
