import { ErrorCode } from './error-code.js';
import { GatewireError } from './gatewire-error.js';
import { decodeDefaults } from './limits.js';

/** Names of the protocol's own events start with it. */
export const reservedPrefix = '$';

/** Whether a name belongs to the protocol. */
export function isReservedEvent(event: string): boolean {
  return event.startsWith(reservedPrefix);
}

/** Refuses what cannot be the name of an application's event. @throws {GatewireError} `BAD_REQUEST` or `RESERVED_EVENT` */
export function checkEventName(event: string, maxLength: number = decodeDefaults.eventNameLength): void {
  if (event.length === 0 || event.length > maxLength) {
    throw new GatewireError(ErrorCode.BadRequest, `an event name has 1 to ${maxLength} characters`);
  }
  if (isReservedEvent(event)) {
    throw new GatewireError(
      ErrorCode.ReservedEvent,
      `event names that start with "${reservedPrefix}" belong to the protocol`,
    );
  }
}
