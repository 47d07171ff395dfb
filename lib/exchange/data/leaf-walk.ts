import { isBinary } from '../../protocol/binary-data.js';
import { DataPaths, insidePath, type PathPosition } from './data-path.js';

/** Data nested more deeply is not examined: what comes in has at most 64 levels, and a cycle must end somewhere. */
const deepest = 64;

/** What a walk does with the texts and bytes it comes by. */
export interface LeafVisitor {
  /** The walk stops where it is. */
  readonly isDone: boolean;
  /** Returns what shall stand in its place; the same for no change. */
  leaf(value: unknown): unknown;
  /** There is data that will not be examined. */
  tooDeep(): void;
}

/**
 * Gives each string and each piece of bytes in data to a visitor, in order, and returns the data with what it has put in
 * their places. What is changed is copied first, with all that holds it: data on its way out belongs to the application.
 *
 * @param paths which parts are meant; undefined: all
 */
export function walkLeaves(data: unknown, paths: DataPaths | undefined, visitor: LeafVisitor): unknown {
  return walk(data, paths === undefined ? insidePath : paths.start, visitor, 0);
}

function walk(value: unknown, at: PathPosition, visitor: LeafVisitor, depth: number): unknown {
  if (typeof value === 'string') return at === insidePath ? visitor.leaf(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (isBinary(value)) return at === insidePath ? visitor.leaf(value) : value;
  if (depth === deepest) {
    visitor.tooDeep();
    return value;
  }
  if (Array.isArray(value)) return walkArray(value, at, visitor, depth + 1);
  const sent = asSent(value);
  if (sent === value) return walkObject(value, at, visitor, depth + 1);
  const replaced = walk(sent, at, visitor, depth + 1);
  return Object.is(replaced, sent) ? value : replaced;
}

/** What JSON makes of an object that has a say in it. */
function asSent(value: object): unknown {
  const { toJSON } = value as { toJSON?: unknown };
  return typeof toJSON === 'function' ? (toJSON as () => unknown).call(value) : value;
}

function walkArray(items: unknown[], at: PathPosition, visitor: LeafVisitor, depth: number): unknown[] {
  let copy: unknown[] | undefined;
  for (let i = 0; i < items.length && !visitor.isDone; i++) {
    const next = at === insidePath ? at : DataPaths.step(at, String(i));
    if (next === undefined) continue;
    const item = items[i];
    const replaced = walk(item, next, visitor, depth);
    if (!Object.is(replaced, item)) (copy ??= [...items])[i] = replaced;
  }
  return copy ?? items;
}

function walkObject(value: object, at: PathPosition, visitor: LeafVisitor, depth: number): object {
  let copy: object | undefined;
  for (const name of Object.keys(value)) {
    if (visitor.isDone) break;
    const next = at === insidePath ? at : DataPaths.step(at, name);
    if (next === undefined) continue;
    const item = (value as Record<string, unknown>)[name];
    const replaced = walk(item, next, visitor, depth);
    if (Object.is(replaced, item)) continue;
    copy ??= copyOf(value);
    // Defined, not assigned: a peer's `__proto__` is a name like any other here.
    Object.defineProperty(copy, name, {
      value: replaced,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return copy ?? value;
}

/** Its prototype stays: what a class hides from serializers must stay hidden in the copy. */
function copyOf(value: object): object {
  const prototype = Object.getPrototypeOf(value) as object | null;
  return Object.create(prototype, Object.getOwnPropertyDescriptors(value)) as object;
}
