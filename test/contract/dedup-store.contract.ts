import type { DedupRecord, DedupStore } from '../../lib/store/dedup-store.js';

/** A driver, and how its time goes by. */
export interface DedupStoreUnderTest {
  readonly name: string;
  create(): Promise<{ store: DedupStore; pass(ms: number): Promise<void>; close?(): Promise<void> }>;
}

/** What every driver of {@link DedupStore} promises. */
export function dedupStoreContract({ name, create }: DedupStoreUnderTest): void {
  describe(`DedupStore: ${name}`, () => {
    let subject: Awaited<ReturnType<DedupStoreUnderTest['create']>>;
    beforeEach(async () => {
      subject = await create();
    });
    afterEach(() => subject.close?.());
    const claim = async (key: string, event = 'e'): Promise<DedupRecord | undefined> =>
      subject.store.claim(key, event, 1_000);

    it('gives a key to the first who claims it, and tells the others that it runs', async () => {
      expect(await claim('a')).toBeUndefined();
      expect(await claim('a', 'other')).toEqual({ event: 'e', kind: 'running' });
      expect(await claim('b')).toBeUndefined();
    });

    it('gives a key that many claim at once to one of them', async () => {
      const claims = await Promise.all(Array.from({ length: 20 }, () => claim('a')));
      expect(claims.filter((claimed) => claimed === undefined)).toHaveLength(1);
    });

    it.each<DedupRecord>([
      { event: 'e', kind: 'done' },
      { event: 'e', kind: 'value' },
      { event: 'e', kind: 'value', json: '{"a":"\\u0000ü"}' },
      { event: 'e', kind: 'value', bytes: 'AAEC' },
      { event: 'e', kind: 'error', code: 'NO', message: 'no', details: { at: [1, null] } },
      { event: 'e', kind: 'dropped', reason: 'spam' },
    ])('tells what became of a key: %j', async (record) => {
      await claim('a');
      await subject.store.settle('a', record, 1_000);
      expect(await claim('a')).toEqual(record);
      // Without a claim: somebody knew that it was new.
      await subject.store.settle('b', record, 1_000);
      expect(await claim('b')).toEqual(record);
    });

    it('remembers for as long as it is told, from when it is told, and then forgets', async () => {
      await claim('a');
      await subject.pass(900);
      await subject.store.settle('a', { event: 'e', kind: 'done' }, 1_000);
      await subject.pass(990);
      expect(await claim('a')).toEqual({ event: 'e', kind: 'done' });
      await subject.pass(20);
      expect(await claim('a')).toBeUndefined();
    });

    it('forgets what was claimed and never settled', async () => {
      await claim('a');
      await subject.pass(1_010);
      expect(await claim('a')).toBeUndefined();
    });

    it('forgets a key that is released', async () => {
      await claim('a');
      await subject.store.release('a');
      expect(await claim('a')).toBeUndefined();
      await subject.store.release('unknown');
    });
  });
}
