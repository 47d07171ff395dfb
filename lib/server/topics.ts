import type { InboundMessage } from '../pipeline/inbound-message.js';
import type { MessageHandler, RoomAuthorizerBinding } from '../pipeline/message-handler.js';
import { ErrorCode } from '../protocol/error-code.js';
import { checkEventName } from '../protocol/event-name.js';
import { GatewireError } from '../protocol/gatewire-error.js';
import { coversPattern, isPattern } from '../routing/event-pattern.js';
import { validateRoomName } from '../routing/room-name.js';

/** Publishes for a client. */
export type Publish = (room: string, event: string, data: unknown) => void;

/** The reserved events by which clients use rooms (PROTOCOL.md, "Topics"): refused unless an authorizer of the room allows. */
export class Topics {
  readonly #authorizers: RoomAuthorizerBinding[] = [];
  readonly #publish: Publish;

  constructor(publish: Publish) {
    this.#publish = publish;
  }

  add(authorizers: readonly RoomAuthorizerBinding[]): void {
    this.#authorizers.push(...authorizers);
  }

  /** Handlers of `$subscribe`, `$unsubscribe` and `$publish`. @param fail what becomes of an error without a requester */
  handlers(fail: MessageHandler['fail']): MessageHandler[] {
    const handler = (pattern: string, run: (message: InboundMessage) => unknown): MessageHandler => ({
      pattern,
      label: pattern,
      // Subscribing and publishing keep their order, also where an authorizer takes its time.
      concurrency: 1,
      lane: this,
      invoke: (message) => {
        message.enter();
        return run(message);
      },
      fail,
    });
    return [
      handler('$subscribe', (message) => this.#subscribe(message)),
      handler('$unsubscribe', (message) => this.#unsubscribe(message)),
      handler('$publish', (message) => this.#publishFor(message)),
    ];
  }

  async #subscribe(message: InboundMessage): Promise<void> {
    const { connection } = message;
    const room = roomOf(message);
    if (!(await this.#allows(room, (authorizer) => authorizer.canSubscribe?.(connection, room))))
      throw refused('subscribe');
    connection.join(room);
  }

  #unsubscribe(message: InboundMessage): void {
    message.connection.leave(roomOf(message));
  }

  async #publishFor(message: InboundMessage): Promise<void> {
    const room = roomOf(message);
    const { event, data } = message.data as { event?: unknown; data?: unknown };
    if (isPattern(room))
      throw new GatewireError(ErrorCode.BadRequest, '$publish: "room" must be one room, not a pattern');
    if (typeof event !== 'string')
      throw new GatewireError(ErrorCode.BadRequest, '$publish: "event" must be a string');
    checkEventName(event);
    const { connection } = message;
    if (!(await this.#allows(room, (authorizer) => authorizer.canPublish?.(connection, room, event, data)))) {
      throw refused('publish');
    }
    this.#publish(room, event, data);
  }

  /** Every authorizer whose pattern covers the room has a say, and at least one must. */
  async #allows(
    room: string,
    ask: (authorizer: RoomAuthorizerBinding) => boolean | Promise<boolean> | undefined,
  ): Promise<boolean> {
    let isAllowed = false;
    for (const authorizer of this.#authorizers) {
      if (!coversPattern(authorizer.pattern, room)) continue;
      const answer = await ask(authorizer);
      if (answer === false) return false;
      isAllowed ||= answer === true;
    }
    return isAllowed;
  }
}

function roomOf({ data, event }: InboundMessage): string {
  const room = typeof data === 'object' && data !== null ? (data as { room?: unknown }).room : undefined;
  if (typeof room !== 'string')
    throw new GatewireError(ErrorCode.BadRequest, `${event}: "room" must be a string`);
  validateRoomName(room);
  return room;
}

function refused(what: 'subscribe' | 'publish'): GatewireError {
  return new GatewireError(ErrorCode.Forbidden, `no authorizer of this room allows to ${what}`, {
    remediation: `Provide a class with @RoomAuthorizer(pattern) whose ${what === 'subscribe' ? 'canSubscribe' : 'canPublish'} returns true.`,
  });
}
