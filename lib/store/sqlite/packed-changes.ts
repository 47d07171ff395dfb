import type { SentMessages, SessionChange, SessionRecord } from '../session-store.js';
import { ByteReader } from './byte-reader.js';
import type { ByteWriter } from './byte-writer.js';
import { nameOfMessage } from './message-name.js';
import type { PackedChange, PackedSettled } from './session-asks.js';

const hasBegin = 1;
const hasRooms = 2;
const hasEnd = 4;

/**
 * A change as bytes: they are made where it is written, so that nobody alters it any more, and what they are made of is kept as
 * it is.
 */
export function packChange(writer: ByteWriter, id: string, change: SessionChange): void {
  const { begin, rooms, sent = [], last = 0, forget = 0, settled = [], end } = change;
  writer.number(
    (begin === undefined ? 0 : hasBegin) | (rooms === undefined ? 0 : hasRooms) | (end === true ? hasEnd : 0),
  );
  if (begin !== undefined) writer.text(JSON.stringify(plain(id, begin)));
  if (rooms !== undefined) writer.text(JSON.stringify(rooms));
  writer.number(last);
  writer.number(forget);
  packSent(writer, sent);
  writer.number(settled.length);
  writer.block(() => {
    for (const { id: message, outcome } of settled) {
      writer.bytes(nameOfMessage(message));
      writer.text(JSON.stringify(outcome));
    }
  });
}

export function unpackChange(reader: ByteReader): PackedChange {
  const has = reader.number();
  const begin = (has & hasBegin) === 0 ? undefined : reader.bytes();
  const rooms = (has & hasRooms) === 0 ? undefined : reader.bytes();
  const last = reader.number();
  const forget = reader.number();
  const sent = unpackSent(reader);
  const settled = { count: reader.number(), block: reader.bytes() };
  return { begin, rooms, sent, last, forget, settled, isEnd: (has & hasEnd) !== 0 };
}

export function packSent(writer: ByteWriter, sent: readonly SentMessages[]): void {
  writer.number(sent.length);
  for (const { first, count, frames } of sent) {
    writer.number(first);
    writer.number(count);
    writer.bytes(frames);
  }
}

/** Their bytes are a part of what is read. */
export function unpackSent(reader: ByteReader): SentMessages[] {
  return list(reader, () => ({ first: reader.number(), count: reader.number(), frames: reader.bytes() }));
}

export function unpackOutcomes(block: Uint8Array): PackedSettled[] {
  const reader = new ByteReader(block);
  const outcomes: PackedSettled[] = [];
  while (!reader.isAtEnd) outcomes.push({ name: reader.bytes(), outcome: reader.bytes() });
  return outcomes;
}

/** As many as are announced. */
export function list<Item>(reader: ByteReader, read: () => Item): Item[] {
  return Array.from({ length: reader.number() }, read);
}

/** Without whatever else the object has. */
function plain(
  id: string,
  { tokenHash, endpoint, principalId, encoding, url, remembers }: SessionRecord,
): SessionRecord {
  return { id, tokenHash, endpoint, principalId, encoding, url, remembers };
}
