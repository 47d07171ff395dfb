import { ChatPage } from './chat-page.js';
import { forgetSession, loadSession, newSession, type Session } from './session.js';
import { find } from './view/element.js';

const welcome = find<HTMLFormElement>('#welcome');
const session = loadSession();
if (session) enter(session);
else askForName();

function askForName(): void {
  const name = find<HTMLInputElement>('#name');
  const room = find<HTMLInputElement>('#first-room');
  room.value = decodeURIComponent(location.hash.slice(1)) || 'lobby';
  welcome.hidden = false;
  name.focus();
  welcome.addEventListener('submit', (event) => {
    event.preventDefault();
    enter(newSession(name.value.trim(), room.value.trim()));
  });
}

function enter(as: Session): void {
  welcome.hidden = true;
  find<HTMLElement>('#app').hidden = false;
  find('#my-name').textContent = as.me.name;
  const page = new ChatPage(as);

  const joinField = find<HTMLInputElement>('#join-name');
  find<HTMLFormElement>('#join').addEventListener('submit', (event) => {
    event.preventDefault();
    page.joinRoom(joinField.value.trim());
    joinField.value = '';
  });
  find('#leave').addEventListener('click', () => page.leaveRoom());
  find('#try-now').addEventListener('click', page.connect);
  find('#change-name').addEventListener('click', startOver);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) page.seen();
  });
  document.addEventListener('keydown', (event) => {
    if (!event.altKey || (event.key !== 'ArrowDown' && event.key !== 'ArrowUp')) return;
    event.preventDefault();
    page.switchRoom(event.key === 'ArrowDown' ? 1 : -1);
  });
}

function startOver(): void {
  forgetSession();
  location.reload();
}
