/** Before a number that is counted. No JSON begins with it. */
const counted = 1;
const countedBytes = 6;
const mostCounted = 2 ** 48 - 1;

/**
 * The id of a message as a key: texts and numbers apart, and numbers that are counted up in their order, so that those of a
 * session lie side by side.
 */
export function nameOfMessage(id: string | number): Uint8Array {
  if (typeof id === 'string' || !Number.isInteger(id) || id < 0 || id > mostCounted) {
    return Buffer.from(JSON.stringify(id));
  }
  const name = Buffer.allocUnsafe(1 + countedBytes);
  name[0] = counted;
  name.writeUIntBE(id, 1, countedBytes);
  return name;
}

export function messageOfName(name: Buffer): string | number {
  if (name[0] === counted) return name.readUIntBE(1, countedBytes);
  return JSON.parse(name.toString()) as string | number;
}
