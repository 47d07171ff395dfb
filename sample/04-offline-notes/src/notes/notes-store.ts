import type { Change, Note } from './notes-events.js';

const notesKept = 1_000;

/** All notes, in memory. */
export class NotesStore {
  readonly #notes = new Map<string, Note>();

  /** Also those that were thrown away: pages learn it from here. */
  all(): Note[] {
    return [...this.#notes.values()];
  }

  /**
   * Makes a change. Who has changed an old version loses nothing, and takes nothing away: the change becomes a note of its own.
   *
   * @returns the note that has changed; undefined: the change was there already
   */
  save(change: Change): Note | undefined {
    const current = this.#notes.get(change.id);
    if (current?.change === change.change || this.#notes.get(copyOf(change))?.change === change.change)
      return undefined;
    const isOld = current !== undefined && current.version > change.basedOn;
    // Pages write faster than answers come: what a page changes again is what it has seen.
    const isConflict = isOld && current.author !== change.author && current.text !== change.text;
    const { text, author } = change;
    const note: Note = isConflict
      ? { id: copyOf(change), text, author, change: change.change, version: 1, at: Date.now() }
      : {
          id: change.id,
          text,
          author,
          change: change.change,
          version: (current?.version ?? 0) + 1,
          at: Date.now(),
        };
    this.#put(note);
    return note;
  }

  #put(note: Note): void {
    this.#notes.delete(note.id);
    this.#notes.set(note.id, note);
    const [oldest] = this.#notes.keys();
    if (this.#notes.size > notesKept && oldest !== undefined) this.#notes.delete(oldest);
  }
}

/** The same for every time that a change is sent. */
function copyOf({ change }: Change): string {
  return `copy-${change}`;
}
