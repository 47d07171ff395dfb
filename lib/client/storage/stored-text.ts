/** One key with this name and nothing beside it: bytes. With more `$`: such an object of the application, one `$` the more. */
const marker = /^\$+bytes$/;
/** Text for String.fromCharCode at once: arguments of a call are limited. */
const chunkBytes = 8_192;

/** A value as text, for storages that keep text: JSON, in which bytes are `{"$bytes":"<base64>"}`. @throws {TypeError} what is no data */
export function toStoredText(value: unknown): string {
  const text = JSON.stringify(value, function (this: Record<string, unknown>, key, plain: unknown) {
    // The replacer is given what toJSON has made of it; Node's Buffer has a toJSON.
    const original = this[key];
    if (original instanceof Uint8Array) return { $bytes: toBase64(original) };
    const only = onlyKey(plain);
    return only === undefined ? plain : { [`$${only}`]: (plain as Record<string, unknown>)[only] };
  }) as string | undefined;
  if (text === undefined) throw new TypeError('only data can be stored');
  return text;
}

/** What {@link toStoredText} was given. */
export function fromStoredText(text: string): unknown {
  // A reviver makes parsing several times as slow.
  if (!text.includes('$bytes"')) return JSON.parse(text);
  return JSON.parse(text, (_key, value: unknown) => {
    const only = onlyKey(value);
    if (only === undefined) return value;
    const content = (value as Record<string, unknown>)[only];
    return only === '$bytes' ? fromBase64(content as string) : { [only.slice(1)]: content };
  });
}

/** Changes as text, before any of them takes effect: what cannot be stored changes nothing. @throws {TypeError} */
export function storedTexts(
  changes: ReadonlyMap<string, unknown>,
): [key: string, text: string | undefined][] {
  return Array.from(changes, ([key, value]) => [key, value === undefined ? undefined : toStoredText(value)]);
}

/** What of a memory begins with a prefix, in the order of the keys. */
export function sortedEntries(memory: ReadonlyMap<string, string>, prefix: string): [string, unknown][] {
  return [...memory.keys()]
    .filter((key) => key.startsWith(prefix))
    .sort()
    .map((key) => [key, fromStoredText(memory.get(key)!)]);
}

function onlyKey(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const keys = Object.keys(value);
  return keys.length === 1 && marker.test(keys[0]!) ? keys[0] : undefined;
}

function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += chunkBytes)
    binary += String.fromCharCode(...bytes.subarray(at, at + chunkBytes));
  return btoa(binary);
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
