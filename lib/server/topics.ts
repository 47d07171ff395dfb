import type { RoomHistories, Since } from '../delivery/room-histories.js';
import type { InboundMessage } from '../pipeline/inbound-message.js';
import type { MessageHandler, RoomAuthorizerBinding } from '../pipeline/message-handler.js';
import { isPromise } from '../primitives/is-promise.js';
import { ErrorCode } from '../protocol/error-code.js';
import { checkEventName } from '../protocol/event-name.js';
import { GatewireError } from '../protocol/gatewire-error.js';
import { coversPattern, isPattern } from '../routing/event-pattern.js';
import { validateRoomName } from '../routing/room-name.js';
import type { Outcomes } from './outcomes.js';

/** The reserved events by which clients use rooms (PROTOCOL.md, "Topics"): refused unless an authorizer of the room allows. */
export class Topics {
  readonly #authorizers: RoomAuthorizerBinding[] = [];
  readonly #histories: RoomHistories;
  readonly #outcomes: Outcomes;

  constructor(histories: RoomHistories, outcomes: Outcomes) {
    this.#histories = histories;
    this.#outcomes = outcomes;
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

  /** Done at once where the authorizers answer at once: what comes next in the same frame finds the connection in the room. */
  #subscribe(message: InboundMessage): unknown {
    const room = roomOf(message);
    const since = sinceOf(message);
    const { connection } = message;
    return whenAllowed(
      this.#allows(room, (authorizer) => authorizer.canSubscribe?.(connection, room)),
      'subscribe',
      () => this.#join(message, room, since),
    );
  }

  #join(message: InboundMessage, room: string, since: Since | undefined): unknown {
    message.connection.join(room);
    return isPattern(room) || !this.#histories.has(room) ? undefined : this.#enter(message, room, since);
  }

  async #enter(message: InboundMessage, room: string, since: Since | undefined): Promise<unknown> {
    const { entered, begin } = await this.#histories.enter(message.connection, room, since);
    // Whoever asked has its answer before what it has missed.
    if (message.id !== undefined) this.#outcomes.value(message, entered);
    begin();
    return message.id === undefined ? undefined : entered;
  }

  #unsubscribe(message: InboundMessage): void {
    message.connection.leave(roomOf(message));
  }

  #publishFor(message: InboundMessage): unknown {
    const room = roomOf(message);
    const { event, data } = message.data as { event?: unknown; data?: unknown };
    if (isPattern(room))
      throw new GatewireError(ErrorCode.BadRequest, '$publish: "room" must be one room, not a pattern');
    if (typeof event !== 'string')
      throw new GatewireError(ErrorCode.BadRequest, '$publish: "event" must be a string');
    checkEventName(event);
    const { connection } = message;
    return whenAllowed(
      this.#allows(room, (authorizer) => authorizer.canPublish?.(connection, room, event, data)),
      'publish',
      () => {
        const published = this.#histories.publish(room, event, data, undefined);
        return this.#histories.has(room) ? published.logged.then(() => undefined) : undefined;
      },
    );
  }

  /** Every authorizer whose pattern covers the room has a say, and at least one must. A promise where one gives a promise. */
  #allows(
    room: string,
    ask: (authorizer: RoomAuthorizerBinding) => boolean | Promise<boolean> | undefined,
  ): boolean | Promise<boolean> {
    let isAllowed = false;
    for (const [at, authorizer] of this.#authorizers.entries()) {
      if (!coversPattern(authorizer.pattern, room)) continue;
      const answer = ask(authorizer);
      if (isPromise(answer)) return this.#allowsLater(room, ask, isAllowed, answer, at + 1);
      if (answer === false) return false;
      isAllowed ||= answer === true;
    }
    return isAllowed;
  }

  async #allowsLater(
    room: string,
    ask: (authorizer: RoomAuthorizerBinding) => boolean | Promise<boolean> | undefined,
    wasAllowed: boolean,
    first: Promise<boolean>,
    next: number,
  ): Promise<boolean> {
    let isAllowed = wasAllowed;
    let answer: boolean | undefined = await first;
    for (let at = next; ; at++) {
      if (answer === false) return false;
      isAllowed ||= answer === true;
      const authorizer = this.#authorizers[at];
      if (authorizer === undefined) return isAllowed;
      answer = coversPattern(authorizer.pattern, room) ? await ask(authorizer) : undefined;
    }
  }
}

function whenAllowed(
  allowed: boolean | Promise<boolean>,
  what: 'subscribe' | 'publish',
  work: () => unknown,
): unknown {
  if (isPromise(allowed)) return allowed.then((isAllowed) => whenAllowed(isAllowed, what, work));
  if (!allowed) throw refused(what);
  return work();
}

function roomOf({ data, event }: InboundMessage): string {
  const room = typeof data === 'object' && data !== null ? (data as { room?: unknown }).room : undefined;
  if (typeof room !== 'string')
    throw new GatewireError(ErrorCode.BadRequest, `${event}: "room" must be a string`);
  validateRoomName(room);
  return room;
}

/** Where the subscriber was; undefined: it does not say. */
function sinceOf({ data }: InboundMessage): Since | undefined {
  const { since } = data as { since?: unknown };
  if (since === undefined || since === null) return undefined;
  const { offset, epoch } = since as { offset?: unknown; epoch?: unknown };
  if (!Number.isSafeInteger(offset) || (offset as number) < 0 || typeof epoch !== 'string')
    throw new GatewireError(ErrorCode.BadRequest, '$subscribe: "since" must be {offset, epoch}');
  return { offset: offset as number, epoch };
}

function refused(what: 'subscribe' | 'publish'): GatewireError {
  return new GatewireError(ErrorCode.Forbidden, `no authorizer of this room allows to ${what}`, {
    remediation: `Provide a class with @RoomAuthorizer(pattern) whose ${what === 'subscribe' ? 'canSubscribe' : 'canPublish'} returns true.`,
  });
}
