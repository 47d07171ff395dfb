import type { Member } from '../chat/chat-events.js';
import { newId } from './new-id.js';

/** What a tab remembers of itself over a reload. Another tab is another person. */
export interface Session {
  readonly me: Member;
  readonly rooms: readonly string[];
  readonly current: string;
}

const key = 'gatewire-chat';

export function newSession(name: string, room: string): Session {
  return { me: { id: newId(), name }, rooms: [room], current: room };
}

export function loadSession(): Session | undefined {
  const stored = sessionStorage.getItem(key);
  return stored === null ? undefined : (JSON.parse(stored) as Session);
}

export function saveSession(session: Session): void {
  sessionStorage.setItem(key, JSON.stringify(session));
}

export function forgetSession(): void {
  sessionStorage.removeItem(key);
}
