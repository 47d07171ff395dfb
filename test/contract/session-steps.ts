import type {
  SessionChange,
  SessionRecord,
  SessionStore,
  SettledMessage,
  StoredSession,
} from '../../lib/store/session-store.js';

export const one: SessionRecord = {
  id: 'a',
  tokenHash: 'hash of a',
  endpoint: '/',
  principalId: 'u1',
  encoding: 'json',
  url: '/?room=1',
  remembers: 10,
};

export const done = (id: string | number, json = '1'): SettledMessage => ({
  id,
  outcome: { event: 'e', kind: 'value', json },
});

export const batch = (first: number, count = 1, text = `${first}`) => ({
  first,
  count,
  frames: Buffer.from(text),
});

export const moved: unknown = expect.objectContaining({ name: 'StoreError', fault: 'moved' });

/** What a test does with a store, whether that answers at once or later. */
export function stepsOn(store: () => SessionStore) {
  const write = async (change: SessionChange, id = 'a', owner = 'me'): Promise<void> =>
    store().write(id, owner, change);
  return {
    write,
    begin: (record: Partial<SessionRecord> = {}, owner = 'me', rest: SessionChange = {}): Promise<void> =>
      write({ begin: { ...one, ...record }, ...rest }, record.id ?? one.id, owner),
    read: async (id = 'a', owner = 'me'): Promise<StoredSession> => {
      const found = await store().claim(id, one.tokenHash, owner);
      if (found === undefined) throw new Error(`there is no session ${id}`);
      return found;
    },
  };
}
