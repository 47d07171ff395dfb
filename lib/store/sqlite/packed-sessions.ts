import type { SessionChange, SessionRecord, SettledMessage, StoredSession } from '../session-store.js';
import type { StoreError } from '../store-error.js';
import { ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import { messageOfName } from './message-name.js';
import { list, packChange, packSent, unpackChange, unpackSent } from './packed-changes.js';
import type {
  FoundSessions,
  KeptSession,
  PackedSessions,
  SessionAnswer,
  SessionAsk,
} from './session-asks.js';
import { errorOf, type Failed } from './store-failure.js';
import type { Packed } from './worker-messages.js';

/** An ask on its way to the thread. */
export interface PackedAsk {
  readonly kind: SessionAsk['kind'];
  readonly bytes: Uint8Array;
}

const kinds = ['read', 'write', 'claim', 'adopt'] as const satisfies SessionAsk['kind'][];

/** Makes asks. Names are written as JSON, in which halves of surrogate pairs stay what they are. */
export class SessionAsks {
  readonly #writer = new ByteWriter();

  read(): PackedAsk {
    return this.#ask('read', () => undefined);
  }

  /** @throws {TypeError} what cannot be written as JSON */
  write(id: string, owner: string, change: SessionChange): PackedAsk {
    return this.#ask('write', (writer) => {
      writer.text(JSON.stringify(id));
      writer.text(JSON.stringify(owner));
      packChange(writer, id, change);
    });
  }

  claim(id: string, tokenHash: string, owner: string): PackedAsk {
    return this.#ask('claim', (writer) => {
      for (const text of [id, tokenHash, owner]) writer.text(JSON.stringify(text));
    });
  }

  adopt(owner: string): PackedAsk {
    return this.#ask('adopt', (writer) => writer.text(JSON.stringify(owner)));
  }

  #ask(kind: SessionAsk['kind'], write: (writer: ByteWriter) => void): PackedAsk {
    // What has failed half way may have left something.
    this.#writer.clear();
    this.#writer.number(kinds.indexOf(kind));
    write(this.#writer);
    return { kind, bytes: this.#writer.take() };
  }
}

/** All in one buffer, which is handed over: what is cloned is one object, however many asks there are. */
export function packAsks(asks: readonly PackedAsk[]): Packed {
  const content = new Uint8Array(asks.reduce((length, { bytes }) => length + bytes.length, 0));
  let at = 0;
  for (const { bytes } of asks) {
    content.set(bytes, at);
    at += bytes.length;
  }
  return { content, transfer: [content.buffer] };
}

export function unpackAsks(content: unknown, asks: SessionAsk[]): void {
  const reader = new ByteReader(content as Uint8Array);
  while (!reader.isAtEnd) asks.push(unpackAsk(reader));
}

function unpackAsk(reader: ByteReader): SessionAsk {
  const kind = kinds[reader.number()]!;
  switch (kind) {
    case 'read':
      return { kind };
    case 'write':
      return { kind, name: reader.text(), owner: reader.text(), change: unpackChange(reader) };
    case 'claim':
      return { kind, name: reader.text(), tokenHash: reader.text(), owner: reader.text() };
    case 'adopt':
      return { kind, owner: reader.text() };
  }
}

type PackedAnswer = number | Failed | PackedSessions;

/** Those that are just done are counted. */
export function packAnswers(answers: readonly SessionAnswer[]): Packed {
  const content: PackedAnswer[] = [];
  const transfer: ArrayBuffer[] = [];
  let done = 0;
  for (const answer of answers) {
    if (answer === undefined) {
      done++;
      continue;
    }
    if (done > 0) content.push(done);
    done = 0;
    if ('failure' in answer) content.push(answer);
    else {
      // In a buffer of its own.
      const sessions = new Uint8Array(answer.sessions);
      content.push({ ...answer, sessions });
      transfer.push(sessions.buffer);
    }
  }
  if (done > 0) content.push(done);
  return { content, transfer };
}

export function unpackAnswers(content: unknown): (FoundSessions | StoreError | undefined)[] {
  return (content as PackedAnswer[]).flatMap((answer) => {
    if (typeof answer === 'number') return new Array<undefined>(answer).fill(undefined);
    return 'failure' in answer ? errorOf(answer.failure) : found(answer);
  });
}

function found({ sessions, isAll }: PackedSessions): FoundSessions {
  const reader = new ByteReader(sessions);
  const unpacked: StoredSession[] = [];
  while (!reader.isAtEnd) unpacked.push(unpackSession(reader));
  return { sessions: unpacked, isAll };
}

/** A session as it is kept: what {@link unpackAnswers} reads. */
export function packSession(writer: ByteWriter, session: KeptSession): void {
  writer.bytes(session.record);
  writer.bytes(session.rooms);
  writer.number(session.last);
  writer.number(session.forgotten);
  packSent(writer, session.sent);
  writer.number(session.settled.length);
  for (const { name, outcome } of session.settled) {
    writer.bytes(name);
    writer.bytes(outcome);
  }
}

function unpackSession(reader: ByteReader): StoredSession {
  return {
    record: JSON.parse(reader.text()) as SessionRecord,
    rooms: JSON.parse(reader.text()) as string[],
    last: reader.number(),
    forgotten: reader.number(),
    // Bytes have a buffer of their own: what is needed of one session does not hold what lies beside it.
    sent: unpackSent(reader).map((batch) => ({ ...batch, frames: new Uint8Array(batch.frames) })),
    settled: list(reader, () => ({
      id: messageOfName(reader.bytes()),
      outcome: JSON.parse(reader.text()) as SettledMessage['outcome'],
    })),
  };
}
