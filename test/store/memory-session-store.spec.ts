import { MemorySessionStore } from '../../lib/store/memory/memory-session-store.js';
import type { SessionRecord } from '../../lib/store/session-store.js';
import { sessionStoreContract } from '../contract/session-store.contract.js';
import { FakeClock } from '../support/fake-clock.js';

sessionStoreContract({
  name: 'memory',
  create: () => {
    const clock = new FakeClock();
    const store = new MemorySessionStore({ clock });
    return Promise.resolve({
      store,
      pass: (ms) => {
        clock.advance(ms);
        return Promise.resolve();
      },
      reopen: () => Promise.resolve(store),
    });
  },
});

describe('MemorySessionStore', () => {
  const record = (id: string): SessionRecord => ({
    id,
    tokenHash: 'h',
    endpoint: '/',
    encoding: 'json',
    url: '/',
    remembers: 3,
  });

  it('answers at once, and tells how many sessions it keeps', () => {
    const store = new MemorySessionStore();
    store.write('a', 'me', { begin: record('a'), last: 1 });
    expect(store.claim('a', 'h', 'me')).toMatchObject({ record: record('a'), last: 1 });
    expect(store.sessions).toBe(1);
    store.write('a', 'me', { end: true });
    expect(store.sessions).toBe(0);
  });

  it('refuses one session more than it may keep, until one is over', () => {
    const store = new MemorySessionStore({ sessions: 2 });
    store.write('a', 'me', { begin: record('a') });
    store.write('b', 'me', { begin: record('b') });
    expect(() => store.write('c', 'me', { begin: record('c') })).toThrow(
      expect.objectContaining({ name: 'StoreError', fault: 'full' }),
    );
    store.write('a', 'me', { last: 1 });
    store.write('b', 'me', { end: true });
    store.write('c', 'me', { begin: record('c') });
    expect(store.sessions).toBe(2);
  });

  it('keeps as many settled messages as it is to remember', () => {
    const store = new MemorySessionStore();
    const settled = [1, 2, 3, 4].map((id) => ({ id, outcome: { event: 'e', kind: 'done' as const } }));
    store.write('a', 'me', { begin: record('a'), settled });
    expect(store.claim('a', 'h', 'me')?.settled.map(({ id }) => id)).toEqual([2, 3, 4]);
  });

  it('does nothing of a change that cannot be written as JSON', () => {
    const store = new MemorySessionStore();
    store.write('a', 'me', { begin: record('a') });
    const outcome = { event: 'e', kind: 'error' as const, code: 'NO', message: 'no', details: 1n };
    expect(() => store.write('a', 'me', { last: 1, settled: [{ id: 1, outcome }] })).toThrow(TypeError);
    expect(store.claim('a', 'h', 'me')).toMatchObject({ last: 0, settled: [] });
  });

  it.each([0, 1.5, NaN])('refuses %p sessions', (sessions) => {
    expect(() => new MemorySessionStore({ sessions })).toThrow('sessions');
  });
});
