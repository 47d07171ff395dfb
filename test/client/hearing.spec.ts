import { GatewireError } from '../../lib/protocol/gatewire-error.js';
import { ClientFixture } from './support/client-fixture.js';

describe('what a client hears', () => {
  let fixture: ClientFixture;

  beforeEach(async () => {
    fixture = await ClientFixture.start();
  });

  afterEach(() => fixture.stop());

  it('is told to all listeners, whatever one of them does', async () => {
    const [client, side] = await fixture.open();
    const heard: unknown[] = [];
    client.on('tick', () => {
      throw new Error('mine');
    });
    client.on('tick', (data) => heard.push(['on', data]));
    client.once('tick', (data) => heard.push(['once', data]));
    const gone = (data: unknown): unknown => heard.push(['gone', data]);
    client.on('tick', gone);
    client.off('tick', gone);
    side.send({ event: 'tick', data: 1 }, { event: 'tick', data: 2 });
    await fixture.until(() => heard.length === 3);
    expect(heard).toEqual([
      ['on', 1],
      ['once', 1],
      ['on', 2],
    ]);
    expect(fixture.errors.map(({ message }) => message)).toEqual(['mine', 'mine']);
  });

  it('takes batches', async () => {
    const [client, side] = await fixture.open();
    const heard: unknown[] = [];
    client.on('tick', (data) => heard.push(data));
    side.socket.send(JSON.stringify([1, 2, 3].map((data) => ({ event: 'tick', data }))));
    await fixture.until(() => heard.length === 3);
    expect(heard).toEqual([1, 2, 3]);
  });

  it('counts a frame that it cannot read, tells, and goes on', async () => {
    const [client, side] = await fixture.open();
    const heard: unknown[] = [];
    client.on('tick', (data) => heard.push(data));
    for (const frame of ['{', '17', '[null]', '"text"']) side.socket.send(frame);
    side.send({ event: 'tick', data: 1 });
    await fixture.until(() => heard.length === 1);
    expect(fixture.errors).toHaveLength(4);
    side.socket.terminate();
    const arrival = fixture.server.arrival();
    await fixture.until(() => client.state === 'waiting');
    fixture.clock.advance(0);
    expect((await (await arrival).welcome()).data).toMatchObject({ seq: 5 });
  });

  it('takes null for absent', async () => {
    const [client, side] = await fixture.open();
    const asked = client.request('ask');
    const { id } = await side.next('ask');
    side.socket.send(JSON.stringify({ id, data: 1, error: null, event: null, more: null, done: null }));
    await expect(asked).resolves.toBe(1);
  });

  it('answers the server: a value, a promise, nothing, an error, nobody there', async () => {
    const [client, side] = await fixture.open();
    client.on('value', (data) => [data]);
    client.on('promise', (data) => Promise.resolve(data));
    client.on('nothing', () => undefined);
    client.on('refused', () =>
      Promise.reject(new GatewireError('NOT_FOUND', 'no such thing', { details: 7 })),
    );
    client.on('broken', () => Promise.reject(new Error('secret')));
    for (const [at, event] of ['value', 'promise', 'nothing', 'refused', 'broken', 'nobody'].entries())
      side.send({ event, id: -1 - at, data: 1 });
    await side.until(({ received }) => received.length === 6);
    const answers = new Map(side.received.map((one) => [one.id, one]));
    expect(answers.get(-1)).toEqual({ id: -1, data: [1] });
    expect(answers.get(-2)).toEqual({ id: -2, data: 1 });
    expect(answers.get(-3)).toEqual({ id: -3, data: null });
    expect(answers.get(-4)?.error).toEqual({ code: 'NOT_FOUND', message: 'no such thing', details: 7 });
    expect(answers.get(-5)?.error).toEqual({ code: 'INTERNAL', message: 'the client has failed' });
    expect(answers.get(-6)?.error?.code).toBe('UNKNOWN_EVENT');
    expect(fixture.errors.map(({ message }) => message)).toEqual(['secret']);
  });

  it('answers with an error when a listener throws and no other has an answer', async () => {
    const [client, side] = await fixture.open();
    client.on('ask', () => {
      throw new GatewireError('FORBIDDEN', 'no');
    });
    side.send({ event: 'ask', id: -1 });
    await side.until(({ received }) => received.length === 1);
    expect(side.received).toEqual([{ id: -1, error: { code: 'FORBIDDEN', message: 'no' } }]);
  });

  it('is an outcome and an event where it is both', async () => {
    const [client, side] = await fixture.open();
    const heard = new Promise((resolve) => client.on('pong', resolve));
    const asked = client.request('ping');
    const { id } = await side.next('ping');
    side.send({ id: id as number, event: 'pong', data: 5 });
    await expect(Promise.all([asked, heard])).resolves.toEqual([5, 5]);
  });

  it('can be read in a loop, from the call on', async () => {
    const [client, side] = await fixture.open();
    const ticks = client.events('tick');
    side.send({ event: 'tick', data: 1 }, { event: 'tick', data: 2 });
    const heard: unknown[] = [];
    for await (const data of ticks) if (heard.push(data) === 2) break;
    expect(heard).toEqual([1, 2]);
    await expect(ticks.next()).resolves.toEqual({ value: undefined, done: true });
  });

  it.each([
    ['fail', 2, [1, 2, 'OVERLOADED']],
    ['drop-oldest', 2, [2, 3]],
  ] as const)('is bounded in a loop: %s', async (whenFull, buffer, expected) => {
    const [client, side] = await fixture.open();
    const ticks = client.events('tick', { buffer, whenFull });
    const all = new Promise<void>((resolve) => client.on('end', () => resolve()));
    for (const data of [1, 2, 3]) side.send({ event: 'tick', data });
    side.send({ event: 'end' });
    await all;
    const heard: unknown[] = [];
    try {
      for await (const data of ticks) if (heard.push(data) === 3 || heard.length === expected.length) break;
    } catch (error) {
      heard.push((error as GatewireError).code);
    }
    expect(heard.slice(0, expected.length)).toEqual(expected.slice(0, heard.length));
  });

  describe('in rooms', () => {
    it('enters, hears, leaves', async () => {
      const [client, side] = await fixture.open();
      const heard: unknown[] = [];
      const subscription = client.subscribe('stock.acme', (message) => heard.push(message));
      const { id, data } = await side.next('$subscribe');
      expect(data).toEqual({ room: 'stock.acme' });
      side.send({ id: id as string, data: null });
      await subscription.ready;
      side.send(
        { event: 'price', data: 1, room: 'stock.acme' },
        { event: 'price', data: 2, room: 'stock.other' },
        { event: 'end' },
      );
      await new Promise((resolve) => client.on('end', resolve));
      expect(heard).toEqual([{ event: 'price', data: 1, room: 'stock.acme' }]);
      subscription.unsubscribe();
      await expect(side.next('$unsubscribe')).resolves.toMatchObject({ data: { room: 'stock.acme' } });
    });

    it('hears all rooms of a pattern', async () => {
      const [client, side] = await fixture.open();
      const heard: string[] = [];
      client.subscribe('stock.*', ({ room }) => heard.push(room));
      await side.next('$subscribe');
      for (const room of ['stock.a', 'other.a', 'stock.b']) side.send({ event: 'price', room });
      await fixture.until(() => heard.length === 2);
      expect(heard).toEqual(['stock.a', 'stock.b']);
    });

    it('asks once for several who want the same, and leaves with the last', async () => {
      const [client, side] = await fixture.open();
      const one = client.subscribe('room');
      const other = client.subscribe('room');
      const { id } = await side.next('$subscribe');
      side.send({ id: id as string, data: null });
      await Promise.all([one.ready, other.ready]);
      one.unsubscribe();
      one.unsubscribe();
      client.emit('mark');
      await side.next('mark');
      expect(side.received).toEqual([]);
      other.unsubscribe();
      await side.next('$unsubscribe');
    });

    it('enters again in a new session, before anything is sent, and not in the old one', async () => {
      const [client, first] = await fixture.open();
      const subscription = client.subscribe('room');
      first.send({ id: (await first.next('$subscribe')).id as string, data: null });
      await subscription.ready;
      first.socket.terminate();
      const second = await fixture.comeBack({ resumed: true, recovered: true });
      await fixture.until(() => client.state === 'open');
      client.emit('mark');
      await second.next('mark');
      expect(second.received).toEqual([]);
      second.socket.terminate();
      await fixture.until(() => client.state === 'waiting');
      const third = await fixture.comeBack({ session: 's2' });
      await third.until(({ received }) => received.length === 2);
      expect(third.received.map(({ event }) => event)).toEqual(['$subscribe', 'mark']);
    });

    it('asks again for what is missing in a room when the connection broke before the answer', async () => {
      const [client, first] = await fixture.open();
      const heard: unknown[] = [];
      client.subscribe('room', ({ data }) => heard.push(data));
      const entered = { epoch: 'e', offset: 1, recovered: true };
      first.send({ id: (await first.next('$subscribe')).id as string, data: entered });
      const said = (offset: number) => ({ event: 'said', data: offset, room: 'room', offset });
      first.send(said(3));
      const missing = { room: 'room', since: { epoch: 'e', offset: 1 } };
      expect((await first.next('$subscribe')).data).toEqual(missing);
      first.socket.terminate();
      const second = await fixture.comeBack({ resumed: true, recovered: true, seq: 3 });
      const again = await second.next('$subscribe');
      expect(again.data).toEqual(missing);
      second.send({ id: again.id as string, data: { ...entered, offset: 3 } }, said(2), said(3), said(4));
      await fixture.until(() => heard.length === 3);
      expect(heard).toEqual([2, 3, 4]);
    });

    it('is told of a refusal, also of a later one', async () => {
      const [client, first] = await fixture.open();
      const refused = client.subscribe('secret');
      const error = { code: 'FORBIDDEN', message: 'no' };
      first.send({ id: (await first.next('$subscribe')).id as string, error });
      await expect(refused.ready).rejects.toMatchObject({ code: 'FORBIDDEN' });
      const room = client.subscribe('room');
      first.send({ id: (await first.next('$subscribe')).id as string, data: null });
      await room.ready;
      first.socket.terminate();
      const second = await fixture.comeBack({ session: 's2' });
      second.send({ id: (await second.next('$subscribe')).id as string, error });
      await fixture.until(() => fixture.errors.length === 1);
      expect(fixture.errors[0]).toMatchObject({ code: 'FORBIDDEN' });
    });

    it('leaves what was left while it was away', async () => {
      const [client, first] = await fixture.open();
      const subscription = client.subscribe('room');
      first.send({ id: (await first.next('$subscribe')).id as string, data: null });
      await subscription.ready;
      first.socket.terminate();
      await fixture.until(() => client.state === 'waiting');
      subscription.unsubscribe();
      const second = await fixture.comeBack({ resumed: true, recovered: true });
      await expect(second.next('$unsubscribe')).resolves.toMatchObject({ data: { room: 'room' } });
    });

    it('publishes', async () => {
      const [client, side] = await fixture.open();
      client.publish('room', 'said', { text: 'hello' });
      await expect(side.next('$publish')).resolves.toMatchObject({
        data: { room: 'room', event: 'said', data: { text: 'hello' } },
      });
    });
  });
});
