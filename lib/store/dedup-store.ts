/** What is remembered of a message that is done, or is being worked on. Can be written as JSON. */
export type DedupRecord =
  /** Being worked on, here or in another process. */
  | { readonly event: string; readonly kind: 'running' }
  /** Done; what it was answered is not kept. */
  | { readonly event: string; readonly kind: 'done' }
  /** `json`: as JSON text, absent for nothing; `bytes`: what is no JSON, in a form of the writer's own, as base64. */
  | { readonly event: string; readonly kind: 'value'; readonly json?: string; readonly bytes?: string }
  | {
      readonly event: string;
      readonly kind: 'error';
      readonly code: string;
      readonly message: string;
      readonly details?: unknown;
    }
  | { readonly event: string; readonly kind: 'dropped'; readonly reason: string };

/**
 * Where keys of messages are remembered exactly, beyond what fits into memory or into one process.
 *
 * MUST claim atomically: of two claims of one key, one gets nothing and the other what is remembered. MUST NOT forget a
 * key before its `ttlMs` are over, and MUST forget it some time after.
 */
export interface DedupStore {
  /** Undefined: it was not known, and is now remembered as running. Otherwise what is known, which stays as it is. */
  claim(
    key: string,
    event: string,
    ttlMs: number,
  ): DedupRecord | undefined | PromiseLike<DedupRecord | undefined>;
  /** Remembers what became of a key, claimed or not. */
  settle(key: string, record: DedupRecord, ttlMs: number): void | PromiseLike<void>;
  /** Forgets a key. */
  release(key: string): void | PromiseLike<void>;
}
