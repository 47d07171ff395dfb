import { undecided } from './undecided.js';

/** A property that the libraries would have deleted from the input: done once the input is known to be valid. */
export type Deletion = readonly [object: Record<string, unknown>, key: string];

/** Makes of a part of the input what class-transformer would; or says that it is undecided. */
export interface Convert {
  (value: unknown, deletions: Deletion[]): unknown;
  /** Which values it gives back as they are: those of one `typeof`, or all strings, numbers and booleans. */
  readonly keeps?: 'scalars' | 'string' | 'number' | 'boolean' | undefined;
}

/** A conversion that gives back such values as they are. */
export function keeping(
  keeps: Convert['keeps'],
  convert: (value: unknown, deletions: Deletion[]) => unknown,
): Convert {
  return Object.assign(convert, { keeps });
}

const plainPrototype = Object.prototype;

/** An object as `JSON.parse` makes them. */
export function isPlainObject(value: object): value is Record<string, unknown> {
  return Object.getPrototypeOf(value) === plainPrototype;
}

/**
 * A key that is no plain property: one of `Object.prototype` (which class-transformer skips), or one that Nest strips.
 * What has it is left to the libraries.
 */
export function isSpecialKey(key: string): boolean {
  return key === 'prototype' || key in plainPrototype;
}

/** A copy as class-transformer makes of data without a class; undecided for anything that JSON cannot give. */
export const copyPlain: Convert = keeping('scalars', (value, deletions) => {
  if (typeof value !== 'object') return typeof value === 'function' ? undecided : value;
  if (value === null) return null;
  if (Array.isArray(value)) return copyItems(value, copyPlain, deletions);
  if (!isPlainObject(value)) return undecided;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const item = copyPlain(value[key], deletions);
    if (item === undecided || item === undefined || isSpecialKey(key)) return undecided;
    copy[key] = item;
  }
  return copy;
});

/** The same where options would leave out keys of such data: only what has no keys is decided. */
export const copyScalars: Convert = keeping('scalars', (value, deletions) => {
  if (typeof value !== 'object') return typeof value === 'function' ? undecided : value;
  if (value === null) return null;
  return Array.isArray(value) ? copyItems(value, copyScalars, deletions) : undecided;
});

/** Whether the libraries leave a part of the input as it is that they do not take over: it has no keys that Nest strips. */
export function isClean(value: unknown): boolean {
  return typeof value !== 'object' || value === null || copyPlain(value, []) !== undecided;
}

/** Each item converted; undecided for gaps, and for arrays that are no plain ones. */
export function copyItems(items: readonly unknown[], convert: Convert, deletions: Deletion[]): unknown {
  if (Object.getPrototypeOf(items) !== Array.prototype) return undecided;
  const copy: unknown[] = [];
  for (const item of items) {
    const converted = item === undefined ? undecided : convert(item, deletions);
    if (converted === undecided) return undecided;
    copy.push(converted);
  }
  return copy;
}
