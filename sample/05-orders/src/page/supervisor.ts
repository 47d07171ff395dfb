import type { ServerState } from '../supervisor/supervisor-events.js';

/** Who kills the server, and starts it again. It lives on, and speaks HTTP: the page hears of deaths from it. */
export class Supervisor {
  constructor(changed: (state: ServerState) => void) {
    const events = new EventSource('server/state');
    events.addEventListener('message', ({ data }) => changed(JSON.parse(String(data)) as ServerState));
  }

  kill(): Promise<unknown> {
    return fetch('server', { method: 'DELETE' });
  }

  hunt(isHunted: boolean): Promise<unknown> {
    return fetch('server/hunt', { method: isHunted ? 'PUT' : 'DELETE' });
  }
}
