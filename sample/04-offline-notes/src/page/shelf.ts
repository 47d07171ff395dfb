import type { PageNote } from './notebook.js';
import { newId } from './new-id.js';

const notesKey = 'offline-notes';
const authorKey = 'offline-notes-author';

/** What the browser keeps of the notes, so that they can be read, and written on, without a connection. */
export class Shelf {
  /** This browser. */
  readonly author: string;

  constructor() {
    this.author = localStorage.getItem(authorKey) ?? newId();
    localStorage.setItem(authorKey, this.author);
  }

  notes(): Map<string, PageNote> {
    const stored = localStorage.getItem(notesKey);
    return new Map(stored === null ? [] : (JSON.parse(stored) as [string, PageNote][]));
  }

  keep(notes: ReadonlyMap<string, PageNote>): void {
    localStorage.setItem(notesKey, JSON.stringify([...notes]));
  }

  /** Another tab has kept something. */
  changedElsewhere(listener: () => void): void {
    addEventListener('storage', ({ key }) => {
      if (key === notesKey) listener();
    });
  }
}
