import { ErrorCode } from '../protocol/error-code.js';
import { GatewireError } from '../protocol/gatewire-error.js';
import { hasSoundWildcards } from './event-pattern.js';

export { isPattern } from './event-pattern.js';

/** UTF-16 units of a room name. */
const longestRoomName = 255;

/** Refuses what cannot be the name of a room, or a pattern of rooms. @throws {GatewireError} `BAD_REQUEST` */
export function validateRoomName(name: string): void {
  if (typeof name !== 'string') throw unfit('a room name is a string');
  if (name.length === 0 || name.length > longestRoomName)
    throw unfit(`a room name has 1 to ${longestRoomName} characters`);
  if (hasControlCharacter(name)) throw unfit('a room name has no control characters');
  if (!hasSoundWildcards(name))
    throw unfit('a "*" in a room name is a whole segment between dots, and "**" the last one');
}

function hasControlCharacter(name: string): boolean {
  for (let at = 0; at < name.length; at++) {
    const unit = name.charCodeAt(at);
    // C0, DEL and C1.
    if (unit < 0x20 || (unit >= 0x7f && unit <= 0x9f)) return true;
  }
  return false;
}

function unfit(message: string): GatewireError {
  return new GatewireError(ErrorCode.BadRequest, message);
}
