import { compilePath, type PathPattern, type PathValues } from './path-pattern.js';
import { decodeSegments, trimEnd } from './path-segments.js';

interface PathEntry<T> {
  readonly pattern: PathPattern;
  readonly value: T;
}

/** What a path was found to stand for. */
export interface PathMatch<T> {
  readonly value: T;
  readonly params: PathValues;
}

/** Of paths without parameters: one for all. */
export const noParams: PathValues = Object.freeze({});

/** Finds what is at a path: the path itself if it is there, else the pattern that says most exactly what it stands for. */
export class PathTable<T> {
  readonly #static = new Map<string, T>();
  /** Most specific first; of equals, the one added first. */
  readonly #entries: PathEntry<T>[] = [];

  /** Puts a value at a path. What was there is replaced. @throws {OptionError} for a path that cannot be compiled */
  add(path: string, value: T): void {
    const pattern = compilePath(path);
    if (pattern.isStatic) this.#static.set(pattern.path, value);
    const known = this.#entries.findIndex((entry) => entry.pattern.path === pattern.path);
    if (known !== -1) this.#entries[known] = { pattern, value };
    else this.#entries.push({ pattern, value });
    this.#entries.sort((a, b) => compare(b.pattern.specificity, a.pattern.specificity));
  }

  /** What is at the path of a request (no query in it), with or without a slash at its end. */
  match(pathname: string): PathMatch<T> | undefined {
    const value = this.#static.get(trimEnd(pathname));
    if (value !== undefined) return { value, params: noParams };
    const segments = decodeSegments(pathname);
    if (segments === undefined) return undefined;
    for (const { pattern, value: found } of this.#entries) {
      const params = pattern.matchSegments(segments);
      if (params !== undefined) return { value: found, params };
    }
    return undefined;
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
