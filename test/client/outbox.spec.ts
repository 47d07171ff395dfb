import { fixed } from '../../lib/exchange/retry-strategy.js';
import { ClientFixture } from './support/client-fixture.js';

describe('the outbox of a client', () => {
  let fixture: ClientFixture;

  beforeEach(async () => {
    fixture = await ClientFixture.start();
  });

  afterEach(() => fixture.stop());

  it.each([
    ['messages', { messages: 2 }, [1, 2], 3],
    // {"event":"note","data":1,"id":1} has 32 bytes.
    ['bytes', { bytes: 64 }, [1, 2], 3],
    ['bytes, where one message is longer than all of it', { bytes: 1 }, [1], 2],
  ])('is bounded in %s', async (_what, outbox, taken, refused) => {
    const client = fixture.client({ autoConnect: false, outbox });
    for (const data of taken) client.emit('note', data);
    await expect(client.emit('note', refused).delivered).rejects.toMatchObject({ code: 'OUTBOX_FULL' });
    await expect(client.request('note', refused)).rejects.toMatchObject({ code: 'OUTBOX_FULL' });
    expect(client.pending).toBe(taken.length);
    void client.connect();
    const side = await fixture.server.welcomed();
    await side.until(({ messages }) => messages.length === taken.length);
    expect(side.messages.map(({ data }) => data)).toEqual(taken);
  });

  it('drops the oldest emit where it is told to, never a request', async () => {
    const client = fixture.client({ autoConnect: false, outbox: { messages: 3, whenFull: 'drop-oldest' } });
    const asked = client.request('ask').catch(() => undefined);
    const oldest = client.emit('note', 1);
    client.emit('note', 2);
    client.emit('note', 3);
    await expect(oldest.delivered).rejects.toMatchObject({ code: 'OUTBOX_FULL' });
    client.connect().catch(() => undefined);
    const side = await fixture.server.welcomed();
    await side.until(({ messages }) => messages.length === 3);
    expect(side.messages.map(({ event, data }) => [event, data])).toEqual([
      ['ask', undefined],
      ['note', 2],
      ['note', 3],
    ]);
    await client.close();
    await asked;
  });

  it.each([
    [999, true],
    [1_000, false],
  ])('keeps a message for as long as it may: %d ms', async (elapsedMs, isKept) => {
    const client = fixture.client({ autoConnect: false, outbox: { ageMs: 1_000 } });
    const told: unknown[] = [];
    client.when('undelivered', ({ event, data, error }) => told.push([event, data, error.code]));
    client.emit('note', 1);
    fixture.clock.advance(elapsedMs);
    expect(client.pending).toBe(isKept ? 1 : 0);
    expect(told).toEqual(isKept ? [] : [['note', 1, 'EXPIRED']]);
  });

  it('keeps the latest of a key while it waits', async () => {
    const client = fixture.client({ autoConnect: false });
    const first = client.emit('at', 1, { latest: 'me' });
    client.emit('at', 2, { latest: 'you' });
    client.emit('at', 3, { latest: 'me' });
    await expect(first.delivered).rejects.toMatchObject({ code: 'CANCELLED' });
    void client.connect();
    const side = await fixture.server.welcomed();
    await side.until(({ messages }) => messages.length === 2);
    expect(side.messages.map(({ data }) => data)).toEqual([2, 3]);
    client.emit('at', 4, { latest: 'me' });
    await side.until(({ messages }) => messages.length === 3);
  });

  it('keeps the data as it was when it was given', async () => {
    const client = fixture.client({ autoConnect: false });
    const data = { text: 'before' };
    client.emit('note', data);
    data.text = 'after';
    void client.connect();
    const side = await fixture.server.welcomed();
    await expect(side.next('note')).resolves.toMatchObject({ data: { text: 'before' } });
  });

  it('says so when data cannot be encoded', async () => {
    const client = fixture.client();
    const cycle: Record<string, unknown> = {};
    cycle['cycle'] = cycle;
    await expect(client.request('note', cycle)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    await expect(client.emit('note', 1n).delivered).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    expect(client.pending).toBe(0);
  });

  it('has no more in flight than the server takes', async () => {
    const [client, side] = await fixture.open({}, { limits: { requestsInFlight: 2 } });
    for (let at = 1; at <= 5; at++) client.emit('note', at);
    await side.until(({ messages }) => messages.length === 2);
    const [first] = side.messages;
    side.send({ id: first?.id as number, data: null });
    await side.until(({ messages }) => messages.length === 3);
    expect(side.messages.map(({ data }) => data)).toEqual([1, 2, 3]);
  });

  it('has any number in flight where the server has no limits', async () => {
    const limits = { requestsInFlight: false, batchItems: false, maxPayloadBytes: false };
    const [client, side] = await fixture.open({}, { limits });
    for (let at = 0; at < 900; at++) client.emit('note', at);
    await side.until(({ messages }) => messages.length === 900);
  });

  it('tries an emit again, with the same id, when the server has no time for it', async () => {
    const [client, side] = await fixture.open();
    const emitted = client.emit('note', 1);
    const { id } = await side.next('note');
    const error = { code: 'RATE_LIMITED', message: 'slower', details: { retryAfterMs: 5_000 } };
    side.send({ id: id as number, error });
    await fixture.until(() => fixture.clock.timers > 1);
    fixture.clock.advance(4_999);
    expect(side.messages).toEqual([]);
    fixture.clock.advance(1);
    const again = await side.next('note');
    expect(again.id).toBe(id);
    side.send({ id: id as number, data: null });
    await emitted.delivered;
  });

  it('tries a request again only where it is told to, and only what may pass', async () => {
    const [client, side] = await fixture.open();
    const plain = client.request('plain');
    const plainId = (await side.next('plain')).id as number;
    side.send({ id: plainId, error: { code: 'UNAVAILABLE', message: 'down' } });
    await expect(plain).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const patient = client.request('patient', 1, { retry: fixed(0, { count: 1 }) });
    const { id } = await side.next('patient');
    side.send({ id: id as number, error: { code: 'UNAVAILABLE', message: 'down' } });
    let again: unknown;
    void side.next('patient').then((message) => (again = message.id));
    await fixture.until(() => {
      fixture.clock.advance(0);
      return again !== undefined;
    });
    expect(again).toBe(id);
    side.send({ id: id as number, error: { code: 'FORBIDDEN', message: 'no' } });
    await expect(patient).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  it.each([
    [9_999, true],
    [10_000, false],
  ])('waits for an answer: %d ms', async (elapsedMs, isWaiting) => {
    const [client, side] = await fixture.open();
    const asked = client.request('slow').catch((error: unknown) => error);
    const { id } = await side.next('slow');
    fixture.clock.advance(elapsedMs);
    if (isWaiting) side.send({ id: id as number, data: 'just in time' });
    expect(await asked).toEqual(
      isWaiting ? 'just in time' : expect.objectContaining({ code: 'ACK_TIMEOUT' }),
    );
  });

  it('counts the wait from the call, also without a connection, and does not send what nobody waits for', async () => {
    const client = fixture.client({ autoConnect: false });
    const asked = expect(client.request('late', 1, { timeoutMs: 50 })).rejects.toMatchObject({
      code: 'ACK_TIMEOUT',
      message: expect.stringContaining('was not sent') as string,
    });
    fixture.clock.advance(50);
    await asked;
    void client.connect();
    const side = await fixture.server.welcomed();
    client.emit('next');
    await side.next('next');
    expect(side.messages).toEqual([]);
  });

  it('takes back what is aborted', async () => {
    const [client, side] = await fixture.open({}, { limits: { requestsInFlight: 1 } });
    const held = client.request('first').catch(() => undefined);
    const controller = new AbortController();
    const asked = client.request('second', 1, { signal: controller.signal });
    controller.abort();
    await expect(asked).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(client.request('third', 1, { signal: controller.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    const { id } = await side.next('first');
    side.send({ id: id as number, data: null });
    await held;
    client.emit('fourth');
    await side.next('fourth');
    expect(side.messages).toEqual([]);
  });

  it('cancels a stream at the server when its reader leaves', async () => {
    const [client, side] = await fixture.open();
    const reading = (async () => {
      for await (const item of client.stream('ticks')) return item;
    })();
    const { id } = await side.next('ticks');
    side.send({ id: id as number, data: 1, more: true });
    await expect(reading).resolves.toBe(1);
    await expect(side.next('$cancel')).resolves.toEqual({ event: '$cancel', id });
    expect(client.pending).toBe(0);
  });

  it('sends a volatile emit now or not at all', async () => {
    const client = fixture.client({ autoConnect: false });
    await expect(client.emit('tick', 1, { volatile: true }).delivered).rejects.toMatchObject({
      code: 'DISCONNECTED',
    });
    void client.connect();
    const side = await fixture.server.welcomed();
    await fixture.until(() => client.state === 'open');
    await client.emit('tick', 2, { volatile: true, meta: { a: 1 } }).delivered;
    await expect(side.next('tick')).resolves.toEqual({ event: 'tick', data: 2, meta: { a: 1 } });
  });

  it('carries bytes', async () => {
    const [client, side] = await fixture.open();
    const frames: Buffer[] = [];
    side.socket.removeAllListeners('message');
    side.socket.on('message', (data: Buffer, isBinary) => isBinary && frames.push(data));
    const heard = new Promise((resolve) => client.on('file', resolve));
    client.emit('file', new Uint8Array([1, 2, 3]));
    await fixture.until(() => frames.length === 1);
    side.socket.send(frames[0] as Buffer);
    await expect(heard).resolves.toEqual(new Uint8Array([1, 2, 3]));
  });
});
