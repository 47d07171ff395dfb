import type { ClientStatus } from 'gatewire/client';
import { Notebook, type NotebookListener, type PageNote } from './notebook.js';
import { find } from './view/element.js';
import { showNotes } from './view/note-list.js';
import { showStatus } from './view/status-line.js';

/** While somebody types, a change is made at every pause of this many milliseconds. */
const pauseMs = 300;
const time = new Intl.DateTimeFormat(undefined, {
  month: 'short',
  day: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
});

/** Puts the notebook and its views together. */
export class NotesPage implements NotebookListener {
  readonly #app = find<HTMLElement>('#app');
  readonly #text = find<HTMLTextAreaElement>('#text');
  readonly #notebook: Notebook;
  #notes: readonly PageNote[] = [];
  #current: string | undefined;
  #pause = 0;
  #showStatus = (): void => undefined;

  constructor() {
    this.#notebook = new Notebook(this);
    this.#text.addEventListener('input', () => this.#typed());
    addEventListener('pagehide', () => this.#write(), { capture: true });
    find('#new').addEventListener('click', () => this.#open(this.#notebook.create()));
    find('#back').addEventListener('click', () => this.#leave());
    find('#throw-away').addEventListener('click', () => this.#throwAway());
    document.addEventListener('keydown', (event) => {
      if (!event.altKey || event.code !== 'KeyN') return;
      event.preventDefault();
      this.#open(this.#notebook.create());
    });
    const [first] = this.#notes;
    this.#show(first?.id ?? this.#notebook.create());
  }

  statusChanged(status: ClientStatus, waiting: number): void {
    this.#showStatus = () => showStatus(status, waiting, this.#pause !== 0);
    this.#showStatus();
  }

  notesChanged(notes: readonly PageNote[]): void {
    this.#notes = notes;
    this.#list();
    // Whoever types is not interrupted; whoever only reads sees what another has written.
    if (this.#pause === 0) this.#showText();
    this.#showTime();
  }

  refused(reason: string): void {
    find('#notice').textContent = `A change was not taken: ${reason}`;
  }

  #open(id: string): void {
    this.#write();
    this.#show(id);
    this.#app.dataset['shows'] = 'note';
    this.#text.focus();
  }

  #show(id: string): void {
    this.#current = id;
    this.#text.value = this.#shownText();
    this.#list();
    this.#showTime();
  }

  #leave(): void {
    this.#write();
    delete this.#app.dataset['shows'];
  }

  #throwAway(): void {
    clearTimeout(this.#pause);
    this.#pause = 0;
    if (this.#current !== undefined) this.#notebook.write(this.#current, '');
    delete this.#app.dataset['shows'];
    const [first] = this.#notes;
    this.#show(first?.id ?? this.#notebook.create());
  }

  #typed(): void {
    clearTimeout(this.#pause);
    this.#pause = window.setTimeout(() => this.#write(), pauseMs);
    this.#showStatus();
  }

  #write(): void {
    // What has not been typed in is not a change: another may have changed the note that is open here.
    if (this.#pause === 0) return;
    clearTimeout(this.#pause);
    this.#pause = 0;
    if (this.#current !== undefined) this.#notebook.write(this.#current, this.#text.value);
    this.#showStatus();
  }

  #list(): void {
    showNotes(this.#notes, this.#current, (id) => this.#open(id));
  }

  #showText(): void {
    const text = this.#shownText();
    if (this.#text.value === text) return;
    const { selectionStart, selectionEnd } = this.#text;
    this.#text.value = text;
    this.#text.setSelectionRange(selectionStart, selectionEnd);
  }

  #shownText(): string {
    return this.#notebookNote()?.text ?? '';
  }

  #showTime(): void {
    const note = this.#notebookNote();
    find('#edited').textContent = note === undefined ? '' : `Changed ${time.format(note.at)}`;
    find<HTMLButtonElement>('#throw-away').hidden = note === undefined;
  }

  #notebookNote(): PageNote | undefined {
    return this.#notes.find(({ id }) => id === this.#current);
  }
}
