import type { Next } from '../../../exchange/compose.js';
import { OptionError } from '../../../primitives/option-error.js';
import { ErrorCode } from '../../../protocol/error-code.js';
import { GatewireError } from '../../../protocol/gatewire-error.js';
import { hasSoundWildcards, matchesPattern } from '../../../routing/event-pattern.js';
import type { GatewayMiddleware, StageHost } from '../../middleware.js';
import type { OutboundFrame } from '../../outbound-frame.js';
import type { OutboundMessage } from '../../outbound-message.js';
import { contentTypeOf } from '../../../protocol/content-type.js';
import type { RoomKeys } from './room-keys.js';

/** Which broadcasts are encrypted with which keys. */
export interface RoomEncryptionOptions {
  readonly keys: RoomKeys;
  /** A room, or a pattern of rooms: `orders.*`. */
  readonly rooms: string;
}

/** Where a message goes, for the copies of it that stages with a run for each receiver get. */
const toRooms = Symbol('rooms');

type Routed = OutboundMessage & { [toRooms]?: readonly string[] };

/** Encrypts broadcasts to a room with the key of the room: once, for all receivers. */
export class RoomEncryptionStage implements GatewayMiddleware {
  readonly #keys: RoomKeys;
  readonly #pattern: string;
  readonly #host: StageHost;

  constructor({ keys, rooms }: RoomEncryptionOptions, host: StageHost) {
    if (typeof rooms !== 'string' || rooms === '' || !hasSoundWildcards(rooms))
      throw new OptionError('rooms', 'a room or a pattern of rooms', rooms);
    this.#keys = keys;
    this.#pattern = rooms;
    this.#host = host;
  }

  outbound(message: OutboundMessage, next: Next): void | Promise<void> {
    if (message.target.kind === 'rooms') (message as Routed)[toRooms] = message.target.rooms;
    return next();
  }

  outboundFrame(frame: OutboundFrame, next: Next): void | Promise<void> {
    const { target, [toRooms]: noted } = frame.message as Routed;
    const rooms = target.kind === 'rooms' ? target.rooms : noted;
    if (!rooms?.some((room) => matchesPattern(this.#pattern, room))) return next();
    const [room, ...others] = rooms as [string, ...string[]];
    if (others.length > 0)
      throw new GatewireError(ErrorCode.Internal, 'a broadcast to an encrypted room goes to it alone', {
        remediation: 'Emit once for each of the rooms: each has a key of its own.',
      });
    const key = this.#keys.find(room);
    // Nobody could read it, or its key must not be used any more: nothing of it goes out in plain.
    if (key === undefined) return this.#host.count('room-encryption.noKey');
    if (!key.use()) {
      this.#host.log.warn('ROOM_KEY', () => `the key ${key.kid} is used up: rotate it`);
      return this.#host.count('room-encryption.usedUp');
    }
    const { data } = frame;
    frame.data = key.seal(contentTypeOf(frame), typeof data === 'string' ? Buffer.from(data) : data);
    frame.isBinary = false;
    return next();
  }
}
