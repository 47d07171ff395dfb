import type { ClientState, ClientStatus } from 'gatewire/client';
import { find } from './element.js';

const words: Record<ClientState, string> = {
  idle: 'Connecting…',
  connecting: 'Connecting…',
  authenticating: 'Connecting…',
  open: 'Connected',
  draining: 'The server restarts…',
  waiting: 'No server, trying again…',
  offline: 'No network',
  closed: 'Refused',
};

/** The pill that says whether we are connected, and how often the session went on. */
export function showConnection({ state, closed }: ClientStatus, resumes: number): void {
  find<HTMLElement>('#connection').dataset['state'] = state;
  const reason = state === 'closed' ? (closed?.reason ?? '') : '';
  find('#connection-text').textContent = reason === '' ? words[state] : reason;
  find('#resumes').textContent = String(resumes);
}
