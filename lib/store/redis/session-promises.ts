import type { SessionAsk } from './session-asks.js';

/** What this process was promised of a session that is its own. */
export interface SessionPromise {
  readonly id: string;
  readonly owner: string;
  /** Of the batch that changed it last. */
  number: number;
  /** When it was last told to stay. */
  touchedAt: number;
  /** Redis has come back without it, or with less of it. */
  isLost: boolean;
}

/** What Redis has confirmed to this process, by session: so that it is noticed when it has come back with less. */
export class SessionPromises {
  /** From the one that was touched longest ago. */
  readonly #promises = new Map<string, SessionPromise>();

  get(id: string): SessionPromise | undefined {
    return this.#promises.get(id);
  }

  /** Number of the batch that a session of `owner` must have seen at least. */
  expectedOf({ id, owner }: SessionAsk): number {
    const promise = this.#promises.get(id);
    return promise?.owner === owner ? promise.number : 0;
  }

  isDue(id: string, before: number): boolean {
    const promise = this.#promises.get(id);
    return promise === undefined || promise.touchedAt <= before;
  }

  /** `touchedAt`: undefined where nothing was done about how long it stays. */
  keep(id: string, owner: string, number: number, touchedAt: number | undefined): void {
    const known = this.#promises.get(id);
    if (known?.owner === owner && touchedAt === undefined) {
      known.number = number;
      return;
    }
    this.#promises.delete(id);
    this.#promises.set(id, {
      id,
      owner,
      number,
      touchedAt: touchedAt ?? known?.touchedAt ?? -Infinity,
      isLost: false,
    });
  }

  delete(id: string): void {
    this.#promises.delete(id);
  }

  /** Those that were last touched before, no more than `most`. */
  touchedBefore(time: number, most: number): SessionPromise[] {
    const found: SessionPromise[] = [];
    for (const promise of this.#promises.values()) {
      if (promise.touchedAt > time || found.length >= most) break;
      if (!promise.isLost) found.push(promise);
    }
    return found;
  }

  /** Batches after this number are not there any more. Those that had changes in them are lost, and told once. */
  lose(after: number): SessionPromise[] {
    const lost: SessionPromise[] = [];
    for (const promise of this.#promises.values()) {
      if (promise.isLost || promise.number <= after) continue;
      promise.isLost = true;
      lost.push(promise);
    }
    return lost;
  }
}
