import type { CounterRule, CounterVerdict } from '../counter-store.js';

/** What the thread is asked for. */
export type CounterAsk =
  | {
      readonly kind: 'take';
      readonly key: string;
      readonly rule: CounterRule;
      readonly messages: number;
      readonly bytes: number;
      readonly now: number;
    }
  /** Whether it is there. */
  | { readonly kind: 'read' };

export interface CounterAnswer extends CounterVerdict {
  /** A key that had not recovered was forgotten for this one. */
  readonly hasEvicted: boolean;
}
