import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a database has beside it. */
const suffixes = ['', '-wal', '-shm', '-mark'];

/** The file of a store in a folder of its own, and what was opened on it. */
export class StoreFolder {
  readonly folder = mkdtempSync(join(tmpdir(), 'gatewire-store-'));
  readonly file = join(this.folder, 'store.db');
  readonly #open: { close(): Promise<void> }[] = [];

  /** It is closed, if it is not by then, before the folder goes. */
  protected opened<Store extends { close(): Promise<void> }>(store: Store): Store {
    this.#open.push(store);
    return store;
  }

  /** As the files are now, while somebody has them open: as a machine would find them that stopped in this moment. */
  copyTo(other: StoreFolder, which = suffixes): void {
    for (const suffix of which) {
      rmSync(other.file + suffix, { force: true });
      if (existsSync(this.file + suffix)) copyFileSync(this.file + suffix, other.file + suffix);
    }
  }

  async remove(): Promise<void> {
    for (const one of this.#open) await one.close().catch(() => undefined);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
