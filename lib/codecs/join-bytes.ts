/** A header, and payloads behind it. */
export function joinBytes(header: readonly number[], payloads: readonly (string | Uint8Array)[]): Uint8Array {
  let length = header.length;
  for (const payload of payloads) length += payload.length;
  const joined = new Uint8Array(length);
  joined.set(header);
  let offset = header.length;
  for (const payload of payloads as readonly Uint8Array[]) {
    joined.set(payload, offset);
    offset += payload.length;
  }
  return joined;
}
