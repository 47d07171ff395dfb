import { find } from './element.js';

/** What the composer tells the page. */
export interface ComposerListener {
  submitted(text: string): void;
  typed(): void;
}

/** Where one writes. Enter sends, Shift+Enter makes a new line. */
export class Composer {
  readonly #form = find<HTMLFormElement>('#composer');
  readonly #field = find<HTMLTextAreaElement>('#text');
  readonly #button = find<HTMLButtonElement>('#send');

  constructor(listener: ComposerListener) {
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      const text = this.draft.trim();
      if (text === '') return;
      this.draft = '';
      listener.submitted(text);
    });
    this.#field.addEventListener('keydown', (event) => {
      // While an input method composes a word, Enter belongs to it.
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#form.requestSubmit();
    });
    this.#field.addEventListener('input', () => {
      this.#fit();
      if (this.draft.trim() !== '') listener.typed();
    });
  }

  get draft(): string {
    return this.#field.value;
  }

  set draft(text: string) {
    this.#field.value = text;
    this.#fit();
  }

  focus(): void {
    this.#field.focus();
  }

  #fit(): void {
    this.#button.disabled = this.draft.trim() === '';
    this.#field.style.height = 'auto';
    this.#field.style.height = `${this.#field.scrollHeight}px`;
  }
}
