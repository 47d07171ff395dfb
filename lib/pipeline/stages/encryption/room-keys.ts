import { randomBytes } from 'node:crypto';
import type { Connection } from '../../../connection/connection.js';
import { wholeNumber } from '../../../primitives/option-checks.js';
import { ErrorCode } from '../../../protocol/error-code.js';
import { GatewireError } from '../../../protocol/gatewire-error.js';
import { validateRoomName } from '../../../routing/room-name.js';
import { ContentKey, mostMessagesPerKey } from './content-key.js';
import { isSecured, roomKeyEvent } from './connection-keys.js';

/** Bounds of the keys of rooms. */
export interface RoomKeysOptions {
  /** Rooms that have a key at a time. @default 10_000 */
  readonly maxRooms?: number;
  /** Broadcasts that a key may be used for; further ones are dropped until {@link RoomKeys.rotate}. @default 2 ** 32 (NIST SP 800-38D section 8.3) */
  readonly messagesPerKey?: number;
}

/**
 * One key for all in a room, so that a broadcast is encrypted once. Who has been granted it can read everything sent
 * to the room until the key is rotated: rotate when somebody leaves who must not read on.
 *
 * @example
 * const keys = new RoomKeys();
 * connection.join('orders'); keys.grant(connection, 'orders');
 */
export class RoomKeys {
  readonly #maxRooms: number;
  readonly #messagesPerKey: number;
  readonly #keys = new Map<string, ContentKey>();
  #made = 0;

  /** @throws {OptionError} */
  constructor({ maxRooms = 10_000, messagesPerKey = mostMessagesPerKey }: RoomKeysOptions = {}) {
    this.#maxRooms = wholeNumber('maxRooms', maxRooms);
    this.#messagesPerKey = wholeNumber('messagesPerKey', messagesPerKey, 1, mostMessagesPerKey);
  }

  /**
   * Sends a connection the key of a room, made if there is none: the event `room.key` with `{room, jwk}`, encrypted
   * with its session key. False when it was dropped.
   *
   * @throws {GatewireError} `PROTECTION_REQUIRED` for a connection without session keys, `OVERLOADED` at `maxRooms`
   */
  grant(connection: Connection, room: string): boolean {
    if (!isSecured(connection))
      throw new GatewireError(ErrorCode.ProtectionRequired, 'a room key is sent encrypted only', {
        remediation:
          'Grant it to connections that have sent an encrypted message, in a handler with @Encrypted().',
      });
    const key = this.#keys.get(room) ?? this.#make(room);
    return connection.emit(roomKeyEvent, { room, jwk: key.toJwk() }, { key: `${roomKeyEvent} ${room}` });
  }

  /** Makes a new key for a room and grants it to `members`: those who may read on. */
  rotate(room: string, members: Iterable<Connection> = []): void {
    this.#make(room);
    for (const member of members) if (isSecured(member)) this.grant(member, room);
  }

  /** Forgets the key of a room that is no more. */
  forget(room: string): void {
    this.#keys.delete(room);
  }

  /** @internal The key of a room; undefined where nobody has been granted one. */
  find(room: string): ContentKey | undefined {
    return this.#keys.get(room);
  }

  #make(room: string): ContentKey {
    validateRoomName(room);
    if (!this.#keys.has(room) && this.#keys.size >= this.#maxRooms)
      throw new GatewireError(ErrorCode.Overloaded, 'too many rooms have keys', {
        remediation: 'Call forget() for rooms that are no more, or raise maxRooms.',
      });
    const key = new ContentKey(`room:${++this.#made}`, randomBytes(32), this.#messagesPerKey);
    this.#keys.set(room, key);
    return key;
  }
}
