import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

/** Turns bits of one byte over. */
export function flip(file: string, at: number, bits: number): void {
  const bytes = readFileSync(file);
  const handle = openSync(file, 'r+');
  writeSync(handle, Uint8Array.of(bytes[at]! ^ bits), 0, 1, at);
  closeSync(handle);
}

/** Numbers from 0 to 1, the same for the same seed. */
export function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
