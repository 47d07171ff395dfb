import type { ClientStatus } from 'gatewire/client';
import type { Member } from '../chat/chat-events.js';
import { Chat, type ChatListener } from './chat.js';
import type { Line, Room } from './room.js';
import type { Session } from './session.js';
import { saveSession } from './session.js';
import { Composer } from './view/composer.js';
import { showConnection } from './view/connection-status.js';
import { Conversation } from './view/conversation.js';
import { find } from './view/element.js';
import { showMembers } from './view/members-list.js';
import { showRooms } from './view/room-list.js';

/** The page once somebody has given a name: puts the chat and its views together. */
export class ChatPage implements ChatListener {
  readonly #me: Member;
  readonly #chat: Chat;
  readonly #conversation: Conversation;
  readonly #composer: Composer;
  #current!: Room;

  constructor({ me, rooms, current }: Session) {
    this.#me = me;
    this.#chat = new Chat(chatUrl(me), me, this);
    this.#conversation = new Conversation(me);
    this.#composer = new Composer({
      submitted: (text) => this.#chat.send(this.#current, text),
      typed: () => this.#chat.typing(this.#current),
    });
    for (const room of rooms) this.#chat.join(room);
    this.#open(this.#chat.join(current));
    // Those who are typing are told apart from those who have stopped by the clock alone.
    setInterval(() => this.#conversation.showTyping(this.#current), 500);
  }

  /** Tries now rather than at the next attempt. */
  connect = (): void => this.#chat.connect();

  joinRoom(name: string): void {
    this.#open(this.#chat.join(name));
  }

  leaveRoom(): void {
    if (this.#chat.rooms.size === 1) return;
    this.#chat.leave(this.#current);
    this.#openFirst();
  }

  /** @param step 1 for the next room, -1 for the one before */
  switchRoom(step: 1 | -1): void {
    const rooms = [...this.#chat.rooms.values()];
    const next = rooms.at((rooms.indexOf(this.#current) + step) % rooms.length);
    if (next) this.#open(next);
  }

  /** The current room has been read. */
  seen(): void {
    this.#current.unread = 0;
    this.#showRooms();
  }

  stateChanged(status: ClientStatus): void {
    showConnection(status);
  }

  roomChanged(room: Room): void {
    if (room !== this.#current) return;
    showMembers(room.members, this.#me);
    this.#conversation.showTyping(room);
  }

  roomRefused(room: Room, reason: string): void {
    find('#notice').textContent = `#${room.name}: ${reason}`;
    if (room === this.#current) this.#openFirst();
  }

  lineChanged(room: Room, line: Line, isNew: boolean): void {
    const isShown = room === this.#current;
    if (isShown && isNew) this.#conversation.add(line);
    else if (isShown) this.#conversation.update(line);
    if (!isNew || line.author.id === this.#me.id || (isShown && !document.hidden)) return;
    room.unread++;
    this.#showRooms();
  }

  #openFirst(): void {
    const [first] = this.#chat.rooms.values();
    if (first) this.#open(first);
    else this.joinRoom('lobby');
  }

  #open(room: Room): void {
    // The first room is opened with none before it.
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- see above
    if (this.#current) this.#current.draft = this.#composer.draft;
    this.#current = room;
    room.unread = 0;
    find('#room-name').textContent = room.name;
    find<HTMLButtonElement>('#leave').disabled = this.#chat.rooms.size === 1;
    this.#composer.draft = room.draft;
    this.#composer.focus();
    this.#conversation.show(room);
    showMembers(room.members, this.#me);
    this.#showRooms();
    saveSession({ me: this.#me, rooms: [...this.#chat.rooms.keys()], current: room.name });
    history.replaceState(null, '', `#${encodeURIComponent(room.name)}`);
  }

  #showRooms(): void {
    const rooms = [...this.#chat.rooms.values()];
    showRooms(rooms, this.#current, (room) => this.#open(room));
    const unread = rooms.reduce((sum, room) => sum + room.unread, 0);
    document.title = `${unread > 0 ? `(${unread}) ` : ''}#${this.#current.name} · gatewire chat`;
  }
}

function chatUrl({ id, name }: Member): string {
  const url = new URL(`/chat?${new URLSearchParams({ id, name }).toString()}`, location.href);
  url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}
