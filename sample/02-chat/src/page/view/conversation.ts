import type { Member } from '../../chat/chat-events.js';
import type { Line, Room } from '../room.js';
import { create, find } from './element.js';
import { lineView } from './line-view.js';

const togetherMs = 5 * 60_000;
const nearBottomPx = 80;

/** The messages of the room that is shown. */
export class Conversation {
  readonly #list = find<HTMLOListElement>('#lines');
  readonly #typing = find<HTMLElement>('#typing');
  readonly #empty = find<HTMLElement>('#empty');
  readonly #me: Member;
  #last: Line | undefined;

  constructor(me: Member) {
    this.#me = me;
  }

  show(room: Room): void {
    this.#list.replaceChildren();
    this.#last = undefined;
    this.#empty.hidden = room.lines.length > 0;
    for (const line of room.lines) this.#append(line);
    this.#scrollToEnd();
    this.showTyping(room);
  }

  add(line: Line): void {
    const { scrollHeight, scrollTop, clientHeight } = this.#list;
    const wasAtEnd = scrollHeight - scrollTop - clientHeight < nearBottomPx;
    this.#empty.hidden = true;
    this.#append(line);
    if (wasAtEnd || line.author.id === this.#me.id) this.#scrollToEnd();
  }

  update(line: Line): void {
    const old = this.#list.querySelector<HTMLElement>(`[data-id="${CSS.escape(line.id)}"]`);
    old?.replaceWith(this.#view(line, old.classList.contains('continues')));
  }

  showTyping({ typing }: Room): void {
    const names = typing.map(({ name }) => name);
    const verb = names.length === 1 ? 'is' : 'are';
    const text =
      names.length > 3
        ? 'Several people are typing'
        : `${new Intl.ListFormat('en').format(names)} ${verb} typing`;
    const content = names.length === 0 ? [] : [dots(), create('span', '', text)];
    if (this.#typing.textContent !== (names.length === 0 ? '' : text))
      this.#typing.replaceChildren(...content);
  }

  #append(line: Line): void {
    const continues = this.#last?.author.id === line.author.id && line.at - this.#last.at < togetherMs;
    this.#list.append(this.#view(line, continues));
    this.#last = line;
  }

  #view(line: Line, continues: boolean): HTMLLIElement {
    return lineView(line, line.author.id === this.#me.id, continues);
  }

  #scrollToEnd(): void {
    this.#list.scrollTop = this.#list.scrollHeight;
  }
}

function dots(): HTMLElement {
  const mark = create('span', 'dots', create('i', ''), create('i', ''), create('i', ''));
  mark.ariaHidden = 'true';
  return mark;
}
