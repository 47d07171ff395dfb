import type { InboundMessage } from '../../lib/pipeline/inbound-message.js';
import { deferred, EngineFixture } from '../support/engine-fixture.js';

let fixture: EngineFixture;
afterEach(() => fixture.stop());

describe('order', () => {
  it('enters handlers in the order messages came, whatever each takes', async () => {
    const entered: unknown[] = [];
    const gates = [deferred(), deferred(), deferred()];
    fixture = await EngineFixture.start({
      handlers: {
        // A guard that takes its time before the method is entered.
        guarded: {
          invoke: async (message: InboundMessage) => {
            const turn = message.data as number;
            if (turn === 0) await gates[0]?.promise;
            message.enter();
            entered.push(turn);
          },
        },
      },
    });
    const client = await fixture.connect();
    for (const turn of [0, 1, 2]) client.send({ event: 'guarded', data: turn, id: turn });
    await client.ask('$ping', null, 'p');
    expect(entered).toEqual([]);
    gates[0]?.resolve();
    const order = [await client.nextJson(), await client.nextJson(), await client.nextJson()].map(
      (frame) => frame['id'],
    );
    expect(entered).toEqual([0, 1, 2]);
    expect([...order].sort()).toEqual([0, 1, 2]);
  });

  it('runs up to `concurrency` handlers of a connection at once, and the next when one is done', async () => {
    const running: (() => void)[] = [];
    const wait = (): Promise<void> => new Promise((resolve) => running.push(resolve));
    fixture = await EngineFixture.start({ options: { concurrency: 2 }, handlers: { wait } });
    const client = await fixture.connect();
    for (const id of [1, 2, 3]) client.send({ event: 'wait', id });
    await client.ask('$ping', null, 'p');
    expect(running).toHaveLength(2);
    running[0]?.();
    expect(await client.nextJson()).toEqual({ id: 1, data: null });
    await client.ask('$ping', null, 'p');
    expect(running).toHaveLength(3);
    running.slice(1).forEach((resolve) => resolve());
    await client.nextJson();
    await client.nextJson();
  });

  it('runs 32 handlers at once by default, not 33', async () => {
    const running: (() => void)[] = [];
    fixture = await EngineFixture.start({
      handlers: { wait: () => new Promise<void>((resolve) => running.push(resolve)) },
    });
    const client = await fixture.connect();
    for (let id = 0; id < 33; id++) client.send({ event: 'wait', id });
    await client.ask('$ping', null, 'p');
    expect(running).toHaveLength(32);
    expect(fixture.engine.server.stats().gauges.queuedMessages).toBe(1);
    running.forEach((resolve) => resolve());
    while (running.length < 33) await new Promise((resolve) => setImmediate(resolve));
    running[32]?.();
  });

  it('lets a handler with concurrency 1 wait for the one before, and others pass', async () => {
    const running: (() => void)[] = [];
    const invoke = (message: InboundMessage): Promise<void> => {
      message.enter();
      return new Promise((resolve) => running.push(resolve));
    };
    fixture = await EngineFixture.start({
      handlers: { one: { concurrency: 1, invoke }, other: () => 'passed' },
    });
    const client = await fixture.connect();
    client.send({ event: 'one', id: 1 });
    client.send({ event: 'one', id: 2 });
    expect(await client.ask('other', null, 3)).toEqual({ id: 3, data: 'passed' });
    expect(running).toHaveLength(1);
    running[0]?.();
    expect(await client.nextJson()).toEqual({ id: 1, data: null });
    running[1]?.();
    expect(await client.nextJson()).toEqual({ id: 2, data: null });
  });

  it('orders by key: equal keys wait for one another, others do not', async () => {
    const running = new Map<unknown, () => void>();
    const invoke = (message: InboundMessage): Promise<void> => {
      message.enter();
      return new Promise((resolve) => running.set(message.id, resolve));
    };
    fixture = await EngineFixture.start({ handlers: { move: { orderBy: ({ data }) => data, invoke } } });
    const client = await fixture.connect();
    client.send({ event: 'move', data: 'a', id: 1 });
    client.send({ event: 'move', data: 'a', id: 2 });
    client.send({ event: 'move', data: 'b', id: 3 });
    await client.ask('$ping', null, 'p');
    expect([...running.keys()]).toEqual([1, 3]);
    running.get(1)?.();
    expect(await client.nextJson()).toEqual({ id: 1, data: null });
    await client.ask('$ping', null, 'p');
    expect([...running.keys()]).toEqual([1, 3, 2]);
    running.get(2)?.();
    running.get(3)?.();
    await client.nextJson();
  });

  it('goes on with the others when a handler fails', async () => {
    fixture = await EngineFixture.start({
      options: { concurrency: 1 },
      handlers: { fail: () => Promise.reject(new Error('no')), ok: () => 'ok' },
    });
    const client = await fixture.connect();
    client.send([
      { event: 'fail', id: 1 },
      { event: 'ok', id: 2 },
    ]);
    expect(await client.nextJson()).toMatchObject({ id: 1, error: { code: 'INTERNAL' } });
    expect(await client.nextJson()).toEqual({ id: 2, data: 'ok' });
  });
});
