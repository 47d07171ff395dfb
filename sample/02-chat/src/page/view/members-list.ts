import type { Member } from '../../chat/chat-events.js';
import { avatar } from './avatar.js';
import { create, find } from './element.js';

/** Who is in the room. */
export function showMembers(members: readonly Member[], me: Member): void {
  const items = members.map((member) => {
    const item = create('li', 'member', avatar(member), create('span', 'name', member.name));
    if (member.id === me.id) item.append(create('span', 'you', 'you'));
    return item;
  });
  find('#members').replaceChildren(...items);
  find('#member-count').textContent =
    members.length === 1 ? 'Only you are here' : `${members.length} people here`;
}
