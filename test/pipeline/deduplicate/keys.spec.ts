import { DeduplicateFixture, settled } from './deduplicate-fixture.js';
import type { TestClient } from '../../support/test-client.js';

let fixture: DeduplicateFixture;
afterEach(() => fixture.stop());

const ask = async (client: TestClient, key: unknown, id: string, event = 'count') => {
  client.send({ event, id, meta: { key } });
  return client.nextJson();
};

describe('meta.key', () => {
  it('is the same on all connections of a user, whatever the ids', async () => {
    fixture = await DeduplicateFixture.start();
    const [phone, laptop] = [await fixture.connect('ann'), await fixture.connect('ann')];
    expect(await ask(phone, 'order-1', 'a')).toEqual({ id: 'a', data: 1 });
    expect(await ask(laptop, 'order-1', 'b')).toEqual({ id: 'b', data: 1 });
    expect(await ask(phone, 'order-2', 'a')).toEqual({ id: 'a', data: 2 });
  });

  it('is another one for each user, and for each connection of nobody known', async () => {
    fixture = await DeduplicateFixture.start();
    const clients = [
      await fixture.connect('ann'),
      await fixture.connect('bob'),
      await fixture.connect(),
      await fixture.connect(),
    ];
    const values: unknown[] = [];
    for (const client of clients) values.push((await ask(client, 'k', 'a'))['data']);
    expect(values).toEqual([1, 2, 3, 4]);
    expect(await ask(clients[3] as TestClient, 'k', 'b')).toEqual({ id: 'b', data: 4 });
    // An id that looks like the key is none.
    for (const id of ['k', 'key:k']) expect(await clients[3]?.ask('count', 0, id)).toMatchObject({ id });
    expect(fixture.runs).toBe(6);
  });

  it('waits on one device for what runs on another, also when that one has gone', async () => {
    fixture = await DeduplicateFixture.start();
    const [phone, laptop] = [await fixture.connect('ann'), await fixture.connect('ann')];
    phone.send({ event: 'slow', id: 'a', meta: { key: 'k' } });
    await settled(phone);
    laptop.send({ event: 'slow', id: 'b', meta: { key: 'k' } });
    await settled(laptop);
    phone.terminate();
    fixture.gate.resolve(undefined);
    expect(await laptop.nextJson()).toEqual({ id: 'b', data: 1 });
    expect(fixture.runs).toBe(1);
  });

  it('works without id: the repeat does nothing', async () => {
    fixture = await DeduplicateFixture.start();
    const client = await fixture.connect('ann');
    for (let i = 0; i < 3; i++) client.send({ event: 'nothing', meta: { key: 'k' } });
    expect(await settled(client)).toEqual([]);
    expect(fixture.runs).toBe(1);
  });

  it.each([[''], ['x'.repeat(257)], [7], [null], [{}]])('refuses %j as a key', async (key) => {
    fixture = await DeduplicateFixture.start();
    const client = await fixture.connect('ann');
    expect(await ask(client, key, 'a')).toMatchObject({ error: { code: 'BAD_REQUEST' } });
    expect(fixture.runs).toBe(0);
  });

  it('may be as long as 256 characters', async () => {
    fixture = await DeduplicateFixture.start();
    const client = await fixture.connect('ann');
    expect(await ask(client, 'x'.repeat(256), 'a')).toEqual({ id: 'a', data: 1 });
  });
});

describe('a repeat that is not answered', () => {
  it('is ignored when it has the id of the first, and is told DUPLICATE when it waits for its own', async () => {
    fixture = await DeduplicateFixture.start({ onDuplicate: 'ignore' });
    const client = await fixture.connect('ann');
    client.send({ event: 'slow', id: 'a' });
    client.send({ event: 'slow', id: 'a' });
    expect(await settled(client)).toEqual([]);
    fixture.gate.resolve(undefined);
    expect(await client.nextJson()).toEqual({ id: 'a', data: 1 });
    client.send({ event: 'slow', id: 'a' });
    expect(await settled(client)).toEqual([]);
    expect(await ask(client, 'k', 'b')).toEqual({ id: 'b', data: 2 });
    expect(await ask(client, 'k', 'c')).toMatchObject({ id: 'c', error: { code: 'DUPLICATE' } });
    client.send({ event: 'count', meta: { key: 'k' } });
    expect(await settled(client)).toEqual([]);
    expect(fixture.stages).toMatchObject({ 'dropped.duplicate': 3 });
  });

  it('closes the connection with 4409 after saying DUPLICATE', async () => {
    fixture = await DeduplicateFixture.start({ onDuplicate: 'close' });
    const client = await fixture.connect();
    await client.ask('count', 0, 'a');
    expect(await client.ask('count', 0, 'a')).toMatchObject({ error: { code: 'DUPLICATE' } });
    expect(await client.closed).toEqual({ code: 4409, reason: 'a message was sent twice' });
    expect(fixture.runs).toBe(1);
  });
});
