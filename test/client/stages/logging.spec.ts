import { pipeline } from '../../../lib/client/pipeline.js';
import type { ClientLogRecord } from '../../../lib/client/stages/client-log-record.js';
import { type ClientLoggingOptions, logging } from '../../../lib/client/stages/logging.js';
import { ClientFixture } from '../support/client-fixture.js';

let fixture: ClientFixture;
let records: Omit<ClientLogRecord, 'at'>[];
beforeEach(async () => {
  records = [];
  fixture = await ClientFixture.start();
});
afterEach(() => fixture.stop());

const open = (options: Partial<ClientLoggingOptions> = {}) =>
  fixture.open({
    pipeline: pipeline(
      logging({
        log: ({ at, ...record }) => {
          expect(at).toBeGreaterThan(1.7e12);
          records.push(record);
        },
        clock: fixture.clock,
        ...options,
      }),
    ),
  });

it('has a record for each message, with what became of it, and no payload', async () => {
  const [client, side] = await open();
  const asked = client.request('ask', { password: 'p' });
  const { id } = await side.next('ask');
  fixture.clock.advance(7);
  side.send({ id: id as number, data: 'secret' });
  await asked;
  side.send({ event: 'note', data: 'x', room: 'r1' });
  const failing = client.request('ask');
  side.send({ id: (await side.next('ask')).id as number, error: { code: 'FORBIDDEN', message: 'no' } });
  await expect(failing).rejects.toThrow();
  expect(records).toEqual([
    { direction: 'outbound', event: 'ask', messageId: 1, outcome: 'sent' },
    { direction: 'inbound', event: 'ask', messageId: 1, outcome: 'value', bytes: 24, durationMs: 7 },
    { direction: 'outbound', event: 'ask', messageId: 2, outcome: 'sent' },
    { direction: 'inbound', event: 'note', room: 'r1', outcome: 'received', bytes: 39 },
    {
      direction: 'inbound',
      event: 'ask',
      messageId: 2,
      outcome: 'error',
      code: 'FORBIDDEN',
      bytes: 52,
      durationMs: 0,
    },
  ]);
});

it('has items of streams, questions of the server and the answers to them', async () => {
  const [client, side] = await open();
  client.on('ask', () => 'yes');
  side.send({ event: 'ask', id: -1 });
  await side.until(({ received }) => received.some(({ data }) => data === 'yes'));
  const items = client.stream('count');
  const { id } = await side.next('count');
  side.send({ id: id as number, data: 1, more: true }, { id: id as number, done: true });
  for await (const item of items) expect(item).toBe(1);
  expect(records.map(({ direction, event, outcome }) => [direction, event, outcome])).toEqual([
    ['inbound', 'ask', 'received'],
    ['outbound', undefined, 'value'],
    ['outbound', 'count', 'sent'],
    ['inbound', 'count', 'item'],
    ['inbound', 'count', 'value'],
  ]);
});

it('has payloads where they are asked for: bounded, and redacted', async () => {
  const [client] = await open({
    payload: true,
    payloadCharacters: 40,
    redact: ['data.password', '**.token'],
    bytes: true,
  });
  client.emit('login', {
    password: 'p',
    deep: [{ token: 't' }],
    bytes: new Uint8Array(3),
    long: 'x'.repeat(99),
  });
  expect(records[0]?.data).toMatchObject({ password: '[redacted]', deep: [{ token: '[redacted]' }] });
  expect(JSON.stringify(records[0]?.data)).not.toContain('x'.repeat(41));
  client.emit('note', 'é');
  expect(records[1]).toMatchObject({ event: 'note', bytes: 35 });
});

it('has a part of the messages, all of one or nothing, and each error', async () => {
  let chance = 0;
  const [client, side] = await open({ sample: { 'tick.*': 0.5 }, random: () => (chance = 1 - chance) });
  const asked = [client.request('tick.a'), client.request('tick.a'), client.request('other')];
  for (const _ of asked.slice(0, 2)) {
    const { id } = await side.next('tick.a');
    side.send({ id: id as number, data: 1 });
  }
  side.send({ id: (await side.next('other')).id as number, error: { code: 'X', message: '' } });
  await Promise.allSettled(asked);
  expect(records.map(({ event, messageId, outcome }) => [event, messageId, outcome])).toEqual([
    ['tick.a', 2, 'sent'],
    ['other', 3, 'sent'],
    ['tick.a', 2, 'value'],
    ['other', 3, 'error'],
  ]);
});

it('has failures of stages behind it', async () => {
  const [client] = await fixture.open({
    pipeline: pipeline(logging({ log: (record) => records.push(record) }), {
      name: 'broken',
      outbound: ({ envelope }, next) => {
        if (envelope.event === 'note') throw new Error('broken');
        return next();
      },
    }),
  });
  await expect(client.emit('note').delivered).rejects.toThrow();
  expect(records).toMatchObject([{ event: 'note', outcome: 'failed' }]);
});

it('has the protocol where it is asked for', async () => {
  await open({ protocol: true });
  expect(records.map(({ event }) => event)).toEqual(['$hello', '$hello']);
});

it('does not let a message suffer from a log that throws, and forgets what waits for too long', async () => {
  const [client, side] = await open({
    pending: 1,
    log: (record) => {
      records.push(record);
      throw new Error('full');
    },
  });
  const asked = [client.request('a'), client.request('b')];
  for (const event of ['a', 'b']) side.send({ id: (await side.next(event)).id as number, data: event });
  await expect(Promise.all(asked)).resolves.toEqual(['a', 'b']);
  expect(records.map(({ event, durationMs }) => [event, durationMs])).toEqual([
    ['a', undefined],
    ['b', undefined],
    [undefined, undefined],
    ['b', 0],
  ]);
});

it('says what cannot work', () => {
  expect(() => logging({ log: undefined as never })).toThrow('log');
  expect(() => logging({ log: () => {}, redact: ['password'] })).toThrow('data.');
  expect(() => logging({ log: () => {}, sample: 2 })).toThrow('sample');
});
