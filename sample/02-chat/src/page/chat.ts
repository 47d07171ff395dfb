import type {
  Accepted,
  ChatMessage,
  ClientEvents,
  Member,
  RoomSnapshot,
  ServerEvents,
} from '../chat/chat-events.js';
import { RefusedError } from './request-table.js';
import { type Line, Room } from './room.js';
import { ReconnectingSocket, type SocketState } from './socket.js';

/** What a chat tells the page. */
export interface ChatListener {
  stateChanged(state: SocketState, reason: string): void;
  /** Members, typing, unread or membership. */
  roomChanged(room: Room): void;
  /** The server does not let us in. */
  roomRefused(room: Room, reason: string): void;
  /** A line is new, or its status is. */
  lineChanged(room: Room, line: Line, isNew: boolean): void;
}

const typingEveryMs = 2_000;

/**
 * The conversation, apart from how it looks.
 *
 * Nothing is lost or doubled by a reconnect because every message keeps the id it was born with: what nobody is
 * known to have is sent again, the server answers a known id without a second broadcast, and a page shows an id once.
 */
export class Chat {
  readonly me: Member;
  readonly rooms = new Map<string, Room>();
  readonly #listener: ChatListener;
  readonly #socket: ReconnectingSocket;
  #typedAt = 0;

  constructor(url: string, me: Member, listener: ChatListener) {
    this.me = me;
    this.#listener = listener;
    this.#socket = new ReconnectingSocket(url, {
      stateChanged: (state, reason) => this.#stateChanged(state, reason),
      event: (name, data) => this.#handle(name as keyof ServerEvents, data as never),
    });
  }

  connect = (): void => this.#socket.connect();

  close(): void {
    this.#socket.close();
  }

  join(name: string): Room {
    const known = this.rooms.get(name);
    if (known) return known;
    const room = new Room(name);
    this.rooms.set(name, room);
    void this.#enter(room);
    return room;
  }

  leave(room: Room): void {
    this.rooms.delete(room.name);
    this.#emit('leave', { room: room.name });
  }

  /** Shows the line at once; it is sent now, or when the connection is back. */
  send(room: Room, text: string): void {
    const line: Line = {
      id: newId(),
      room: room.name,
      text,
      author: this.me,
      at: Date.now(),
      status: 'waiting',
    };
    this.#put(room, line);
    if (room.isJoined) void this.#deliver(room, line);
    this.#typedAt = 0;
  }

  typing(room: Room): void {
    if (Date.now() - this.#typedAt < typingEveryMs || !room.isJoined) return;
    this.#typedAt = Date.now();
    this.#emit('typing', { room: room.name });
  }

  #stateChanged(state: SocketState, reason: string): void {
    for (const room of this.rooms.values()) {
      room.isJoined = false;
      if (state === 'open') void this.#enter(room);
    }
    this.#listener.stateChanged(state, reason);
  }

  async #enter(room: Room): Promise<void> {
    try {
      this.#entered(room, await this.#socket.request<RoomSnapshot>('join', { room: room.name }));
    } catch (error) {
      // Without an answer the room is entered when the connection is back.
      if (!(error instanceof RefusedError)) return;
      this.rooms.delete(room.name);
      this.#listener.roomRefused(room, error.message);
    }
  }

  /** Catches up, and sends again what nobody has. */
  #entered(room: Room, snapshot: RoomSnapshot): void {
    room.isJoined = true;
    room.members = snapshot.members;
    for (const message of snapshot.history) this.#show(room, message);
    this.#acknowledge(room, snapshot.history);
    for (const line of room.undelivered(this.me)) void this.#deliver(room, line);
    this.#listener.roomChanged(room);
  }

  async #deliver(room: Room, { id, text }: Line): Promise<void> {
    try {
      const { at, received } = await this.#socket.request<Accepted>(
        'message',
        { room: room.name, id, text },
        id,
      );
      this.#update(room, id, { at, status: received ? 'delivered' : 'sent' });
    } catch (error) {
      // Without an answer it stays as it is, and is sent again when the room is entered again.
      if (error instanceof RefusedError) this.#update(room, id, { status: 'failed', error: error.message });
    }
  }

  #handle<Name extends keyof ServerEvents>(name: Name, data: ServerEvents[Name]): void {
    const room = this.rooms.get((data as { room?: string } | null)?.room ?? '');
    if (!room) return;
    const handlers: { [Event in keyof ServerEvents]: (data: ServerEvents[Event]) => void } = {
      message: (message) => {
        this.#show(room, message);
        this.#acknowledge(room, [message]);
      },
      members: ({ members }) => {
        room.members = members;
      },
      typing: ({ member }) => room.startedTyping(member),
      delivered: ({ ids }) => ids.forEach((id) => this.#update(room, id, { status: 'delivered' })),
    };
    if (Object.hasOwn(handlers, name)) handlers[name](data);
    this.#listener.roomChanged(room);
  }

  /** A message of which this page has a line already (its own, or one that was sent again) adds nothing. */
  #show(room: Room, { received, ...message }: ChatMessage): void {
    if (!room.line(message.id)) this.#put(room, { ...message, status: received ? 'delivered' : 'sent' });
    else if (received) this.#update(room, message.id, { status: 'delivered' });
  }

  /** Also for what we had before: the first receipt may have been lost with the server. */
  #acknowledge(room: Room, messages: readonly ChatMessage[]): void {
    const ids = messages
      .filter(({ author, received }) => author.id !== this.me.id && !received)
      .map(({ id }) => id);
    if (ids.length > 0) this.#emit('received', { room: room.name, ids });
  }

  #put(room: Room, line: Line): void {
    room.put(line);
    this.#listener.lineChanged(room, line, true);
  }

  #update(room: Room, id: string, change: Partial<Line>): void {
    const line = room.line(id);
    // An answer may come after the receipt: a tick is never taken back.
    if (!line || line.status === 'delivered') return;
    const changed = { ...line, ...change };
    room.put(changed);
    this.#listener.lineChanged(room, changed, false);
  }

  #emit<Name extends keyof ClientEvents>(event: Name, data: ClientEvents[Name]): void {
    this.#socket.emit(event, data);
  }
}

/** 128 random bits. `crypto.randomUUID` would want https. */
export function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}
