import { pipeline } from '../../../lib/client/pipeline.js';
import { deduplicate } from '../../../lib/client/stages/deduplicate.js';
import { ClientFixture } from '../support/client-fixture.js';

let fixture: ClientFixture;
beforeEach(async () => {
  fixture = await ClientFixture.start();
});
afterEach(() => fixture.stop());

const note = (key: string, data: unknown) => ({ event: 'note', data, meta: { key } });

it('lets an event with a key through once, within its bounds, and all else always', async () => {
  const duplicates: unknown[] = [];
  const { clock } = fixture;
  const [client, side] = await fixture.open({
    pipeline: pipeline(
      deduplicate({ keys: 2, ttlMs: 1_000, clock, onDuplicate: ({ data }) => duplicates.push(data) }),
    ),
  });
  const heard: unknown[] = [];
  client.on('note', (data) => heard.push(data));
  const heardNow = async (count: number): Promise<void> => fixture.until(() => heard.length === count);

  side.send(note('a', 1), note('a', 2), { event: 'note', data: 3 }, { event: 'note', data: 4 });
  await heardNow(3);
  side.send(note('b', 5), note('a', 6), note('c', 7), note('a', 8));
  await heardNow(6);
  expect([heard, duplicates]).toEqual([
    [1, 3, 4, 5, 7, 8],
    [2, 6],
  ]);
  clock.advance(999);
  side.send(note('a', 9), note('z', 10));
  await heardNow(7);
  clock.advance(1);
  side.send(note('a', 11));
  await heardNow(8);
  expect(duplicates).toEqual([2, 6, 9]);
});

it('takes no question and no answer away', async () => {
  const [client, side] = await fixture.open({ pipeline: pipeline(deduplicate()) });
  client.on('ask', () => 'yes');
  for (const id of [-1, -2]) side.send({ event: 'ask', id, meta: { key: 'k' } });
  await side.until(({ received }) => received.filter(({ data }) => data === 'yes').length === 2);
});

it('says what cannot work', () => {
  expect(() => deduplicate({ keys: 0 })).toThrow('keys');
});
