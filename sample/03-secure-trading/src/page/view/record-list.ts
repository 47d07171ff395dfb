import { create, find } from './element.js';
import { formatTime } from './format.js';

/** A line of a list. */
export interface RecordLine {
  readonly at: number;
  readonly title: string;
  readonly detail: string;
  /** `accepted`, or the code of a refusal. */
  readonly outcome: string;
}

const linesKept = 60;

/** Newest first: what has happened, and whether it was let through. */
export class RecordList {
  readonly #list: HTMLElement;

  constructor(selector: string) {
    this.#list = find<HTMLElement>(selector);
  }

  add({ at, title, detail, outcome }: RecordLine): void {
    const item = create('li', 'record');
    item.dataset['outcome'] = outcome;
    const badge = create('span', 'badge', outcome === 'accepted' ? 'Accepted' : outcome);
    badge.classList.toggle('bad', outcome !== 'accepted');
    const words = create('div', 'words', create('p', 'title', title), create('p', 'detail', detail));
    item.append(create('time', '', formatTime(at)), words, badge);
    this.#list.prepend(item);
    while (this.#list.childElementCount > linesKept) this.#list.lastElementChild?.remove();
  }

  clear(): void {
    this.#list.replaceChildren();
  }
}
