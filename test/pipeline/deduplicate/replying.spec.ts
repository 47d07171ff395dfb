import { interval } from 'rxjs';
import { ErrorCode } from '../../../lib/protocol/error-code.js';
import { GatewireError } from '../../../lib/protocol/gatewire-error.js';
import type { OutboundPhase } from '../../../lib/pipeline/middleware.js';
import { DeduplicateFixture, settled } from './deduplicate-fixture.js';

let fixture: DeduplicateFixture;
afterEach(() => fixture.stop());

describe('a repeated request', () => {
  it('gets the remembered reply, and the handler does not run again', async () => {
    fixture = await DeduplicateFixture.start();
    const client = await fixture.connect();
    expect(await client.ask('count', 0, 'a')).toEqual({ id: 'a', data: 1 });
    expect(await client.ask('count', 0, 'a')).toEqual({ id: 'a', data: 1 });
    expect(await client.ask('count', 0, 'b')).toEqual({ id: 'b', data: 2 });
    expect(fixture.runs).toBe(2);
    expect(fixture.stages).toEqual({ 'deduplicate.repeats': 1 });
  });

  it.each<[string, unknown]>([
    ['null', null],
    ['a text', 'text'],
    ['an object', { a: [1, { b: null }] }],
    ['an event with data', { event: 'created', data: { id: 7 } }],
  ])('gets %s as it was', async (_name, value) => {
    fixture = await DeduplicateFixture.start({}, { handlers: { get: () => value } });
    const client = await fixture.connect();
    const first = await client.ask('get', 0, 'a');
    expect(await client.ask('get', 0, 'a')).toEqual(first);
    expect(fixture.runs).toBe(1);
  });

  it('gets bytes as they were', async () => {
    fixture = await DeduplicateFixture.start(
      {},
      { handlers: { get: () => ({ event: 'file', data: Buffer.from([1, 2, 3]) }) } },
    );
    const client = await fixture.connect();
    client.send({ event: 'get', id: 'a' });
    const first = (await client.next()) as Buffer;
    client.send({ event: 'get', id: 'a' });
    expect(await client.next()).toEqual(first);
    expect(first.subarray(-3)).toEqual(Buffer.from([1, 2, 3]));
    expect(fixture.runs).toBe(1);
  });

  it('gets what was answered, not what it has become since', async () => {
    const order = { state: 'new' };
    fixture = await DeduplicateFixture.start({}, { handlers: { order: () => order } });
    const client = await fixture.connect();
    await client.ask('order', 0, 'a');
    order.state = 'cancelled';
    expect(await client.ask('order', 0, 'a')).toEqual({ id: 'a', data: { state: 'new' } });
  });

  it('gets what the outbound stages of the handler make of it', async () => {
    const outbound: OutboundPhase[] = [
      (message, next) => {
        message.data = { wrapped: message.data };
        return next();
      },
    ];
    fixture = await DeduplicateFixture.start({}, { outbound });
    const client = await fixture.connect();
    expect(await client.ask('count', 0, 'a')).toEqual({ id: 'a', data: { wrapped: 1 } });
    expect(await client.ask('count', 0, 'a')).toEqual({ id: 'a', data: { wrapped: 1 } });
    expect(fixture.runs).toBe(1);
  });

  it('gets the remembered error, with its details', async () => {
    fixture = await DeduplicateFixture.start();
    const client = await fixture.connect();
    const first = await client.ask('fails', 0, 'a');
    expect(first).toEqual({ id: 'a', error: { code: 'NOT_FOUND', message: 'no such order', details: [1] } });
    expect(await client.ask('fails', 0, 'a')).toEqual(first);
    const broken = await client.ask('breaks', 0, 'b');
    expect(broken).toMatchObject({ error: { code: 'INTERNAL' } });
    expect(await client.ask('breaks', 0, 'b')).toEqual(broken);
    expect(fixture.runs).toBe(2);
  });

  it('gets what a later stage has said or thrown', async () => {
    let calls = 0;
    class Later {
      inbound({ event }: { event: string }): void {
        calls++;
        if (event === 'thrown') throw new GatewireError('NO', `no ${calls}`);
      }
    }
    fixture = await DeduplicateFixture.start({}, { after: [new Later()] });
    const client = await fixture.connect();
    const thrown = await client.ask('thrown', 0, 'a');
    expect(thrown).toMatchObject({ error: { code: 'NO', message: 'no 1' } });
    expect(await client.ask('thrown', 0, 'a')).toEqual(thrown);
    expect(calls).toBe(1);
  });

  it('that comes too early waits for the first, and lets those behind it pass', async () => {
    fixture = await DeduplicateFixture.start();
    const client = await fixture.connect();
    for (let i = 0; i < 3; i++) client.send({ event: 'slow', id: 'a' });
    expect(await client.ask('nothing', 0, 'b')).toEqual({ id: 'b', data: null });
    expect(await settled(client)).toEqual([]);
    fixture.gate.resolve(undefined);
    for (let i = 0; i < 3; i++) expect(await client.nextJson()).toEqual({ id: 'a', data: 2 });
    expect(fixture.runs).toBe(2);
  });

  it('runs where the first was not handled and its sender was told to come back', async () => {
    const errors = [ErrorCode.RateLimited, ErrorCode.Unavailable, ErrorCode.Unauthenticated];
    fixture = await DeduplicateFixture.start(
      {},
      {
        handlers: {
          later: () => {
            const code = errors.shift();
            if (code !== undefined) throw new GatewireError(code, 'later');
            return 'now';
          },
        },
      },
    );
    const client = await fixture.connect();
    for (const code of [...errors])
      expect(await client.ask('later', 0, 'a')).toMatchObject({ error: { code } });
    expect(await client.ask('later', 0, 'a')).toEqual({ id: 'a', data: 'now' });
    expect(await client.ask('later', 0, 'a')).toEqual({ id: 'a', data: 'now' });
    expect(fixture.runs).toBe(4);
  });

  it('of a stream, running or done, gets DUPLICATE', async () => {
    fixture = await DeduplicateFixture.start(
      {},
      {
        handlers: {
          endless: () => interval(1e6),
          short: async function* () {
            yield 1;
          },
        },
      },
    );
    const client = await fixture.connect();
    client.send({ event: 'endless', id: 'a' });
    expect(await client.ask('endless', 0, 'a')).toMatchObject({ error: { code: 'DUPLICATE' } });
    client.send({ event: 'short', id: 'b' });
    expect([await client.nextJson(), await client.nextJson()]).toMatchObject([
      { more: true },
      { done: true },
    ]);
    expect(await client.ask('short', 0, 'b')).toMatchObject({ error: { code: 'DUPLICATE' } });
    expect(fixture.runs).toBe(2);
  });

  it('with the id of another event is a CONFLICT', async () => {
    fixture = await DeduplicateFixture.start();
    const client = await fixture.connect();
    await client.ask('count', 0, 'a');
    expect(await client.ask('nothing', 0, 'a')).toMatchObject({ error: { code: 'CONFLICT' } });
    expect(fixture.runs).toBe(1);
  });
});

describe('what is no repeat', () => {
  it('is a message without id and key, a number and the text that looks like it, the same id of another connection', async () => {
    fixture = await DeduplicateFixture.start();
    const [a, b] = [await fixture.connect(), await fixture.connect()];
    for (let i = 0; i < 2; i++) a.send({ event: 'nothing' });
    await settled(a);
    expect(fixture.runs).toBe(2);
    for (const id of [1, '1', 'id:1', 'key:1']) expect(await a.ask('count', 0, id)).toMatchObject({ id });
    expect(await b.ask('count', 0, 1)).toEqual({ id: 1, data: 7 });
  });

  it('is a message of an event it is not for, and an event of the protocol that names an id', async () => {
    fixture = await DeduplicateFixture.start({ events: ['pay.*', '*'] });
    const client = await fixture.connect();
    await client.ask('count', 0, 'a');
    expect(await client.ask('$subscribe', {}, 'a')).not.toMatchObject({ error: { code: 'CONFLICT' } });
    await fixture.stop();
    fixture = await DeduplicateFixture.start({ events: ['pay.*'] });
    const another = await fixture.connect();
    expect([await another.ask('count', 0, 'a'), await another.ask('count', 0, 'a')]).toEqual([
      { id: 'a', data: 1 },
      { id: 'a', data: 2 },
    ]);
  });
});
