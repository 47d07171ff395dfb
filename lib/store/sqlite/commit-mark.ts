import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';

/** In one sector, so that it is never half written. */
const length = 64;

/**
 * The number of the last commit, in a small file beside the database. SQLite drops commits at the end of a damaged or
 * missing write-ahead log without a word; a mark that is ahead of the database
 * tells, as it does of an old copy that was put in its place. It is never synced: after a power cut
 * it may be behind, and then it tells nothing.
 */
export class CommitMark {
  readonly #file: number;
  readonly #bytes = Buffer.alloc(length, ' ');

  constructor(path: string) {
    this.#file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  }

  /** The store that was written to, and its commits, as far as the mark knows. */
  read(): { storeId: string; commits: number } | undefined {
    const count = readSync(this.#file, this.#bytes, 0, length, 0);
    const [storeId, commits] = this.#bytes.toString('latin1', 0, count).trim().split(' ');
    return storeId !== undefined && commits !== undefined ? { storeId, commits: Number(commits) } : undefined;
  }

  write(storeId: string, commits: number): void {
    this.#bytes.fill(' ');
    this.#bytes.write(`${storeId} ${commits}`, 'latin1');
    writeSync(this.#file, this.#bytes, 0, length, 0);
  }

  close(): void {
    closeSync(this.#file);
  }
}
