import type { CounterRule } from '../counter-store.js';
import type { StoreError } from '../store-error.js';
import type { CounterAnswer, CounterAsk } from './counter-asks.js';
import { errorOf, type Failed } from './store-failure.js';
import type { Packed } from './worker-messages.js';

/** What travels between threads: flat, and a rule that comes again is cloned once. */
const perAsk = 5;

export function packAsks(asks: readonly CounterAsk[]): Packed {
  const content: unknown[] = [];
  for (const ask of asks) {
    if (ask.kind === 'read') content.push(undefined, undefined, 0, 0, 0);
    else content.push(ask.key, ask.rule, ask.messages, ask.bytes, ask.now);
  }
  return { content, transfer: [] };
}

export function unpackAsks(content: unknown, asks: CounterAsk[]): void {
  const packed = content as unknown[];
  for (let i = 0; i < packed.length; i += perAsk) {
    const [key, rule, messages, bytes, now] = packed.slice(i, i + perAsk) as [
      string | undefined,
      CounterRule,
      number,
      number,
      number,
    ];
    asks.push(key === undefined ? { kind: 'read' } : { kind: 'take', key, rule, messages, bytes, now });
  }
}

export function packAnswers(answers: readonly (CounterAnswer | Failed)[]): Packed {
  return { content: answers, transfer: [] };
}

/** What each ask is answered with. */
export function unpackAnswers(content: unknown): (CounterAnswer | StoreError)[] {
  return (content as (CounterAnswer | Failed)[]).map((answer) =>
    'failure' in answer ? errorOf(answer.failure) : answer,
  );
}
