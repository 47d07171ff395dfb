import type { Line } from '../room.js';
import { avatar } from './avatar.js';
import { create } from './element.js';
import { statusIcon } from './status-icon.js';

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

/** One message. @param continues whether the one above is by the same author, who then is not named again */
export function lineView(line: Line, isOwn: boolean, continues: boolean): HTMLLIElement {
  const bubble = create('div', 'bubble', create('p', 'text', line.text), footer(line, isOwn));
  const who = create('span', continues || isOwn ? 'author visually-hidden' : 'author', line.author.name);
  const item = create(
    'li',
    isOwn ? 'line own' : 'line',
    avatar(line.author),
    create('div', 'said', who, bubble),
  );
  item.classList.toggle('continues', continues);
  item.dataset['id'] = line.id;
  item.dataset['status'] = line.status;
  return item;
}

function footer({ at, status, error }: Line, isOwn: boolean): HTMLElement {
  const time = create('time', '', clock.format(at));
  time.dateTime = new Date(at).toISOString();
  const foot = create('span', 'foot', time);
  if (isOwn) foot.append(statusIcon(status));
  if (error !== undefined) foot.append(create('span', 'error', `Not sent: ${error}`));
  return foot;
}
