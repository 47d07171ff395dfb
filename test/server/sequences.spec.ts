import { resolveSequenced } from '../../lib/pipeline/sequence-rule.js';
import { GatewireError } from '../../lib/protocol/gatewire-error.js';
import { deferred } from '../support/engine-fixture.js';
import { FakeClock } from '../support/fake-clock.js';
import { SessionFixture, until } from '../support/session-fixture.js';

let at: SessionFixture;
let handled: unknown[];
beforeEach(() => (handled = []));
afterEach(() => at.fixture.stop());

const note = (seq: unknown, more: object = {}): object => ({
  event: 'note',
  data: seq,
  id: String(seq),
  meta: { seq, ...more },
});

const stages = (): Readonly<Record<string, number>> => at.server.stats().stages;

/** One handler that takes notes in order. */
async function start(
  options: Parameters<typeof resolveSequenced>[0] = {},
  handle: (data: unknown) => unknown = () => null,
): Promise<FakeClock> {
  const clock = new FakeClock();
  at = await SessionFixture.start({
    host: { clock },
    handlers: {
      note: {
        sequence: resolveSequenced(options),
        invoke: (message) => {
          message.enter();
          handled.push(message.data);
          return handle(message.data);
        },
      },
      other: () => 'at once',
    },
  });
  return clock;
}

describe('numbered messages', () => {
  it('are handled in order, and hold up nothing else', async () => {
    await start();
    const client = await at.fixture.connect();
    for (const seq of [3, 2, 4]) client.send(note(seq));
    expect(await client.ask('other', null, 'o')).toEqual({ id: 'o', data: 'at once' });
    expect(handled).toEqual([]);
    client.send({ event: 'note', data: 'unnumbered', meta: {} });
    client.send(note(1));
    const order: unknown[] = [];
    while (order.length < 4) order.push((await client.nextJson())['id']);
    expect([order, handled]).toEqual([
      ['1', '2', '3', '4'],
      ['unnumbered', 1, 2, 3, 4],
    ]);
    expect(stages()['sequence.held']).toBe(3);
  });

  it('enter their handler one by one, also when what is before it is slow', async () => {
    const clock = new FakeClock();
    const slow = deferred();
    at = await SessionFixture.start({
      host: { clock },
      handlers: {
        note: {
          sequence: resolveSequenced(),
          inbound: [
            { name: 'slow', phase: async ({ data }, next) => (data === 1 ? await slow.promise : 0, next()) },
          ],
          invoke: (message) => {
            message.enter();
            handled.push(message.data);
          },
        },
      },
    });
    const client = await at.fixture.connect();
    for (const seq of [2, 3, 1]) client.send(note(seq));
    await client.ask('$ping', null, 'p');
    expect(handled).toEqual([]);
    slow.resolve();
    await until(() => handled.length === 3);
    expect(handled).toEqual([1, 2, 3]);
  });

  it('of several streams do not wait for one another, and of connections neither', async () => {
    await start({ streams: 2 });
    const [client, other] = [await at.fixture.connect(), await at.fixture.connect()];
    client.send(note(2, { stream: 'a' }));
    client.send({ ...note(1, { stream: 'b' }), id: 'b1' });
    expect(await client.nextJson()).toEqual({ id: 'b1', data: null });
    other.send(note(1));
    expect(await other.nextJson()).toEqual({ id: '1', data: null });
    client.send({ ...note(1), id: 'third' });
    expect(await client.nextJson()).toMatchObject({ id: 'third', error: { code: 'TOO_MANY_REQUESTS' } });
  });

  it.each([
    ['a number that is none', { seq: '1' }],
    ['zero', { seq: 0 }],
    ['a fraction', { seq: 1.5 }],
    ['a stream that is no text', { seq: 1, stream: 7 }],
    ['a stream whose name is too long', { seq: 1, stream: 'x'.repeat(129) }],
  ])('refuses %s', async (_what, meta) => {
    await start();
    const client = await at.fixture.connect();
    client.send({ event: 'note', id: 1, meta });
    expect(await client.nextJson()).toMatchObject({ id: 1, error: { code: 'BAD_REQUEST' } });
    client.send({ event: 'note', id: 2, meta: { seq: 1, stream: 'x'.repeat(128) } });
    expect(await client.nextJson()).toEqual({ id: 2, data: null });
  });

  it('are refused beyond the window, and taken when it has moved on', async () => {
    await start({ window: 3 });
    const client = await at.fixture.connect();
    client.send(note(3));
    client.send(note(4));
    expect(await client.nextJson()).toMatchObject({
      id: '4',
      error: { code: 'OVERLOADED', details: { next: 1 } },
    });
    for (const seq of [1, 2, 4]) client.send(note(seq));
    await until(() => handled.length === 4);
    expect(handled).toEqual([1, 2, 3, 4]);
    expect(stages()['sequence.beyond']).toBe(1);
  });

  it('go on without one that does not come in time; that one is refused when it comes after all', async () => {
    const clock = await start({ gapMs: 500 });
    const client = await at.fixture.connect();
    for (const seq of [1, 4, 5]) client.send(note(seq));
    await until(() => stages()['sequence.held'] === 2);
    clock.advance(499);
    expect(handled).toEqual([1]);
    clock.advance(1);
    await until(() => handled.length === 3);
    expect(handled).toEqual([1, 4, 5]);
    client.send(note(2));
    for (const id of ['1', '4', '5']) expect(await client.nextJson()).toMatchObject({ id });
    expect(await client.nextJson()).toMatchObject({
      id: '2',
      error: { code: 'CONFLICT', details: { next: 6 } },
    });
    expect(stages()).toMatchObject({ 'sequence.given-up': 2, 'sequence.late': 1 });
    expect(at.fixture.log.lines.join('\n')).toContain('2 numbered messages did not come within 500 ms');
  });

  it('are handled once: a repeat is DUPLICATE, or nothing where nobody waits', async () => {
    await start();
    const client = await at.fixture.connect();
    client.send(note(1));
    expect(await client.nextJson()).toEqual({ id: '1', data: null });
    client.send({ ...note(1), id: undefined });
    client.send({ ...note(1), id: 'again' });
    expect(await client.nextJson()).toMatchObject({ id: 'again', error: { code: 'DUPLICATE' } });
    client.send(note(3));
    client.send({ ...note(3), id: 'another' });
    expect(await client.nextJson()).toMatchObject({ id: 'another', error: { code: 'DUPLICATE' } });
    expect(handled).toEqual([1]);
    expect(stages()['sequence.duplicates']).toBe(3);
  });

  it('come in again when they were refused for the moment', async () => {
    let isBusy = true;
    await start({}, (data) => {
      if (data === 2 && isBusy) throw new GatewireError('UNAVAILABLE', 'busy');
      return null;
    });
    const client = await at.fixture.connect();
    for (const seq of [1, 2, 3]) client.send(note(seq));
    await until(() => handled.length === 3);
    isBusy = false;
    client.send(note(2));
    client.send(note(2));
    await until(() => handled.length === 4 && client.unread.length === 5);
    expect(handled).toEqual([1, 2, 3, 2]);
    expect(
      client.unread.map(
        (frame) => (JSON.parse(frame.toString()) as { error?: { code: string } }).error?.code,
      ),
    ).toEqual([undefined, 'UNAVAILABLE', undefined, undefined, 'DUPLICATE']);
  });

  it('that wait are refused at a shutdown, to be sent elsewhere', async () => {
    await start();
    const client = await at.fixture.connect();
    client.send(note(2));
    await until(() => stages()['sequence.held'] === 1);
    void at.fixture.engine.close();
    expect(await client.nextJson()).toMatchObject({ id: '2', error: { code: 'UNAVAILABLE' } });
    expect(handled).toEqual([]);
  });

  it('that wait are gone with their connection, and leave no timer', async () => {
    const clock = await start();
    await at.fixture.connect();
    const client = await at.fixture.connect();
    const before = clock.timers;
    client.send(note(2));
    await until(() => stages()['sequence.held'] === 1);
    expect(clock.timers).toBe(before + 1);
    client.terminate();
    await until(() => at.disconnected.length === 1);
    expect(clock.timers).toBe(before);
  });
});

describe('numbered messages of a session', () => {
  it('are waited for while the client is away, and for the whole time when it is back', async () => {
    const clock = await start({ gapMs: 1_000 });
    const client = await at.open();
    client.send(note(1));
    client.send(note(3));
    expect(await client.next()).toEqual({ id: '1', data: null });
    await until(() => stages()['sequence.held'] === 1);
    await at.cut(client);
    clock.advance(5_000);
    expect(handled).toEqual([1]);
    const back = await at.open(client);
    clock.advance(999);
    // All that has no outcome is sent again, in order.
    for (const seq of [2, 3]) back.send(note(seq));
    expect([await back.next(), await back.next()]).toEqual([
      { id: '2', data: null },
      { id: '3', data: null },
    ]);
    expect(handled).toEqual([1, 2, 3]);
  });

  it('get the outcome of the first when they come again', async () => {
    const work = deferred<string>();
    await start({}, (data) => (data === 2 ? work.promise : `done ${data as string}`));
    const client = await at.open();
    client.send(note(1));
    client.send(note(2));
    expect(await client.next()).toEqual({ id: '1', data: 'done 1' });
    await until(() => handled.length === 2);
    await at.cut(client);
    const back = await at.open(client);
    back.send(note(1));
    back.send(note(2));
    expect(await back.next()).toEqual({ id: '1', data: 'done 1' });
    work.resolve('at last');
    expect(await back.next()).toEqual({ id: '2', data: 'at last' });
    expect(handled).toEqual([1, 2]);
  });
});
