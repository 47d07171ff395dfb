import type { SerializerLibrary } from './serializer-library.js';

/** Levels; what is nested deeper is most likely a cycle, which no codec can encode either. */
const maxDepth = 512;

/** Puts plain objects in the place of instances whose classes class-transformer knows; what holds none stays what it is. */
export class PlainCopy {
  readonly #library: SerializerLibrary;
  readonly #options: object;
  readonly #known = new WeakMap<object, boolean>();

  constructor(library: SerializerLibrary, options: object) {
    this.#library = library;
    this.#options = options;
  }

  /**
   * The value itself, or a copy of as much of it as changes. An object with `toJSON` that the library does not know, and
   * bytes, say themselves what they are in a message.
   *
   * @throws {TypeError} for what is nested too deep
   */
  of(value: unknown, depth = 0): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (depth > maxDepth) throw new TypeError(`data nested deeper than ${maxDepth} levels, or in itself`);
    if (Array.isArray(value)) return this.#ofItems(value, depth);
    if (this.#isKnown(value)) return this.#library.instanceToPlain(value, this.#options);
    if (ArrayBuffer.isView(value) || typeof (value as { toJSON?: unknown }).toJSON === 'function')
      return value;
    return this.#ofProperties(value as Record<string, unknown>, depth);
  }

  #ofItems(items: readonly unknown[], depth: number): readonly unknown[] {
    let copy: unknown[] | undefined;
    for (let i = 0; i < items.length; i++) {
      const after = this.of(items[i], depth + 1);
      if (after === items[i]) continue;
      copy ??= [...items];
      copy[i] = after;
    }
    return copy ?? items;
  }

  #ofProperties(object: Record<string, unknown>, depth: number): object {
    let copy: Record<string, unknown> | undefined;
    for (const key of Object.keys(object)) {
      const after = this.of(object[key], depth + 1);
      if (after === object[key]) continue;
      copy ??= { ...object };
      copy[key] = after;
    }
    return copy ?? object;
  }

  #isKnown(value: object): boolean {
    const prototype = Object.getPrototypeOf(value) as object | null;
    if (prototype === null || prototype === Object.prototype) return false;
    let isKnown = this.#known.get(prototype);
    if (isKnown === undefined) {
      isKnown = this.#library.knows(value.constructor);
      this.#known.set(prototype, isKnown);
    }
    return isKnown;
  }
}
