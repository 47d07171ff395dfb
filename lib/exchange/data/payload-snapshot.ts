import { isBinary, toUint8Array } from '../../protocol/binary-data.js';
import { DataPaths, insidePath, type PathPosition } from './data-path.js';

/** Stands where something was that is not for the log. */
const redacted = '[redacted]';

/** Stands where more follows. */
const cut = '…';

/** Deeper is cut. */
const deepest = 16;

/** What a number, a name's quotes or a bracket takes. */
const smallest = 4;

/** A copy of data for a log: bounded in size, without what is redacted. The data itself stays as it is. */
export class PayloadSnapshot {
  #left: number;

  /** @param characters of strings and names; what is beyond is cut */
  constructor(characters: number) {
    this.#left = characters;
  }

  /** @param at what is redacted, from here; undefined: nothing is */
  copy(value: unknown, at: PathPosition | undefined, depth = 0): unknown {
    if (at === insidePath) return redacted;
    switch (typeof value) {
      case 'string':
        return this.#text(value);
      case 'object':
        return value === null ? null : this.#object(value, at, depth);
      case 'bigint':
        return this.#text(value.toString());
      case 'number':
      case 'boolean':
        this.#left -= smallest;
        return value;
      default:
        // Not sent either.
        return undefined;
    }
  }

  #text(text: string): string {
    const taken = text.length <= this.#left ? text : text.slice(0, Math.max(0, this.#left)) + cut;
    this.#left -= text.length + smallest;
    return taken;
  }

  #object(value: object, at: PathPosition | undefined, depth: number): unknown {
    this.#left -= smallest;
    if (isBinary(value)) return `[${toUint8Array(value).length} bytes]`;
    if (depth === deepest || this.#left < 0) return cut;
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON === 'function') return this.copy((toJSON as () => unknown).call(value), at, depth + 1);
    return Array.isArray(value) ? this.#list(value, at, depth + 1) : this.#record(value, at, depth + 1);
  }

  #list(items: readonly unknown[], at: PathPosition | undefined, depth: number): unknown[] {
    const copy: unknown[] = [];
    for (let i = 0; i < items.length; i++) {
      if (this.#left < 0) {
        copy.push(cut);
        break;
      }
      copy.push(this.copy(items[i], at && DataPaths.step(at, String(i)), depth));
    }
    return copy;
  }

  #record(value: object, at: PathPosition | undefined, depth: number): Record<string, unknown> {
    const entries: [string, unknown][] = [];
    for (const name of Object.keys(value)) {
      if (this.#left < 0) {
        entries.push([cut, cut]);
        break;
      }
      const item = this.copy((value as Record<string, unknown>)[name], at && DataPaths.step(at, name), depth);
      entries.push([this.#text(name), item]);
    }
    // A peer's `__proto__` becomes a name like any other.
    return Object.fromEntries(entries);
  }
}
