import { type Client, type ClientStatus, createClient, exponential, isGatewireError } from 'gatewire/client';
import type { Accepted, ChatContract, ChatMessage, Member, RoomSnapshot } from '../chat/chat-events.js';
import { newId } from './new-id.js';
import { type Line, Room } from './room.js';

/** What a chat tells the page. */
export interface ChatListener {
  stateChanged(status: ClientStatus): void;
  /** Members, typing, unread or membership. */
  roomChanged(room: Room): void;
  /** The server does not let us in. */
  roomRefused(room: Room, reason: string): void;
  /** A line is new, or its status is. */
  lineChanged(room: Room, line: Line, isNew: boolean): void;
}

const typingEveryMs = 2_000;
/** With the handshake on top, a page is back within 5 s of its server. */
const reconnect = exponential({ minMs: 250, maxMs: 3_000 });

/**
 * The conversation, apart from how it looks.
 *
 * The client keeps what is written while the connection is away and sends it again until it is answered. This server keeps
 * everything in memory: one that was started anew is told again what nobody is known to have.
 */
export class Chat {
  readonly me: Member;
  readonly rooms = new Map<string, Room>();
  readonly #listener: ChatListener;
  readonly #client: Client<ChatContract>;
  #typedAt = 0;

  constructor(url: string, me: Member, listener: ChatListener) {
    this.me = me;
    this.#listener = listener;
    this.#client = createClient<ChatContract>({ url, reconnect });
    this.#client.when('state', (status) => listener.stateChanged(status));
    this.#client.when('open', ({ recovered }) => {
      if (!recovered) for (const room of this.rooms.values()) void this.#enter(room);
    });
    this.#listen();
  }

  /** Tries now rather than at the next attempt. */
  connect = (): void => {
    // What becomes of it is shown as a state.
    this.#client.connect().catch(() => undefined);
  };

  join(name: string): Room {
    const known = this.rooms.get(name);
    if (known) return known;
    const room = new Room(name, this.#client.subscribe(name));
    this.rooms.set(name, room);
    if (this.#client.state === 'open') void this.#enter(room);
    return room;
  }

  leave(room: Room): void {
    this.rooms.delete(room.name);
    room.subscription.unsubscribe();
    this.#client.emit('leave', { room: room.name });
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
    void this.#deliver(room, line);
    this.#typedAt = 0;
  }

  typing(room: Room): void {
    if (Date.now() - this.#typedAt < typingEveryMs) return;
    this.#typedAt = Date.now();
    this.#client.emit('typing', { room: room.name }, { volatile: true });
  }

  async #enter(room: Room): Promise<void> {
    try {
      this.#entered(room, await this.#client.request('join', { room: room.name }));
    } catch (error) {
      // Without an answer the room is entered with the next connection.
      if (!isRefusal(error)) return;
      this.rooms.delete(room.name);
      room.subscription.unsubscribe();
      this.#listener.roomRefused(room, error.message);
    }
  }

  /** Catches up, and says again what the server may have forgotten. */
  #entered(room: Room, { members, history }: RoomSnapshot): void {
    room.members = members;
    for (const message of history) this.#show(room, message);
    this.#acknowledge(room, history);
    for (const line of room.unreceived(this.me)) void this.#deliver(room, line);
    this.#listener.roomChanged(room);
  }

  async #deliver(room: Room, { id, text }: Line): Promise<void> {
    try {
      // However long it takes: it waits for the connection.
      const answer = this.#client.request('message', { room: room.name, id, text }, { timeoutMs: false });
      const { at, received }: Accepted = await answer;
      this.#update(room, id, { at, status: received ? 'delivered' : 'sent' });
    } catch (error) {
      if (isGatewireError(error)) this.#update(room, id, { status: 'failed', error: error.message });
    }
  }

  #listen(): void {
    const client = this.#client;
    client.on(
      'message',
      this.#inRoom((room, message) => {
        this.#show(room, message);
        this.#acknowledge(room, [message]);
      }),
    );
    client.on(
      'members',
      this.#inRoom((room, { members }) => {
        room.members = members;
      }),
    );
    client.on(
      'typing',
      this.#inRoom((room, { member }) => room.startedTyping(member)),
    );
    client.on(
      'delivered',
      this.#inRoom((room, { ids }) => {
        for (const id of ids) this.#update(room, id, { status: 'delivered' });
      }),
    );
  }

  /** Hears what is about the rooms that are open here. */
  #inRoom<Data extends { readonly room: string }>(
    heard: (room: Room, data: Data) => void,
  ): (data: Data) => void {
    return (data) => {
      const room = this.rooms.get(data.room);
      if (!room) return;
      heard(room, data);
      this.#listener.roomChanged(room);
    };
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
    if (ids.length > 0) this.#client.emit('received', { room: room.name, ids });
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
}

/** The server has answered with an error: not the client, for want of an answer. */
function isRefusal(error: unknown): error is Error {
  return isGatewireError(error) && error.code !== 'ACK_TIMEOUT' && error.code !== 'DISCONNECTED';
}
