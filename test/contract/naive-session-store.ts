import type {
  SessionChange,
  SessionRecord,
  SettledMessage,
  StoredSession,
} from '../../lib/store/session-store.js';
import { StoreError } from '../../lib/store/store-error.js';

interface NaiveSession {
  owner: string;
  readonly record: SessionRecord;
  readonly changes: SessionChange[];
}

/** What the port says, in as few words as there are: every change is kept, and a session is what they add up to. */
export class NaiveSessionStore {
  readonly #sessions = new Map<string, NaiveSession>();

  /** Nobody lives but who asks. */
  adopt(owner: string): StoredSession[] {
    const others = [...this.#sessions.values()].filter((session) => session.owner !== owner);
    for (const session of others) session.owner = owner;
    return others.map(stored);
  }

  claim(id: string, tokenHash: string, owner: string): StoredSession | undefined {
    const session = this.#sessions.get(id);
    if (session?.record.tokenHash !== tokenHash) return undefined;
    session.owner = owner;
    return stored(session);
  }

  /** Everything that was ever written of a session. */
  look(id: string): StoredSession | undefined {
    const session = this.#sessions.get(id);
    return session === undefined ? undefined : stored(session);
  }

  write(id: string, owner: string, change: SessionChange): void {
    const known = this.#sessions.get(id);
    if (change.begin === undefined ? known?.owner !== owner : known !== undefined)
      throw new StoreError('moved', id);
    if (change.begin !== undefined) this.#sessions.set(id, { owner, record: change.begin, changes: [] });
    this.#sessions.get(id)!.changes.push(change);
    if (change.end === true) this.#sessions.delete(id);
  }
}

function stored({ record, changes }: NaiveSession): StoredSession {
  const sent = changes.flatMap((change) => change.sent ?? []);
  const settled = new Map<string | number, SettledMessage['outcome']>();
  for (const { id, outcome } of changes.flatMap((change) => change.settled ?? [])) settled.set(id, outcome);
  return {
    record,
    rooms: changes.findLast(({ rooms }) => rooms !== undefined)?.rooms ?? [],
    sent,
    last: Math.max(
      0,
      ...changes.map(({ last = 0 }) => last),
      ...sent.map(({ first, count }) => first + count - 1),
    ),
    forgotten: Math.max(0, ...changes.map(({ forget = 0 }) => forget)),
    settled: Array.from(settled, ([id, outcome]) => ({ id, outcome })),
  };
}
