import type { Room } from '../room.js';
import { create, find } from './element.js';

/** The rooms one is in, with what is unread. */
export function showRooms(
  rooms: Iterable<Room>,
  current: Room | undefined,
  open: (room: Room) => void,
): void {
  const items = [...rooms].map((room) => {
    const button = create('button', 'room', create('span', 'name', room.name));
    button.type = 'button';
    if (room === current) button.ariaCurrent = 'true';
    if (room.unread > 0) button.append(unreadBadge(room.unread));
    button.addEventListener('click', () => open(room));
    return create('li', '', button);
  });
  find('#rooms').replaceChildren(...items);
}

function unreadBadge(count: number): HTMLElement {
  const badge = create('span', 'badge', count > 99 ? '99+' : String(count));
  badge.append(create('span', 'visually-hidden', ' unread'));
  return badge;
}
