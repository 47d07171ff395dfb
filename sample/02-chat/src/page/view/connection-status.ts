import type { ClientState, ClientStatus } from 'gatewire/client';
import { find } from './element.js';

const words: Record<ClientState, string> = {
  idle: 'Connecting…',
  connecting: 'Connecting…',
  authenticating: 'Connecting…',
  open: 'Connected',
  draining: 'The server restarts…',
  waiting: 'Offline, trying again…',
  offline: 'No network',
  closed: 'Refused',
};

/** The pill that says whether we are connected. Messages can be written in every state. */
export function showConnection({ state, closed }: ClientStatus): void {
  const pill = find<HTMLElement>('#connection');
  pill.dataset['state'] = state;
  const reason = state === 'closed' ? (closed?.reason ?? '') : '';
  find('#connection-text').textContent = reason === '' ? words[state] : reason;
  find<HTMLButtonElement>('#try-now').hidden = state !== 'waiting' && state !== 'closed';
}
