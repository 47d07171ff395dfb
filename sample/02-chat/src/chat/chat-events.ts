/** What the server and the page say to each other. Types only: the page loads nothing from here. */

/** Someone in a room. The id is made by the tab and stays over reconnects and reloads. */
export interface Member {
  readonly id: string;
  readonly name: string;
}

/** One line of a conversation. */
export interface ChatMessage {
  /** Made by the author's page, and the same however often it is sent. */
  readonly id: string;
  readonly room: string;
  readonly text: string;
  readonly author: Member;
  /** When the server first saw it: milliseconds since the epoch. */
  readonly at: number;
  /** Whether another member's page has it. */
  readonly received: boolean;
}

/** Answer to `join`. */
export interface RoomSnapshot {
  readonly members: readonly Member[];
  readonly history: readonly ChatMessage[];
}

/** Answer to `message`. */
export type Accepted = Pick<ChatMessage, 'at' | 'received'>;

/** Events the server sends, with their data. */
export interface ServerEvents {
  message: ChatMessage;
  members: { readonly room: string; readonly members: readonly Member[] };
  typing: { readonly room: string; readonly member: Member };
  delivered: { readonly room: string; readonly ids: readonly string[] };
}

/** Events a page sends, with their data and what they are answered. */
export interface PageEvents {
  join(to: { readonly room: string }): RoomSnapshot;
  leave(from: { readonly room: string }): void;
  message(message: { readonly room: string; readonly id: string; readonly text: string }): Accepted;
  typing(where: { readonly room: string }): void;
  received(messages: { readonly room: string; readonly ids: readonly string[] }): void;
}

/** Both directions, as the page's client has them. */
export interface ChatContract {
  readonly send: PageEvents;
  readonly receive: ServerEvents;
}
