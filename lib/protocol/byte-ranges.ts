import { type BinaryData, isBinary, toUint8Array } from './binary-data.js';
import { isObject } from './check-envelope.js';

/** Key of the object that stands in a header for bytes: `{"$bytes": [start, end]}`. */
const bytesKey = '$bytes';

/** Data as a header carries it, and the bytes that follow the header. */
export interface LiftedData {
  readonly data: unknown;
  readonly parts: readonly Uint8Array[];
  /** Of all parts together. */
  readonly bytes: number;
}

/** Takes the bytes out of an object or array: a range stands in the place of each. Only its own values are looked at. */
export function liftBytes(data: object): LiftedData {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  const lift = (value: BinaryData): unknown => {
    const part = toUint8Array(value);
    parts.push(part);
    return { [bytesKey]: [bytes, (bytes += part.length)] };
  };
  const replace = (value: unknown): unknown => {
    if (isBinary(value)) return lift(value);
    // What only looks like a range is wrapped, so that the other end gives it back as it is.
    return isObject(value) && Object.hasOwn(value, bytesKey) ? { [bytesKey]: value } : value;
  };
  if (Array.isArray(data)) return { data: data.map(replace), parts, bytes };
  // fromEntries defines properties: a key `__proto__` stays a key.
  const lifted: unknown = Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, replace(value)]),
  );
  return { data: lifted, parts, bytes };
}

/**
 * Puts the bytes back, as views on `raw`. Changes `data`.
 * @returns why it cannot: a range outside of `raw`, or bytes that nothing refers to
 */
export function restoreBytes(data: unknown, raw: Uint8Array): string | undefined {
  let ranges = 0;
  if (typeof data === 'object' && data !== null) {
    const values = data as Record<string, unknown>;
    for (const key of Object.keys(values)) {
      const value = values[key];
      if (!isObject(value) || !Object.hasOwn(value, bytesKey)) continue;
      const range = value[bytesKey];
      if (isObject(range)) values[key] = range;
      else if (isRange(range, raw.length)) {
        values[key] = raw.subarray(range[0], range[1]);
        ranges++;
      } else return '"$bytes" must be [start, end] within the bytes of the frame';
    }
  }
  return ranges === 0 && raw.length > 0 ? 'the frame has bytes that "data" does not refer to' : undefined;
}

function isRange(range: unknown, length: number): range is [number, number] {
  if (!Array.isArray(range) || range.length !== 2) return false;
  const [start, end] = range as [unknown, unknown];
  return (
    Number.isSafeInteger(start) &&
    Number.isSafeInteger(end) &&
    inOrder(0, start as number, end as number, length)
  );
}

function inOrder(...numbers: number[]): boolean {
  return numbers.every((number, at) => at === 0 || (numbers[at - 1] as number) <= number);
}
