import type { SessionStore, StoredSession } from '../../lib/store/session-store.js';
import { expectKept } from './session-expectations.js';
import { batch, done, moved, one, stepsOn } from './session-steps.js';

/** Of {@link SessionStore}: whose a session is. */
export function ownersContract(
  subject: () => { readonly store: SessionStore; pass?(ms: number): Promise<void> },
): void {
  const { write, begin, read } = stepsOn(() => subject().store);
  const adopt = async (owner: string) =>
    (await subject().store.adopt(owner)).map(({ record }) => record.id).sort();

  it('is who has claimed a session: who had it before is told by its next change', async () => {
    await begin({}, 'one', { rooms: ['r'] });
    expect(await read('a', 'two')).toMatchObject({ rooms: ['r'] });
    await expect(write({ last: 1 }, 'a', 'one')).rejects.toEqual(moved);
    await write({ last: 2 }, 'a', 'two');
    expect((await read('a', 'one')).last).toBe(2);
    await write({ last: 3 }, 'a', 'one');
    await expect(write({ last: 4 }, 'a', 'two')).rejects.toEqual(moved);
  });

  it('is nobody by a wrong token: nothing happens', async () => {
    await begin({}, 'one');
    expect(await subject().store.claim('a', 'wrong', 'two')).toBeUndefined();
    expect(await subject().store.claim('a', '', 'two')).toBeUndefined();
    expect(await subject().store.claim('nobody', one.tokenHash, 'two')).toBeUndefined();
    await write({ last: 1 }, 'a', 'one');
    await expect(write({ last: 1 }, 'a', 'two')).rejects.toEqual(moved);
  });

  it('gets what was asked for before it, and nothing after', async () => {
    await begin({}, 'one');
    const writes = [write({ last: 1 }, 'a', 'one'), write({ last: 2 }, 'a', 'one')];
    const claimed = subject().store.claim('a', one.tokenHash, 'two');
    const late = write({ last: 3 }, 'a', 'one');
    await expect(late).rejects.toEqual(moved);
    await Promise.all(writes);
    expect(await claimed).toMatchObject({ last: 2 });
  });

  it('adopts every session of those who do not live, whole, and none a second time', async () => {
    await begin({ id: 'a' }, 'one', { rooms: ['r'], sent: [batch(1)], settled: [done(1)] });
    await begin({ id: 'b' }, 'two', { last: 7 });
    await begin({ id: 'c' }, 'three');
    const adopted = [...(await subject().store.adopt('three'))].sort(byId);
    expect(adopted.map(({ record }) => record.id)).toEqual(['a', 'b']);
    expectKept(adopted[0], {
      record: one,
      rooms: ['r'],
      sent: [batch(1)],
      last: 1,
      forgotten: 0,
      settled: [done(1)],
    });
    expect(adopted[1]).toMatchObject({ last: 7 });
    for (const id of ['a', 'b', 'c']) await write({ last: 9 }, id, 'three');
    await expect(write({ last: 9 }, 'a', 'one')).rejects.toEqual(moved);
    await begin({ id: 'd' }, 'one');
    expect(await adopt('three')).toEqual(['d']);
    expect(await adopt('three')).toEqual([]);
  });

  it('adopts nothing where there is nothing', async () => {
    expect(await subject().store.adopt('one')).toEqual([]);
  });

  it('adopts what it had in an earlier life, and nobody is let in by the name of another', async () => {
    await begin({ id: 'a' }, 'node/1');
    await begin({ id: 'b' }, 'a/node/2');
    await begin({ id: 'c' }, 'node');
    expect(await adopt('node/2')).toEqual(['a', 'b', 'c']);
    await expect(write({}, 'a', 'node/1')).rejects.toEqual(moved);
    await expect(write({}, 'a', 'node')).rejects.toEqual(moved);
    await write({}, 'a', 'node/2');
  });

  it('keeps its sessions as long as it lives, where owners can', async () => {
    const { store, pass } = subject();
    if (store.renew === undefined || pass === undefined) return;
    await begin({ id: 'a' }, 'one/1');
    await begin({ id: 'b' }, 'two/1');
    await store.renew('one/1', 1_000);
    await store.renew('three/1', 5_000);
    expect(await adopt('three/1')).toEqual(['b']);
    expect(await adopt('four/1')).toEqual([]);
    await pass(999);
    expect(await adopt('four/1')).toEqual([]);
    await store.renew('one/1', 1_000);
    await pass(1_000);
    // It is late, but nobody else has taken its place.
    await write({ last: 1 }, 'a', 'one/1');
    expect(await adopt('four/1')).toEqual(['a']);
    await expect(write({ last: 2 }, 'a', 'one/1')).rejects.toEqual(moved);
    await store.renew('four/1', 1_000);
    expect(await adopt('four')).toEqual(['a']);
    await store.renew('four', 1_000);
    // Another life of it: it need not wait for the one before.
    expect(await adopt('four/2')).toEqual(['a']);
    await store.renew('four/2', 1_000);
    expect(await adopt('fou/2')).toEqual([]);
    await expect(write({ last: 2 }, 'a', 'four/1')).rejects.toEqual(moved);
  });
}

function byId(one: StoredSession, other: StoredSession): number {
  return one.record.id < other.record.id ? -1 : 1;
}
