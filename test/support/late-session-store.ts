import { MemorySessionStore } from '../../lib/store/memory/memory-session-store.js';
import type { SessionChange, SessionStore, StoredSession } from '../../lib/store/session-store.js';
import { StoreError } from '../../lib/store/store-error.js';

/** A store as a process sees it: it answers when the test says so, fails, or is not reached any more. */
export class LateSessionStore implements SessionStore {
  readonly disk: MemorySessionStore;
  /** What was asked for. */
  readonly changes: SessionChange[] = [];
  #held: (() => void)[] | null = null;
  #fault: StoreError | null = null;
  #isCut = false;
  #underWay = 0;
  /** How many calls it likes to have at a time. */
  most = Infinity;

  constructor(disk = new MemorySessionStore()) {
    this.disk = disk;
  }

  get isBusy(): boolean {
    return this.#underWay >= this.most;
  }

  /** Nothing is done until {@link release}. */
  hold(): void {
    this.#held ??= [];
  }

  release(): void {
    const held = this.#held;
    this.#held = null;
    for (const work of held ?? []) work();
  }

  fail(fault: StoreError | null): void {
    this.#fault = fault;
  }

  /** The process is dead: what it has not been told is not done. */
  cut(): void {
    this.#isCut = true;
  }

  async adopt(owner: string): Promise<readonly StoredSession[]> {
    return this.#do(() => this.disk.adopt(owner));
  }

  async claim(id: string, tokenHash: string, owner: string): Promise<StoredSession | undefined> {
    return this.#do(() => this.disk.claim(id, tokenHash, owner));
  }

  write(id: string, owner: string, change: SessionChange): Promise<void> {
    this.changes.push(change);
    return this.#do(() => this.disk.write(id, owner, change));
  }

  async #do<Value>(work: () => Value): Promise<Value> {
    this.#underWay++;
    try {
      return await this.#done(work);
    } finally {
      this.#underWay--;
    }
  }

  async #done<Value>(work: () => Value): Promise<Value> {
    await new Promise<void>((resolve) => {
      if (this.#held === null) resolve();
      else this.#held.push(resolve);
    });
    if (this.#isCut) await new Promise(() => undefined);
    if (this.#fault !== null) throw this.#fault;
    return work();
  }
}

export const broken = new StoreError('unavailable', 'the disk is gone');
