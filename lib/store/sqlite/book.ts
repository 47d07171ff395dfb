/** What every store's file knows of itself. */
export interface BookRow {
  readonly id: string;
  commits: number;
  /** The boot of the machine in which commits were made that may not have reached the disk, or nothing. */
  unsynced: string;
}

/** What a thread is asked for; kind `read`: nothing is changed by it. */
export interface BookAsk {
  readonly kind: string;
}

/** What a file holds, as it is read and written within one transaction at a time. */
export interface Book<Ask extends BookAsk, Answer> {
  readonly row: BookRow;
  /** Whether there is something to commit. */
  readonly isChanged: boolean;
  /** @throws {StoreError} the transaction fails */
  answer(ask: Ask): Answer;
  /** A boot of the machine whose commits may not have reached the disk, or nothing. */
  setUnsynced(boot: string): void;
  /** It is not certain that everything is there which was confirmed. */
  renew(): void;
  /** Writes what has changed, before the commit. */
  save(): void;
  /** What was saved is committed. */
  committed?(): void;
  /** Lets go of what is remembered: it is not, or no longer, what is in the file. */
  forget(): void;
}
