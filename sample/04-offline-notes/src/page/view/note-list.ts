import type { PageNote } from '../notebook.js';
import { create, find } from './element.js';

/** The notes, the one that was changed last on top. What is there stays where it is: somebody may be about to click on it. */
export function showNotes(
  notes: readonly PageNote[],
  current: string | undefined,
  open: (id: string) => void,
): void {
  const list = find<HTMLUListElement>('#notes');
  const shown = new Map([...list.children].map((item) => [(item as HTMLElement).dataset['id'], item]));
  const items = notes.map((note) => {
    const item = shown.get(note.id) ?? newItem(note.id, open);
    const button = item.firstElementChild as HTMLButtonElement;
    button.replaceChildren(...contentOf(note));
    button.ariaCurrent = String(note.id === current);
    return item;
  });
  if (items.length !== list.children.length || items.some((item, at) => item !== list.children[at]))
    list.replaceChildren(...items);
  find<HTMLElement>('#none').hidden = notes.length > 0;
}

function newItem(id: string, open: (id: string) => void): HTMLLIElement {
  const button = create('button', 'note');
  button.type = 'button';
  button.addEventListener('click', () => open(id));
  const item = create('li', '', button);
  item.dataset['id'] = id;
  return item;
}

function contentOf({ text, waiting, at }: PageNote): Node[] {
  const [title = '', ...rest] = text.trim().split('\n');
  const head = create('span', 'title', create('span', '', title === '' ? 'Untitled' : title));
  if (waiting !== null) head.append(waitingMark());
  const second = rest.join(' ').trim();
  return [head, create('span', 'rest', second === '' ? dayOf(at) : second)];
}

function waitingMark(): HTMLElement {
  return create('span', 'mark', create('span', 'visually-hidden', 'waits for the network'));
}

function dayOf(at: number): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' }).format(at);
}
