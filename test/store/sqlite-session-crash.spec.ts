import type { StoredSession } from '../../lib/store/session-store.js';
import { killedAfter } from './support/killed-after.js';
import { SessionFiles } from './support/session-files.js';

const kills = Number(process.env['GATEWIRE_KILLS'] ?? 8);

let files: SessionFiles;
beforeEach(() => void (files = new SessionFiles()));
afterEach(() => files.remove());

/** Each session as far as it says itself how far it is: all of a change, or nothing. */
function expectWhole({ record, rooms, sent, last, forgotten, settled }: StoredSession): void {
  const numbers = Array.from({ length: last / 2 }, (_, i) => 2 * (i + 1));
  expect(rooms).toEqual(last === 0 ? [record.id] : [`${last}`]);
  expect(settled.map(({ id }) => id)).toEqual(numbers);
  expect(settled.map(({ outcome }) => outcome)).toEqual(
    numbers.map((number) => ({ event: 'e', kind: 'value', json: `${number}` })),
  );
  expect(sent.map(({ frames }) => Buffer.from(frames).toString().split(' ', 2).join(' '))).toEqual(
    numbers.filter((number) => number > forgotten).map((number) => `${record.id} ${number}`),
  );
}

it.each(['full', 'normal'] as const)(
  'has every change that was confirmed after its process was killed, each whole, and in order: %s',
  async (durability) => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const rounds = Math.ceil(kills / 2);
    const confirmed = new Map<string, number>();
    let changes = 0;
    for (let round = 0; round < rounds; round++) {
      const answers = 1 + ((seed >>> (round % 16)) % 500);
      for (const line of await killedAfter(answers, 'writing-child.mjs', [
        files.file,
        durability,
        `${round}`,
      ])) {
        const [what, id, last] = line.split(' ');
        if (what === 'ended') confirmed.delete(id!);
        else confirmed.set(id!, what === 'begun' ? 0 : Math.max(confirmed.get(id!) ?? 0, Number(last)));
        expect(what).not.toBe('lost');
        changes++;
      }
      const store = files.store({ durability });
      const kept = new Map((await store.adopt(`test/${round}`)).map((one) => [one.record.id, one]));
      await store.close();
      for (const [id, last] of confirmed) {
        // The end of one that is over may have been written, and not told.
        const isOver = id.startsWith('short') && last > 0 && !kept.has(id);
        if (isOver) confirmed.delete(id);
        else
          expect({ seed, round, id, last: kept.get(id)?.last }).toEqual({
            seed,
            round,
            id,
            last: expect.any(Number),
          });
        if (!isOver) expect(kept.get(id)!.last).toBeGreaterThanOrEqual(last);
      }
      for (const session of kept.values()) expectWhole(session);
    }
    expect(changes).toBeGreaterThan(rounds * 20);
  },
  120_000 + kills * 3_000,
);
