import { killedAfter } from './support/killed-after.js';
import { everything, StoreFiles } from './support/store-files.js';

const kills = Number(process.env['GATEWIRE_KILLS'] ?? 12);
const logNames = ['log-0', 'log-1', 'log-2'];

let files: StoreFiles;
beforeEach(() => void (files = new StoreFiles()));
afterEach(() => files.remove());

it.each(['full', 'normal'] as const)(
  'has every message that was confirmed after its process was killed, in its place and in one epoch: %s',
  async (durability) => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const rounds = Math.ceil(kills / 2);
    const confirmed = new Map<string, string>();
    for (let round = 0; round < rounds; round++) {
      const answers = 1 + ((seed >>> (round % 16)) % 700);
      for (const line of await killedAfter(answers, 'appending-child.mjs', [
        files.file,
        durability,
        `${round * 100_000}`,
      ])) {
        const [log, epoch, offset, number] = line.split(' ');
        confirmed.set(`${log} ${epoch} ${offset}`, number!);
      }
      const store = files.store({ durability });
      const kept = new Map<string, string>();
      for (const log of logNames) {
        const { epoch, entries } = await store.read(log, everything);
        expect(entries.map(({ offset }) => offset)).toEqual(entries.map((_, index) => index + 1));
        for (const { offset, body } of entries)
          kept.set(`${log} ${epoch} ${offset}`, String(body).split(' ')[0]!);
      }
      await store.close();
      const missing = [...confirmed].filter(([place, number]) => kept.get(place) !== number);
      expect({ seed, round, missing: missing.slice(0, 3) }).toEqual({ seed, round, missing: [] });
    }
    expect(confirmed.size).toBeGreaterThan(rounds * 20);
  },
  120_000 + kills * 3_000,
);
