import type { EmitClaim, StoredEmit, TransactionStore } from '../../lib/store/transaction-store.js';

/** A store, and the application's own way to its database. */
export interface TransactionStoreSubject<Tx> {
  readonly store: TransactionStore<Tx>;
  /** A transaction of the application's: rolled back when `work` rejects. */
  transaction<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result>;
  /** Rows that the application has written with {@link insert}. */
  count(): Promise<number>;
  insert(tx: Tx): Promise<void>;
  close(): Promise<void>;
}

export interface TransactionStoreUnderTest<Tx> {
  readonly name: string;
  create(): Promise<TransactionStoreSubject<Tx>>;
}

const outcome = (key: string, at = 1) => ({ key, at, record: `{"of":"${key} ü"}` });
const emit = (id: string): StoredEmit => ({ id, body: `{"to":"x"}\n${id} ü`, at: 5 });
const undo = new Error('undo');

/** What every driver of {@link TransactionStore} promises. */
export function transactionStoreContract<Tx>({ name, create }: TransactionStoreUnderTest<Tx>): void {
  describe(`TransactionStore: ${name}`, () => {
    let subject: TransactionStoreSubject<Tx>;
    beforeEach(async () => {
      subject = await create();
    });
    afterEach(() => subject.close());

    const claim = async (more: Partial<EmitClaim> = {}): Promise<string[]> => {
      const asked = { owner: 'me', now: 100, leaseUntil: 200, limit: 10, ...more };
      return (await subject.store.claimEmits(asked)).map(({ id }) => id);
    };
    const put = (id: string, owner = 'me', leaseUntil = 150): Promise<void> =>
      subject.transaction((tx) => subject.store.insertEmit(tx, emit(id), owner, leaseUntil));

    it('has an outcome from when its transaction has committed, with what the application has written', async () => {
      const { store } = subject;
      await subject.transaction(async (tx) => {
        await subject.insert(tx);
        await store.insertOutcome(tx, outcome('a'));
      });
      expect(await store.findOutcome('a')).toEqual(outcome('a'));
      expect(await store.findOutcome('b')).toBeUndefined();
      expect(await subject.count()).toBe(1);
    });

    it('has nothing of a transaction that was rolled back', async () => {
      const { store } = subject;
      const lost = subject.transaction(async (tx) => {
        await subject.insert(tx);
        await store.insertOutcome(tx, outcome('a'));
        await store.insertEmit(tx, emit('e'), 'me', 150);
        throw undo;
      });
      await expect(lost).rejects.toBe(undo);
      expect(await store.findOutcome('a')).toBeUndefined();
      expect(await claim()).toEqual([]);
      expect(await subject.count()).toBe(0);
    });

    it('refuses a key that is there, whatever was written beside it', async () => {
      const { store } = subject;
      await subject.transaction((tx) => store.insertOutcome(tx, outcome('a')));
      const second = subject.transaction(async (tx) => {
        await subject.insert(tx);
        await store.insertOutcome(tx, { ...outcome('a'), record: 'other' });
      });
      await expect(second).rejects.toThrow();
      expect(await store.findOutcome('a')).toEqual(outcome('a'));
      expect(await subject.count()).toBe(0);
    });

    it('lets one of several transactions at once have a key', async () => {
      const { store } = subject;
      const attempts = await Promise.allSettled(
        Array.from({ length: 8 }, () =>
          subject.transaction(async (tx) => {
            await subject.insert(tx);
            await store.insertOutcome(tx, outcome('a'));
          }),
        ),
      );
      expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await subject.count()).toBe(1);
    });

    it('shows a transaction to nobody before it has committed', async () => {
      const { store } = subject;
      const seen: unknown[] = [];
      const asked: Promise<unknown>[] = [];
      await subject.transaction(async (tx) => {
        await store.insertOutcome(tx, outcome('a'));
        await store.insertEmit(tx, emit('e'), 'me', 150);
        // Asked now, and answered whenever the database can: never with what may still be undone.
        asked.push(store.findOutcome('a').then((found) => seen.push(found)));
        await new Promise((resolve) => setImmediate(resolve));
        seen.push('committing');
      });
      await Promise.all(asked);
      if (seen[0] !== 'committing') expect(seen[0]).toBeUndefined();
      expect(seen).toHaveLength(2);
    });

    it('forgets outcomes from before a time, and tells how many', async () => {
      const { store } = subject;
      await subject.transaction(async (tx) => {
        for (const [key, at] of [
          ['a', 10],
          ['b', 19],
          ['c', 1_790_000_000_000],
        ] as const)
          // prettier-ignore
          await store.insertOutcome(tx, outcome(key, at));
      });
      expect(await store.purgeOutcomes(20)).toBe(2);
      expect(await store.purgeOutcomes(20)).toBe(0);
      expect(await store.findOutcome('b')).toBeUndefined();
      expect(await store.findOutcome('c')).toEqual(outcome('c', 1_790_000_000_000));
    });

    it('gives emits whole, in the order in which they were inserted, as many as are asked for', async () => {
      for (const id of ['z', 'a', 'm']) await put(id);
      expect(await claim({ limit: 2 })).toEqual(['z', 'a']);
      expect(await subject.store.claimEmits({ owner: 'me', now: 0, leaseUntil: 1, limit: 9 })).toEqual(
        ['z', 'a', 'm'].map(emit),
      );
    });

    it('keeps emits for their owner until the lease is over', async () => {
      await put('a', 'me', 150);
      await put('b', 'other', 150);
      expect(await claim({ now: 149 })).toEqual(['a']);
      // Taken until 200.
      expect(await claim({ owner: 'third', now: 150 })).toEqual(['b']);
      expect(await claim({ owner: 'fourth', now: 200, leaseUntil: 300 })).toEqual(['a', 'b']);
      expect(await claim({ now: 201 })).toEqual([]);
    });

    it('gives an emit to one of several who ask at once', async () => {
      for (let i = 0; i < 20; i++) await put(`e${i}`, 'gone', 0);
      const claims = await Promise.all(
        ['a', 'b', 'c'].map((owner) => claim({ owner, limit: 20, leaseUntil: 1_000 })),
      );
      expect(claims.flat().sort()).toEqual(Array.from({ length: 20 }, (_, i) => `e${i}`).sort());
    });

    it('removes emits, and does not mind what is gone', async () => {
      for (const id of ['a', 'b', 'c']) await put(id);
      await subject.store.removeEmits(['a', 'c', 'never']);
      await subject.store.removeEmits([]);
      expect(await claim()).toEqual(['b']);
    });
  });
}
