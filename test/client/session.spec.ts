import type { Envelope } from '../../lib/protocol/envelope.js';
import { ackMessages, ackMs } from '../../lib/client/session.js';
import { ClientFixture } from './support/client-fixture.js';

describe('the session of a client', () => {
  let fixture: ClientFixture;

  beforeEach(async () => {
    fixture = await ClientFixture.start();
  });

  afterEach(() => fixture.stop());

  it('offers itself, asks for a session, and sends nothing before it is there', async () => {
    const client = fixture.client();
    const echoed = client.request('echo', 1);
    const side = await fixture.server.arrival();
    expect(side.request.headers['sec-websocket-protocol']).toBe('gatewire.v1.json,gatewire.session');
    await side.until(({ received }) => received.length > 0);
    expect(side.received).toEqual([{ event: '$hello', id: 0, data: {} }]);
    await side.welcome();
    const message = await side.next('echo');
    expect(client.session).toBe('s1');
    side.send({ id: message.id as number, data: 'yes' });
    await expect(echoed).resolves.toBe('yes');
  });

  it('sends what is not settled again: with the same ids, in order, before anything new', async () => {
    const [client, first] = await fixture.open();
    const done = client.emit('a', 1);
    client.emit('b', 2);
    const c = client.request('c', 3);
    await first.until(({ messages }) => messages.length === 3);
    const sent = [...first.messages];
    first.send({ id: sent[0]?.id as number, data: null });
    await done.delivered;
    first.socket.terminate();
    await fixture.until(() => client.state === 'waiting');
    client.emit('d', 4);
    const second = await fixture.comeBack({ resumed: true, recovered: true, seq: 2 });
    await second.until(({ messages }) => messages.length === 3);
    expect(second.messages).toEqual([
      ...sent.slice(1),
      { event: 'd', data: 4, id: expect.anything() as unknown },
    ]);
    second.send({ id: sent[2]?.id as number, data: 'late' });
    await expect(c).resolves.toBe('late');
  });

  it('resumes with what it has processed, and drops what comes again', async () => {
    const [client, first] = await fixture.open();
    const heard: unknown[] = [];
    client.on('tick', (data) => heard.push(data));
    first.send({ event: 'tick', data: 1 }, { event: 'tick', data: 2 });
    await fixture.until(() => heard.length === 2);
    first.socket.terminate();
    const arrival = fixture.server.arrival();
    await fixture.until(() => client.state === 'waiting');
    fixture.clock.advance(0);
    const second = await arrival;
    const hello = await second.welcome({ resumed: true, recovered: true, seq: 2 });
    expect(hello.data).toEqual({ session: 's1', token: 't1', seq: 2 });
    second.send({ event: 'tick', data: 2 }, { event: 'tick', data: 3 });
    await fixture.until(() => heard.length === 3);
    expect(heard).toEqual([1, 2, 3]);
  });

  it('tells of a gap: when the session is new, and when the server has not kept enough', async () => {
    const [client, first] = await fixture.open();
    const told: unknown[] = [];
    client.when('gap', () => told.push('gap'));
    client.when('open', (opened) => told.push(opened));
    first.socket.terminate();
    const second = await fixture.comeBack({ resumed: true, recovered: false, seq: 10 });
    await fixture.until(() => told.length === 2);
    second.socket.terminate();
    await fixture.until(() => client.state === 'waiting');
    const third = await fixture.comeBack({ session: 's2', token: 't2', resumed: false });
    await fixture.until(() => told.length === 4);
    expect(told).toEqual([
      { resumed: true, recovered: false },
      'gap',
      { resumed: false, recovered: false },
      'gap',
    ]);
    third.socket.terminate();
    await fixture.until(() => client.state === 'waiting');
    const arrival = fixture.server.arrival();
    fixture.clock.advance(0);
    const hello = await (await arrival).welcome({ session: 's2', resumed: true, recovered: true });
    expect(hello.data).toEqual({ session: 's2', token: 't2', seq: 0 });
  });

  it('acknowledges after a short time', async () => {
    const [client, side] = await fixture.open();
    const heard: unknown[] = [];
    client.on('tick', (data) => heard.push(data));
    side.send({ event: 'tick', data: 1 }, { event: 'tick', data: 2 });
    await fixture.until(() => heard.length === 2);
    fixture.clock.advance(ackMs - 1);
    expect(side.received).toEqual([]);
    fixture.clock.advance(1);
    await expect(side.next('$ack')).resolves.toEqual({ event: '$ack', ack: 2 });
  });

  it(`acknowledges every ${ackMessages} messages`, async () => {
    const [, side] = await fixture.open();
    for (let at = 1; at < ackMessages; at++) side.send({ event: 'tick' });
    side.send({ event: 'tick' });
    await expect(side.next('$ack')).resolves.toEqual({ event: '$ack', ack: ackMessages });
  });

  it('acknowledges only what its listeners have heard', async () => {
    const [client, side] = await fixture.open();
    const acknowledged: unknown[] = [];
    client.on('tick', () => acknowledged.push(side.received.filter(({ event }) => event === '$ack').length));
    for (let at = 0; at < ackMessages; at++) side.send({ event: 'tick' });
    await side.next('$ack');
    expect(acknowledged).toEqual(Array<number>(ackMessages).fill(0));
  });

  it('goes on without where the server has none', async () => {
    const client = fixture.client();
    const opened = new Promise((resolve) => client.when('open', resolve));
    const side = await fixture.server.arrival();
    const hello = await side.next('$hello');
    side.send({ id: hello.id as number, error: { code: 'UNKNOWN_EVENT', message: 'what?' } });
    await expect(opened).resolves.toEqual({ resumed: false, recovered: false });
    expect(client.session).toBeUndefined();
  });

  it('without one, what was sent on a broken connection fails, and what was not is sent', async () => {
    const client = fixture.client({ session: false });
    const first = await fixture.server.arrival();
    const sent = client.request('sent');
    const failed = expect(sent).rejects.toMatchObject({ code: 'DISCONNECTED' });
    await first.next('sent');
    first.socket.terminate();
    await failed;
    await fixture.until(() => client.state === 'waiting');
    const waiting = client.request('waiting');
    fixture.clock.advance(0);
    const second = await fixture.server.arrival();
    const message: Envelope = await second.next('waiting');
    second.send({ id: message.id as number, data: 'ok' });
    await expect(waiting).resolves.toBe('ok');
  });

  it('delivers what comes with the welcome, after it', async () => {
    const client = fixture.client();
    const heard: unknown[] = [];
    client.on('tick', (data) => heard.push(data));
    client.when('open', () => heard.push('open'));
    const side = await fixture.server.arrival();
    await side.next('$hello');
    const welcome = {
      session: 's1',
      token: 't1',
      resumed: false,
      recovered: false,
      seq: 1,
      heartbeat: false,
    };
    side.socket.send(JSON.stringify({ id: 0, event: '$welcome', data: welcome }));
    side.send({ event: 'tick', data: 1 }, { event: 'tick', data: 2 });
    await fixture.until(() => heard.length === 3);
    expect(heard).toEqual(['open', 1, 2]);
    side.socket.terminate();
    await fixture.until(() => client.state === 'waiting');
    const arrival = fixture.server.arrival();
    fixture.clock.advance(0);
    expect((await (await arrival).welcome()).data).toMatchObject({ seq: 2 });
  });

  it('breaks a stream whose items are missing, and asks again for one that has not begun', async () => {
    const [client, first] = await fixture.open();
    const begun = client.stream('begun')[Symbol.asyncIterator]();
    const fresh = client.stream('fresh')[Symbol.asyncIterator]();
    const item = begun.next();
    const { id } = await first.next('begun');
    first.send({ id: id as number, data: 'item', more: true });
    await expect(item).resolves.toEqual({ value: 'item', done: false });
    const broken = expect(begun.next()).rejects.toMatchObject({ code: 'DISCONNECTED' });
    first.socket.terminate();
    const second = await fixture.comeBack({ session: 's2' });
    await broken;
    const again = await second.next('fresh');
    second.send({ id: again.id as number, data: 1, more: true }, { id: again.id as number, done: true });
    await expect(fresh.next()).resolves.toEqual({ value: 1, done: false });
    await expect(fresh.next()).resolves.toEqual({ value: undefined, done: true });
  });
});
