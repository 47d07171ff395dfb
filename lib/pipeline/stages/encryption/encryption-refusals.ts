import { ErrorCode } from '../../../protocol/error-code.js';
import { GatewireError } from '../../../protocol/gatewire-error.js';
import type { OutboundMessage } from '../../outbound-message.js';
import { keysEvent } from './session-request.js';

/** One text for all that can be wrong: the difference would help nobody but an attacker. */
const failed = new GatewireError(ErrorCode.DecryptionFailed, 'the message cannot be decrypted');

/** Why a frame is refused, by the name it is counted with. */
export const refusals = {
  malformed: failed,
  unknownKey: failed,
  wrong: failed,
  demanded: new GatewireError(ErrorCode.ProtectionRequired, 'messages to this endpoint must be encrypted'),
  // What follows tells the sender nothing that it does not know.
  misused: new GatewireError(
    ErrorCode.BadRequest,
    `with ECDH-ES comes ${keysEvent} alone: cty "keys", a public X25519 key "jwk", and "secret", 32 bytes`,
  ),
  opened: new GatewireError(ErrorCode.Conflict, 'this connection has keys: they are renewed with themselves'),
  replayed: new GatewireError(
    ErrorCode.Replayed,
    '"seq" is missing, or not higher than those of the frames before',
  ),
  tooOften: new GatewireError(ErrorCode.RateLimited, 'this connection has agreed on keys too often'),
} as const;

const texts: ReadonlySet<unknown> = new Set(Object.values(refusals).map(({ message }) => message));

/** Whether a message says no more than one of the refusals, in which nothing is secret. */
export function isRefusal({ event, data }: OutboundMessage): boolean {
  return event === 'exception' && texts.has((data as { message?: unknown } | null | undefined)?.message);
}
