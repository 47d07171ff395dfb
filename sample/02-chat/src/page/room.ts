import type { Subscription } from 'gatewire/client';
import type { ChatMessage, Member } from '../chat/chat-events.js';

/** `waiting`: not answered yet; `sent`: the server has it; `delivered`: somebody else's page has it. */
export type LineStatus = 'waiting' | 'sent' | 'delivered' | 'failed';

/** A message as this page shows it. */
export interface Line extends Omit<ChatMessage, 'received'> {
  readonly status: LineStatus;
  /** With `failed`: what the server said. */
  readonly error?: string;
}

const linesKept = 500;
const typingShownMs = 3_500;

/** What this page knows of one room. */
export class Room {
  readonly name: string;
  members: readonly Member[] = [];
  unread = 0;
  draft = '';
  /** Keeps us in it over reconnects. */
  readonly subscription: Subscription;
  readonly #lines = new Map<string, Line>();
  readonly #typing = new Map<string, { member: Member; until: number }>();

  constructor(name: string, subscription: Subscription) {
    this.name = name;
    this.subscription = subscription;
  }

  get lines(): Line[] {
    return [...this.#lines.values()];
  }

  line(id: string): Line | undefined {
    return this.#lines.get(id);
  }

  /** Adds a line, or replaces the one with the same id where it stands. */
  put(line: Line): void {
    this.#lines.set(line.id, line);
    if (this.#lines.size > linesKept) this.#lines.delete(this.#lines.keys().next().value as string);
    this.#typing.delete(line.author.id);
  }

  /** What `author` has written and nobody else is known to have, oldest first: a server that was started anew has forgotten it. */
  unreceived(author: Member): Line[] {
    return this.lines
      .filter(({ author: { id }, status }) => id === author.id && status === 'sent')
      .slice(-50);
  }

  startedTyping(member: Member): void {
    this.#typing.set(member.id, { member, until: Date.now() + typingShownMs });
  }

  /** Who is typing at this moment. */
  get typing(): Member[] {
    const now = Date.now();
    return [...this.#typing.values()].filter(({ until }) => until > now).map(({ member }) => member);
  }
}
