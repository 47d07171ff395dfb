import { createRandom } from '../../protocol/random.js';

/** The `number`-th save of a script: always the same for the same seed. It says its number under `n`. */
export function scriptedSave(seed: number, number: number): Map<string, unknown> {
  const random = createRandom(seed * 1_000_003 + number);
  const changes = new Map<string, unknown>([['n', number]]);
  const count = 1 + Math.floor(random() * 4);
  for (let change = 0; change < count; change++) {
    const length = Math.floor(random() ** 6 * 50_000);
    const value = random() < 0.5 ? 'x'.repeat(length) : new Uint8Array(length).fill(number);
    changes.set(`key ${Math.floor(random() * 20)}`, random() < 0.3 ? undefined : value);
  }
  return changes;
}

/** Makes of what is kept after the save `from` what is kept after the save `to`. */
export function replay(state: Map<string, unknown>, seed: number, from: number, to: number): void {
  for (let save = from + 1; save <= to; save++) {
    for (const [key, value] of scriptedSave(seed, save)) {
      if (value === undefined) state.delete(key);
      else state.set(key, value);
    }
  }
}
