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

it('answers a question that comes again as the first time, and asks nobody', async () => {
  let heard = 0;
  const [client, side] = await fixture.open({ pipeline: pipeline(deduplicate()) });
  client.on('ask', () => `answer ${++heard}`);
  client.on('fail', () => {
    heard++;
    throw new Error('no');
  });
  const ask = (id: number, event: string, key?: string) => ({ event, id, ...(key && { meta: { key } }) });
  side.send(ask(-1, 'ask', 'k'), ask(-1, 'ask', 'k'), ask(-2, 'ask', 'k'), ask(-3, 'ask'), ask(-4, 'ask'));
  await side.until(({ received }) => received.filter(({ id }) => Number(id) < 0).length === 5);
  expect(side.received.filter(({ id }) => Number(id) < 0).map(({ id, data }) => [id, data])).toEqual([
    [-1, 'answer 1'],
    [-1, 'answer 1'],
    [-2, 'answer 1'],
    [-3, 'answer 2'],
    [-4, 'answer 3'],
  ]);
  side.send(ask(-5, 'fail', 'f'), ask(-5, 'fail', 'f'));
  await side.until(({ received }) => received.filter(({ id }) => id === -5).length === 2);
  expect(heard).toBe(5);
});

it('hears a question once while it is being answered', async () => {
  let answer: (value: string) => void = () => undefined;
  let heard = 0;
  const [client, side] = await fixture.open({ pipeline: pipeline(deduplicate()) });
  client.on('ask', () => {
    heard++;
    return new Promise<string>((resolve) => (answer = resolve));
  });
  side.send({ event: 'ask', id: -1, meta: { key: 'k' } }, { event: 'ask', id: -1, meta: { key: 'k' } });
  client.on('after', () => answer('yes'));
  side.send({ event: 'after' });
  await side.until(({ received }) => received.some(({ data }) => data === 'yes'));
  expect(heard).toBe(1);
});

it('hears a question again whose answer may have been lost with the connection', async () => {
  let heard = 0;
  const [client, side] = await fixture.open({ pipeline: pipeline(deduplicate()) });
  client.on('ask', () => (++heard === 1 ? new Promise(() => undefined) : 'yes'));
  const question = { event: 'ask', id: -1, meta: { key: 'k' } };
  side.send(question);
  await fixture.until(() => heard === 1);
  side.socket.terminate();
  const again = await fixture.comeBack({ resumed: true, recovered: true, seq: 2 });
  again.send(question);
  await again.until(({ received }) => received.some(({ data }) => data === 'yes'));
});

it('says what cannot work', () => {
  expect(() => deduplicate({ keys: 0 })).toThrow('keys');
});
