/** Bytes, in any of the shapes that platforms have for them. */
export type BinaryData = ArrayBuffer | ArrayBufferView;

/** Whether a value is bytes. Knows an `ArrayBuffer` of another realm by its tag. */
export function isBinary(value: unknown): value is BinaryData {
  if (typeof value !== 'object' || value === null) return false;
  return (
    ArrayBuffer.isView(value) ||
    (value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag] === 'ArrayBuffer'
  );
}

/** Whether data is bytes, or an object or array with bytes among its own values: then it travels in a binary frame. */
export function hasBinary(data: unknown): boolean {
  if (typeof data !== 'object' || data === null) return false;
  if (isBinary(data)) return true;
  if (Array.isArray(data)) return data.some(isBinary);
  // What says itself how it becomes JSON is not looked into.
  if (typeof (data as { toJSON?: unknown }).toJSON === 'function') return false;
  for (const key in data) {
    if (isBinary((data as Record<string, unknown>)[key]) && Object.hasOwn(data, key)) return true;
  }
  return false;
}

/** The bytes themselves, without a copy. */
export function toUint8Array(value: BinaryData): Uint8Array {
  if (!ArrayBuffer.isView(value)) return new Uint8Array(value);
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}
