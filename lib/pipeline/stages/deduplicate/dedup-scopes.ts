import type { Connection } from '../../../connection/connection.js';
import { DedupWindow } from '../../../exchange/dedup-window.js';
import type { MessageId } from '../../../protocol/envelope.js';
import type { ResolvedDeduplicate } from './deduplicate.options.js';
import { type FirstRun } from './first-run.js';
import { ReplyBudget } from './reply-budget.js';

/** The messages that can be repeats of one another. */
export interface DedupScope {
  readonly window: DedupWindow<MessageId, FirstRun>;
  readonly budget: ReplyBudget;
}

/** Who is remembered: each connection by itself, each user on all connections. */
export class DedupScopes {
  readonly #options: ResolvedDeduplicate;
  readonly #onEvict: () => void;
  readonly #total: ReplyBudget;
  readonly #connections = new WeakMap<Connection, DedupScope>();
  /** From the longest unused to the last used. */
  readonly #users = new Map<string, DedupScope>();

  /** @param onEvict the keys of a user were forgotten for those of another */
  constructor(options: ResolvedDeduplicate, onEvict: () => void) {
    this.#options = options;
    this.#onEvict = onEvict;
    this.#total = new ReplyBudget(options.totalRepliesBytes);
  }

  /** Users that are remembered. */
  get users(): number {
    return this.#users.size;
  }

  /** Bytes of all replies that are kept. */
  get bytes(): number {
    return this.#total.bytes;
  }

  ofConnection(connection: Connection): DedupScope {
    let scope = this.#connections.get(connection);
    if (scope === undefined)
      this.#connections.set(connection, (scope = this.#createScope(this.#options.maxIds)));
    return scope;
  }

  ofUser(id: string, now: number): DedupScope {
    let scope = this.#users.get(id);
    if (scope !== undefined) this.#users.delete(id);
    else {
      this.#makeRoom(now);
      scope = this.#createScope(this.#options.maxKeys);
    }
    this.#users.set(id, scope);
    return scope;
  }

  /** A connection is gone: nobody can repeat its messages any more. */
  leave(connection: Connection): void {
    this.#connections.get(connection)?.window.clear();
    this.#connections.delete(connection);
  }

  #createScope(maxKeys: number): DedupScope {
    const { ttlMs, maxRepliesBytes } = this.#options;
    return {
      window: new DedupWindow({ maxKeys, ttlMs }),
      budget: new ReplyBudget(maxRepliesBytes, this.#total),
    };
  }

  /** Two at a time, so that users who are gone go faster than new ones come. */
  #makeRoom(now: number): void {
    let left = 2;
    for (const [id, { window }] of this.#users) {
      if (left-- === 0) break;
      window.sweep(now);
      if (window.size > 0) break;
      this.#users.delete(id);
    }
    if (this.#users.size < this.#options.maxUsers) return;
    const [longestUnused] = this.#users;
    if (longestUnused === undefined) return;
    longestUnused[1].window.clear();
    this.#users.delete(longestUnused[0]);
    this.#onEvict();
  }
}
