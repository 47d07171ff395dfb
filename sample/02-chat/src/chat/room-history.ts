import type { ChatMessage } from './chat-events.js';

const messagesPerRoom = 50;
const roomsKept = 200;

type Messages = Map<string, ChatMessage>;

/**
 * The last messages of every room, by id: what a newcomer is shown, and what makes a message that is
 * sent twice count once. In memory, and bounded: the room that was quiet longest goes first.
 */
export class RoomHistory {
  readonly #rooms = new Map<string, Messages>();

  of(room: string): ChatMessage[] {
    return [...(this.#rooms.get(room)?.values() ?? [])];
  }

  find(room: string, id: string): ChatMessage | undefined {
    return this.#rooms.get(room)?.get(id);
  }

  add(message: ChatMessage): void {
    const messages = this.#rooms.get(message.room) ?? new Map<string, ChatMessage>();
    messages.set(message.id, message);
    dropOldest(messages, messagesPerRoom);
    this.#rooms.delete(message.room);
    this.#rooms.set(message.room, messages);
    dropOldest(this.#rooms, roomsKept);
  }

  /** @returns the message when this was its first receipt */
  markReceived(room: string, id: string): ChatMessage | undefined {
    const message = this.find(room, id);
    if (!message || message.received) return undefined;
    const received = { ...message, received: true };
    this.#rooms.get(room)?.set(id, received);
    return received;
  }
}

/** A Map keeps insertion order, so its first key is the oldest. */
function dropOldest(map: Map<string, unknown>, limit: number): void {
  for (const key of map.keys()) {
    if (map.size <= limit) return;
    map.delete(key);
  }
}
