import { fixed, immediate } from '../../lib/exchange/retry-strategy.js';
import type { DeadLetter } from '../../lib/pipeline/dead-letter.js';
import { DeadLetters } from '../../lib/pipeline/dead-letters.js';
import type { InboundMessage } from '../../lib/pipeline/inbound-message.js';
import {
  ReliableHandling,
  type ReliableHandlerOptions,
  resolveReliableHandler,
} from '../../lib/pipeline/reliable-handling.js';
import { EngineFixture } from '../support/engine-fixture.js';
import { FakeClock } from '../support/fake-clock.js';
import { until } from '../support/session-fixture.js';

let fixture: EngineFixture;
let clock: FakeClock;
let dead: DeadLetter[];
let calls: unknown[];
afterEach(() => fixture.stop());

/** An engine whose handler `work` is called by the strategy; `now` waits for nothing. */
async function start(
  options: ReliableHandlerOptions,
  work: (message: InboundMessage, call: number) => unknown,
  concurrency?: number,
): Promise<void> {
  clock = new FakeClock();
  dead = [];
  calls = [];
  let handling: ReliableHandling | undefined;
  fixture = await EngineFixture.start({
    host: { clock },
    handlers: {
      work: {
        concurrency,
        invoke: (message) => {
          message.enter();
          const host = fixture.engine.stageHost;
          const rule = resolveReliableHandler(options);
          handling ??= new ReliableHandling({
            ...rule,
            when: rule.when ?? (() => true),
            host,
            deadLetters: new DeadLetters(host, [{ deadLetter: (letter) => void dead.push(letter) }]),
          });
          return handling.run(message, () => {
            calls.push(message.data);
            return work(message, calls.length);
          });
        },
      },
    },
  });
}

const fail = (): never => {
  throw new Error('busy');
};

async function pass(ms: number): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(ms);
  await new Promise((resolve) => setImmediate(resolve));
}

const stages = (): Readonly<Record<string, number>> => fixture.engine.server.stats().stages;

describe('a reliable handler', () => {
  it.each([
    ['throws', (_message: unknown, call: number) => (call < 3 ? fail() : 'done')],
    ['rejects', async (_message: unknown, call: number) => Promise.resolve(call < 3 ? fail() : 'done')],
  ])('that %s is called again, and its message has one outcome', async (_how, work) => {
    await start({ retry: fixed(100) }, work);
    const client = await fixture.connect();
    client.send({ event: 'work', data: 'a', id: 1 });
    await until(() => calls.length === 1);
    await pass(99);
    expect(calls).toHaveLength(1);
    await pass(1);
    await until(() => calls.length === 2);
    await pass(100);
    expect(await client.nextJson()).toEqual({ id: 1, data: 'done' });
    expect([calls, dead, client.unread]).toEqual([['a', 'a', 'a'], [], []]);
    expect(stages()['reliable.handler-retries']).toBe(2);
  });

  it('that is given up is a dead letter, and the last error the outcome', async () => {
    await start({ retry: immediate({ count: 1 }) }, (_message, call) => {
      throw new Error(`busy ${call}`);
    });
    const client = await fixture.connect();
    client.send({ event: 'work', data: 'a', id: 1, meta: { by: 'me' } });
    await until(() => calls.length === 1);
    await pass(0);
    expect(await client.nextJson()).toMatchObject({ id: 1, error: { code: 'INTERNAL' } });
    expect(dead).toMatchObject([
      { direction: 'inbound', event: 'work', data: 'a', meta: { by: 'me' }, attempts: 2, reason: 'given-up' },
    ]);
    expect((dead[0]?.error as Error).message).toBe('busy 2');
  });

  it('is not called again for what is no fault: that is an answer, and no dead letter', async () => {
    await start({ retry: immediate(), when: () => false }, fail);
    const client = await fixture.connect();
    expect(await client.ask('work')).toMatchObject({ error: { code: 'INTERNAL' } });
    expect([calls.length, dead]).toEqual([1, []]);
  });

  it('is not called again when that would be after the deadline, nor after it', async () => {
    await start({ retry: fixed(100) }, fail);
    const client = await fixture.connect();
    client.send({ event: 'work', id: 1, meta: { deadlineMs: 150 } });
    await until(() => calls.length === 1);
    await pass(100);
    await until(() => dead.length === 1);
    expect([calls.length, dead[0]?.reason, dead[0]?.attempts]).toEqual([2, 'expired', 2]);
    expect(await client.nextJson()).toMatchObject({ id: 1, error: { code: 'INTERNAL' } });
  });

  it('is not called again for a requester who has taken it back, or is gone', async () => {
    await start({ retry: fixed(1_000) }, fail);
    const client = await fixture.connect();
    client.send({ event: 'work', data: 1, id: 1 });
    await until(() => calls.length === 1);
    client.send({ event: '$cancel', id: 1 });
    await until(() => dead.length === 1);
    client.send({ event: 'work', data: 2, id: 2 });
    await until(() => calls.length === 2);
    client.terminate();
    await until(() => dead.length === 2);
    await pass(5_000);
    expect([calls, dead.map(({ reason }) => reason)]).toEqual([
      [1, 2],
      ['cancelled', 'disconnected'],
    ]);
  });

  it('goes on when the connection is gone, where that is asked for', async () => {
    await start({ retry: fixed(1_000), afterClose: true }, (_message, call) => (call < 3 ? fail() : null));
    const client = await fixture.connect();
    client.send({ event: 'work' });
    await until(() => calls.length === 1);
    client.terminate();
    await until(() => fixture.endpoint.connections.size === 0);
    await pass(1_000);
    await until(() => calls.length === 2);
    await pass(1_000);
    await until(() => calls.length === 3);
    expect(dead).toEqual([]);
  });

  it('holds up those behind it in its lane until it is done', async () => {
    await start({ retry: fixed(100) }, (_message, call) => (call === 1 ? fail() : null), 1);
    const client = await fixture.connect();
    client.send({ event: 'work', data: 'first', id: 1 });
    client.send({ event: 'work', data: 'second', id: 2 });
    await until(() => calls.length === 1);
    await client.ask('$ping', null, 'p');
    expect(calls).toEqual(['first']);
    await pass(100);
    expect([await client.nextJson(), await client.nextJson()]).toEqual([
      { id: 1, data: null },
      { id: 2, data: null },
    ]);
    expect(calls).toEqual(['first', 'first', 'second']);
  });

  it('leaves no timer when it is woken', async () => {
    await start({ retry: fixed(100_000) }, fail);
    await fixture.connect();
    const client = await fixture.connect();
    const before = clock.timers;
    client.send({ event: 'work', id: 1 });
    await until(() => clock.timers === before + 1);
    client.send({ event: '$cancel', id: 1 });
    await until(() => dead.length === 1);
    expect(clock.timers).toBe(before);
  });

  it.each([
    [{ retry: 3 as never }, 'retry'],
    [{ when: true as never }, 'when'],
  ])('refuses %j', async (options, name) => {
    await start({}, fail);
    expect(() => resolveReliableHandler(options)).toThrow(name);
  });
});
