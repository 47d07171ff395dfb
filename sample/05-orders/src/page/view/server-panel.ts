import type { Moment, ServerState } from '../../supervisor/supervisor-events.js';
import { create, find } from './element.js';

const words: Record<Moment, string> = {
  anywhere: 'at a random moment',
  uncommitted: 'in the transaction, before its commit',
  unanswered: 'after the commit, before the reply',
  unnoted: 'after telling everybody, before noting that',
  starting: 'while it was starting',
};

/** The server's lives, and how they have ended. */
export function showServer({ life, isUp, kills }: ServerState, killed: number): void {
  find<HTMLElement>('#server').dataset['up'] = String(isUp);
  find('#server-text').textContent = isUp
    ? 'is running'
    : life === 0
      ? 'is starting'
      : 'is dead, and starts again';
  find('#life').textContent = `Life ${life}`;
  find('#kills').textContent = String(killed);
  find<HTMLButtonElement>('#kill').disabled = !isUp;
  const most = Math.max(1, ...Object.values(kills));
  const rows = (Object.keys(words) as Moment[]).map((moment) => {
    const bar = create('span', 'bar');
    bar.style.setProperty('--share', String(kills[moment] / most));
    return create('li', 'death', words[moment], create('b', '', String(kills[moment])), bar);
  });
  find('#deaths').replaceChildren(...rows);
}
