import type { SocketState } from '../socket.js';
import { find } from './element.js';

const words: Record<SocketState, string> = {
  connecting: 'Connecting…',
  open: 'Connected',
  waiting: 'Offline, trying again…',
  refused: 'Refused',
  closed: 'Left',
};

/** The pill that says whether we are connected. Messages can be written in every state. */
export function showConnection(state: SocketState, reason: string): void {
  const pill = find<HTMLElement>('#connection');
  pill.dataset['state'] = state;
  find('#connection-text').textContent = reason || words[state];
  find<HTMLButtonElement>('#try-now').hidden = state !== 'waiting' && state !== 'refused';
}
