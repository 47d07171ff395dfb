import { isPattern, matchesPattern } from '../routing/event-pattern.js';
import type { Envelope } from '../protocol/envelope.js';
import type { GatewireError } from '../protocol/gatewire-error.js';
import type { RoomMessage, Subscription } from './client-api.js';
import type { RoomHistory } from './history.js';
import type { RoomPosition } from './room-position.js';
import { clientError, serverError } from './outgoing.js';

type RoomListener = (message: RoomMessage) => void;

interface Membership {
  readonly listeners: Set<RoomListener>;
  readonly ready: Promise<void>;
  settle(error?: GatewireError): void;
  /** Under which the server was asked; undefined: it was not, or has not answered on a connection that broke. */
  askedAs: string | undefined;
  /** The server has let it in, in the session that there is. */
  isIn: boolean;
  /** The server has let it in at some time. */
  wasIn: boolean;
  /** Where a room with history is, as far as the client has it. */
  position: RoomPosition | undefined;
  /** Where it was when the server was asked last on this connection: what is missing there still is what nobody can read. */
  askedFrom: number | undefined;
  /** Offsets skip what was replaced. */
  isSparse: boolean;
  /** An earlier life may know where it was: the server is asked when that has been read. */
  isLoading: boolean;
}

/** The outcome of `$subscribe` in a room with history (PROTOCOL.md, "History"). */
interface Entered extends RoomPosition {
  readonly recovered?: boolean;
  readonly sparse?: boolean;
}

/** What subscriptions need of the client. */
export interface SubscriptionPorts {
  /** Of this life of the client: a session that outlives it remembers the ids of the one before. */
  readonly idPrefix: string;
  /** Sends to the server, where there is one. */
  say(envelope: Envelope): void;
  /** A room that the client was in does not take it back. */
  failed(error: unknown): void;
  /** Messages of the room are missing. */
  gap(room: string): void;
  /** What an earlier life has kept of a room. */
  readonly history: Pick<RoomHistory, 'position'> | null;
}

/** The rooms that the client wants to be in, whatever becomes of connections and sessions. */
export class Subscriptions {
  readonly #ports: SubscriptionPorts;
  readonly #rooms = new Map<string, Membership>();
  /** Rooms that were left, and under which id the server was told; it has not agreed yet. */
  readonly #left = new Map<string, string | undefined>();
  #isOpen = false;
  #asked = 0;

  constructor(ports: SubscriptionPorts) {
    this.#ports = ports;
  }

  add(room: string, listener: RoomListener = () => undefined): Subscription {
    let membership = this.#rooms.get(room);
    if (membership === undefined) {
      this.#rooms.set(room, (membership = newMembership()));
      this.#left.delete(room);
      this.#load(room, membership);
      this.#ask(room, membership);
    }
    const { listeners, ready } = membership;
    // Each subscription by itself, also when two have the same listener.
    const own: RoomListener = (message) => listener(message);
    listeners.add(own);
    return { room, ready, unsubscribe: () => this.#remove(room, listeners, own) };
  }

  /** There is a connection. @param isNew the server knows nothing of our rooms @param isWhole nothing that it has sent is missing */
  open(isNew: boolean, isWhole: boolean): void {
    this.#isOpen = true;
    if (isNew) this.#left.clear();
    for (const room of this.#left.keys()) this.#leave(room);
    for (const [room, membership] of this.#rooms) {
      if (isNew) membership.isIn = false;
      membership.askedFrom = undefined;
      const isAsking = membership.askedAs !== undefined;
      // Who is in a room with history asks for what it has missed; what it asked of the connection before may not have arrived.
      if (!membership.isIn || isAsking || (!isWhole && membership.position !== undefined))
        this.#ask(room, membership);
    }
  }

  pause(): void {
    this.#isOpen = false;
  }

  /** The client has ended: who waits for a room waits in vain. */
  end(error: GatewireError): void {
    this.pause();
    for (const [room, membership] of this.#rooms) {
      membership.settle(error);
      if (!membership.wasIn) this.#rooms.delete(room);
    }
  }

  /** False: it is no answer to a question of ours. */
  outcome({ id, error, data }: Envelope): boolean {
    for (const [room, membership] of this.#rooms) {
      if (membership.askedAs !== id) continue;
      membership.askedAs = undefined;
      // A server that drains: the next connection asks again.
      if (error?.code === 'UNAVAILABLE' && !this.#isOpen) return true;
      if (error !== undefined) this.#refused(room, membership, error);
      else this.#entered(room, membership, data as Entered | null);
      membership.isIn = error === undefined;
      membership.wasIn ||= membership.isIn;
      membership.settle();
      return true;
    }
    for (const [room, askedAs] of this.#left) if (askedAs === id) return this.#left.delete(room);
    return false;
  }

  /** Takes a message to its place in the history of its room. False: the client has had it, or asks for what is missing before it. */
  place({ room = '', offset, epoch }: Envelope): boolean {
    const membership = this.#rooms.get(room);
    const position = membership?.position;
    if (position === undefined || offset === undefined) return true;
    const isNew = epoch !== undefined && epoch !== position.epoch;
    if (!isNew && offset <= position.offset) return false;
    const isBeyond = !isNew && offset > position.offset + 1 && !membership!.isSparse;
    if (isBeyond && this.#asksFrom(room, membership!, position)) return false;
    if (isNew || isBeyond) this.#ports.gap(room);
    membership!.position = { epoch: epoch ?? position.epoch, offset };
    return true;
  }

  /**
   * Something is missing behind `position`: a server has died between its history and our session, and all of it comes, in order, to who
   * asks. False: it has come, and nobody here can read it.
   */
  #asksFrom(room: string, membership: Membership, { offset }: RoomPosition): boolean {
    if (membership.askedAs !== undefined) return true;
    if (membership.askedFrom === offset) return false;
    this.#ask(room, membership);
    return true;
  }

  /** Where the client is in the history of a room. */
  positionOf(room: string): RoomPosition | undefined {
    return this.#rooms.get(room)?.position;
  }

  published({ event = '', data, room = '' }: Envelope): void {
    for (const [name, { listeners }] of this.#rooms) {
      if (name !== room && !(isPattern(name) && matchesPattern(name, room))) continue;
      for (const listener of listeners) {
        try {
          listener({ event, data, room });
        } catch (error) {
          this.#ports.failed(error);
        }
      }
    }
  }

  #ask(room: string, membership: Membership): void {
    if (!this.#isOpen || membership.isLoading) return;
    membership.askedAs = this.#nextId();
    membership.askedFrom = membership.position?.offset;
    const data = { room, since: membership.position };
    this.#ports.say({ event: '$subscribe', id: membership.askedAs, data });
  }

  #load(room: string, membership: Membership): void {
    const loading = this.#ports.history?.position(room);
    if (loading === undefined) return;
    membership.isLoading = true;
    const loaded = (position?: RoomPosition): void => {
      membership.isLoading = false;
      membership.position = position;
      if (this.#rooms.get(room) === membership) this.#ask(room, membership);
    };
    // That the storage has failed is told by the history.
    loading.then(loaded, () => loaded());
  }

  /** The server has let it in. @param entered null: the room has no history */
  #entered(room: string, membership: Membership, entered: Entered | null): void {
    const { position } = membership;
    if (position !== undefined && entered?.recovered !== true) this.#ports.gap(room);
    membership.isSparse = entered?.sparse === true;
    // What has come since it asked is above what it has asked for.
    if (entered === null) membership.position = undefined;
    else if (position === undefined || entered.recovered !== true)
      membership.position = { epoch: entered.epoch, offset: entered.offset };
  }

  #refused(room: string, membership: Membership, body: NonNullable<Envelope['error']>): void {
    this.#rooms.delete(room);
    const error = serverError(body);
    if (membership.wasIn) this.#ports.failed(error);
    else membership.settle(error);
  }

  #remove(room: string, listeners: Set<RoomListener>, listener: RoomListener): void {
    listeners.delete(listener);
    const membership = this.#rooms.get(room);
    if (listeners.size > 0 || membership?.listeners !== listeners) return;
    this.#rooms.delete(room);
    membership.settle(clientError('CANCELLED', 'unsubscribed before the server has answered'));
    this.#leave(room);
  }

  #nextId(): string {
    return `$${this.#ports.idPrefix}${++this.#asked}`;
  }

  #leave(room: string): void {
    const askedAs = this.#isOpen ? this.#nextId() : undefined;
    this.#left.set(room, askedAs);
    if (askedAs !== undefined) this.#ports.say({ event: '$unsubscribe', id: askedAs, data: { room } });
  }
}

function newMembership(): Membership {
  let resolve!: () => void;
  let reject!: (error: GatewireError) => void;
  const ready = new Promise<void>((onFulfilled, onRejected) => {
    resolve = onFulfilled;
    reject = onRejected;
  });
  // Who does not look at it has heard of it by `error`.
  ready.catch(() => undefined);
  const settle = (error?: GatewireError): void => (error === undefined ? resolve() : reject(error));
  return {
    listeners: new Set(),
    ready,
    settle,
    askedAs: undefined,
    askedFrom: undefined,
    isIn: false,
    wasIn: false,
    position: undefined,
    isSparse: false,
    isLoading: false,
  };
}
