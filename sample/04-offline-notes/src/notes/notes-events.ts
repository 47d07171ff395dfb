/** What the server and the page say to each other. Types only: the page loads nothing from here. */

/** A note as the server has it. */
export interface Note {
  readonly id: string;
  /** Empty: it was thrown away. */
  readonly text: string;
  /** One more with each change. */
  readonly version: number;
  /** Made by the page whose change this is, and the same however often it is sent. */
  readonly change: string;
  /** The page that has changed it last. */
  readonly author: string;
  /** When the server got the change: milliseconds since 1970. */
  readonly at: number;
}

/** A change that a page has made. */
export interface Change {
  readonly id: string;
  readonly text: string;
  readonly change: string;
  readonly author: string;
  /** The version that was changed; 0: a new note. */
  readonly basedOn: number;
}

/** Both directions, as the page's client has them. */
export interface NotesContract {
  readonly send: {
    /** All notes that there are. */
    list(): readonly Note[];
    save(change: Change): void;
  };
  readonly receive: {
    saved: Note;
  };
}
