import { isBinary, toUint8Array } from '../protocol/binary-data.js';

/** Beyond it the walk gives up: it is a mistake of the sender, most likely an object that holds itself. */
const deepest = 512;

const loneSurrogate = /\p{Surrogate}/gu;

/**
 * What `JSON.stringify` would send of a value, with bytes kept as bytes: so a message means the same in every codec,
 * and a driver meets nothing but strings, numbers, booleans, null, bytes, arrays and plain objects.
 *
 * `toJSON` is called; members that are undefined, functions or symbols are left out, in arrays they are null; class
 * instances become plain objects. Other than in JSON, NaN and the infinities stay what they are. Lone surrogates
 * become U+FFFD, since UTF-8 has no form for them. What needs no change is returned itself, not a copy.
 *
 * @param keepsDates leaves valid dates as they are
 * @throws {TypeError} for a BigInt, a cycle, and a key `__proto__`, which receivers refuse
 */
export function toPlainData(value: unknown, keepsDates: boolean): unknown {
  return plain(value, '', keepsDates, 0);
}

function plain(value: unknown, key: string, keepsDates: boolean, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return wellFormed(value);
    case 'number':
    case 'boolean':
      return value;
    case 'bigint':
      throw new TypeError('a BigInt cannot be sent: make it a string');
    case 'object':
      return value === null ? null : plainObjectOrBytes(value, key, keepsDates, depth);
    default:
      return undefined;
  }
}

function plainObjectOrBytes(value: object, key: string, keepsDates: boolean, depth: number): unknown {
  if (isBinary(value)) return value instanceof Uint8Array ? value : toUint8Array(value);
  if (depth >= deepest) throw new TypeError(`data is nested more than ${deepest} deep, or it holds itself`);
  if (keepsDates && value instanceof Date) return Number.isNaN(value.getTime()) ? null : value;
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === 'function') return plain(toJSON.call(value, key), key, keepsDates, depth + 1);
  if (Array.isArray(value)) return plainArray(value, keepsDates, depth);
  if (value instanceof Number || value instanceof String || value instanceof Boolean) return value.valueOf();
  return plainObject(value as Record<string, unknown>, keepsDates, depth);
}

function plainArray(items: readonly unknown[], keepsDates: boolean, depth: number): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (let at = 0; at < items.length; at++) {
    const item = items[at];
    const sent = plain(item, String(at), keepsDates, depth + 1) ?? null;
    if (copy === undefined && !Object.is(sent, item)) copy = items.slice(0, at);
    copy?.push(sent);
  }
  return copy ?? items;
}

function plainObject(source: Record<string, unknown>, keepsDates: boolean, depth: number): object {
  const keys = Object.keys(source);
  let copy: Record<string, unknown> | undefined = isPlain(source) ? undefined : {};
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at]!;
    if (key === '__proto__') throw new TypeError('a key "__proto__" cannot be sent');
    const value = source[key];
    const sent = plain(value, key, keepsDates, depth + 1);
    const sentKey = wellFormed(key);
    if (copy === undefined && (!Object.is(sent, value) || sent === undefined || sentKey !== key))
      copy = copyOf(source, keys, at);
    if (copy !== undefined && sent !== undefined) copy[sentKey] = sent;
  }
  return copy ?? source;
}

function copyOf(
  source: Record<string, unknown>,
  keys: readonly string[],
  count: number,
): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (let at = 0; at < count; at++) copy[keys[at]!] = source[keys[at]!];
  return copy;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype;
}

function wellFormed(text: string): string {
  loneSurrogate.lastIndex = 0;
  return loneSurrogate.test(text) ? text.replace(loneSurrogate, '\ufffd') : text;
}
