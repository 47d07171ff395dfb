import { decodeBase64Url, encodeBase64Url } from '../../primitives/base64url.js';
import { isBinary, toUint8Array } from '../../protocol/binary-data.js';
import { DataPaths, insidePath, type PathPosition } from '../data/data-path.js';

/** Stands for bytes: base64url. */
const bytesKey = '$bytes';

/** Stands for what was redacted. */
const redactedKey = '$redacted';

/** Stands for an object that has one of these keys itself. */
const plainKey = '$plain';

const ownKeys = [bytesKey, redactedKey, plainKey];

/** What was redacted, after reading. */
export const redacted = Symbol('redacted');

/**
 * Data as JSON can hold it: bytes are `{"$bytes": base64url}`, what is redacted is `{"$redacted": true}`, and an object that
 * has such a key itself stands inside `{"$plain": …}`. All else is as JSON has it; the data itself stays as it is.
 *
 * @param at what is redacted, from here; undefined: nothing is
 */
export function encodeRecorded(value: unknown, at: PathPosition | undefined): unknown {
  if (at === insidePath) return { [redactedKey]: true };
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (isBinary(value)) return { [bytesKey]: encodeBase64Url(toUint8Array(value)) };
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === 'function') return encodeRecorded((toJSON as () => unknown).call(value), at);
  if (Array.isArray(value))
    return value.map((item, index) => encodeRecorded(item, at && DataPaths.step(at, String(index))));
  return encodeObject(value, at);
}

function encodeObject(value: object, at: PathPosition | undefined): unknown {
  const names = Object.keys(value);
  // A peer's `__proto__` becomes a name like any other.
  const copy: unknown = Object.fromEntries(
    names.map((name) => [
      name,
      encodeRecorded((value as Record<string, unknown>)[name], at && DataPaths.step(at, name)),
    ]),
  );
  return names.some((name) => ownKeys.includes(name)) ? { [plainKey]: copy } : copy;
}

/** What {@link encodeRecorded} has written. @param placeholder what stands where something was redacted */
export function decodeRecorded(value: unknown, placeholder: unknown = redacted): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => decodeRecorded(item, placeholder));
  const entries = Object.entries(value);
  const [[key, inner] = ['', undefined]] = entries as [string, unknown][];
  if (entries.length === 1) {
    if (key === bytesKey && typeof inner === 'string') return decodeBase64Url(inner);
    if (key === redactedKey) return placeholder;
    if (key === plainKey && typeof inner === 'object' && inner !== null)
      return decodeEntries(Object.entries(inner), placeholder);
  }
  return decodeEntries(entries, placeholder);
}

function decodeEntries(entries: [string, unknown][], placeholder: unknown): unknown {
  return Object.fromEntries(entries.map(([name, item]) => [name, decodeRecorded(item, placeholder)]));
}
