import type { ClientStatus } from 'gatewire/client';
import { find } from './element.js';

/** Says where what was written is. @param waiting changes that the server has not confirmed @param isTyping one more is being made */
export function showStatus({ state, closed }: ClientStatus, waiting: number, isTyping: boolean): void {
  const isThere = state === 'open' || state === 'draining';
  const isSaved = isThere && waiting === 0 && !isTyping;
  find<HTMLElement>('#status').dataset['state'] =
    state === 'closed' ? 'refused' : isSaved ? 'saved' : 'waiting';
  find('#status-text').textContent =
    state === 'closed'
      ? `Refused: ${closed?.reason ?? ''}`
      : isSaved
        ? 'All saved'
        : isThere
          ? 'Saving…'
          : offlineText(waiting);
}

function offlineText(waiting: number): string {
  if (waiting === 0) return 'Offline: go on writing';
  return waiting === 1 ? '1 note waits for the network' : `${waiting} notes wait for the network`;
}
