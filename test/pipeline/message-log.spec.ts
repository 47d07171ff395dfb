import type { LogLevel } from '../../lib/pipeline/stages/logging/log-sink.js';
import type { MessageLogOptions } from '../../lib/pipeline/stages/logging/message-log.options.js';
import { MessageLogStage } from '../../lib/pipeline/stages/logging/message-log.stage.js';
import type { MessageOutcome } from '../../lib/pipeline/inbound-message.js';
import { GatewireError } from '../../lib/protocol/gatewire-error.js';
import { deferred } from '../support/engine-fixture.js';
import { LogBench } from '../support/log-bench.js';
import { StageBench } from '../support/stage-bench.js';

const value: MessageOutcome = { kind: 'value', value: 'secret' };
const error = (code: string): MessageOutcome => ({ kind: 'error', error: new GatewireError(code, 'secret') });

describe('a line for a message', () => {
  it.each<[string, MessageOutcome | undefined, LogLevel, object]>([
    ['a value', value, 'log', { outcome: 'value' }],
    ['a stream', { kind: 'stream' }, 'log', { outcome: 'stream' }],
    ['a drop', { kind: 'dropped', reason: 'spam' }, 'log', { outcome: 'dropped', reason: 'spam' }],
    ['an end without a word', undefined, 'log', { outcome: 'none' }],
    ['an error of the peer', error('BAD_REQUEST'), 'warn', { outcome: 'error', code: 'BAD_REQUEST' }],
    [
      'a fault of ours',
      { kind: 'error', error: new Error('secret') },
      'error',
      { outcome: 'error', code: 'INTERNAL' },
    ],
  ])('says how it ended: %s', (_name, outcome, level, ending) => {
    const bench = new LogBench();
    bench.ends(outcome, 'order', 12);
    expect(bench.records).toEqual([
      [
        level,
        {
          type: 'inbound',
          endpoint: '/chat',
          connectionId: 'c1',
          userId: 'u1',
          event: 'order',
          messageId: 7,
          bytes: 100,
          durationMs: 12,
          ...ending,
        },
      ],
    ]);
    expect(JSON.stringify(bench.records)).not.toContain('secret');
  });

  it('comes when what is asynchronous is done, and synchronously when nothing is', async () => {
    const bench = new LogBench();
    const message = bench.message('order');
    const handler = deferred();
    const pending = bench.stage.inbound?.(message, () => handler.promise.then(() => message.settle(value)));
    bench.clock.advance(40);
    expect(bench.records).toEqual([]);
    handler.resolve();
    await pending;
    expect(bench.last).toMatchObject({ outcome: 'value', durationMs: 40 });
    expect(bench.inbound('order').pending).toBeUndefined();
  });

  it('comes when a stage behind throws, which goes on its way', async () => {
    const bench = new LogBench({ sample: 0 });
    const fail = new GatewireError('FORBIDDEN', 'no');
    expect(() =>
      bench.stage.inbound?.(bench.message('a'), () => {
        throw fail;
      }),
    ).toThrow(fail);
    await expect(bench.stage.inbound?.(bench.message('b'), () => Promise.reject(fail))).rejects.toBe(fail);
    expect(bench.records).toMatchObject([
      ['warn', { event: 'a', outcome: 'error', code: 'FORBIDDEN' }],
      ['warn', { event: 'b', outcome: 'error', code: 'FORBIDDEN' }],
    ]);
  });

  it('names the event as sent, and where it was routed', () => {
    const bench = new LogBench();
    const message = bench.message('old');
    void bench.stage.inbound?.(message, () => void (message.event = 'new'));
    expect(bench.last).toMatchObject({ event: 'old', routedTo: 'new' });
  });

  it('on its way out says whom it is for; replies only where so asked', () => {
    const bench = new LogBench();
    bench.outbound('news', 'secret');
    const target = { kind: 'connection', connection: bench.connection } as const;
    bench.outbound('ask', 'secret', { target, id: -1 });
    bench.outbound(undefined, 'secret', { target, id: 1, inReplyTo: bench.message('order') });
    expect(bench.records.map(([, record]) => record)).toEqual([
      { type: 'outbound', event: 'news', target: 'all', outcome: 'sent' },
      {
        type: 'outbound',
        event: 'ask',
        target: 'connection',
        outcome: 'sent',
        endpoint: '/chat',
        connectionId: 'c1',
        userId: 'u1',
        messageId: -1,
      },
    ]);
    const withReplies = new LogBench({ replies: true });
    const inReplyTo = bench.message('order');
    withReplies.outbound(undefined, 1, { target, id: 1, inReplyTo });
    withReplies.outbound(undefined, undefined, {
      target,
      id: 1,
      inReplyTo,
      error: { code: 'NOT_FOUND', message: '' },
    });
    expect(withReplies.records).toMatchObject([
      ['log', { event: 'order', outcome: 'sent' }],
      ['warn', { event: 'order', outcome: 'error', code: 'NOT_FOUND' }],
    ]);
  });

  it('on its way out says that a stage behind has failed', async () => {
    const bench = new LogBench();
    const message = { event: 'news', data: 1, meta: undefined, target: { kind: 'all' } } as const;
    const fail = new Error('x');
    expect(() =>
      bench.stage.outbound?.({ ...message }, () => {
        throw fail;
      }),
    ).toThrow(fail);
    await expect(bench.stage.outbound?.({ ...message }, () => Promise.reject(fail))).rejects.toBe(fail);
    await bench.stage.outbound?.({ ...message }, () => Promise.resolve());
    expect(bench.records).toMatchObject([
      ['error', { outcome: 'error', code: 'INTERNAL' }],
      ['error', { outcome: 'error', code: 'INTERNAL' }],
      ['log', { outcome: 'sent' }],
    ]);
  });
});

describe('which messages', () => {
  it('are those of the events and the direction asked for', () => {
    const bench = new LogBench({ events: ['order.*'], direction: 'inbound', connections: false });
    expect(bench.phases).toEqual(['inbound']);
    bench.ends(value, 'order.new');
    bench.ends(value, 'other');
    bench.inbound('$publish', { room: 'r', event: 'order.old', data: 1 });
    expect(bench.records.map(([, record]) => (record as { event: string }).event)).toEqual([
      'order.new',
      '$publish',
    ]);
    expect(new LogBench({ direction: 'outbound', connections: false }).phases).toEqual(['outbound']);
  });

  it('are sampled by event, and errors are never left out', () => {
    let roll = 0;
    const bench = new LogBench({ sample: { 'tick.*': 0.25, 'tick.off': 0 }, random: () => roll });
    const logs = (event: string, outcome: MessageOutcome = value): number => {
      const before = bench.records.length;
      bench.ends(outcome, event);
      return bench.records.length - before;
    };
    roll = 0.249;
    expect(logs('tick.a')).toBe(1);
    roll = 0.25;
    expect(logs('tick.a')).toBe(0);
    expect(logs('other')).toBe(1);
    expect(logs('tick.a', error('NOT_FOUND'))).toBe(1);
    roll = 0;
    expect(logs('tick.off')).toBe(0);
    expect(logs('tick.off', error('INTERNAL'))).toBe(1);
  });

  it('are all or none of a connection, the same ones in every process', () => {
    const idsTaken = (): string[] => {
      const bench = new LogBench({ sample: 0.3, sampleBy: 'connection', connections: false });
      for (let i = 0; i < 1000; i++) {
        const connection = { id: `connection-${i}`, handshake: { path: '/' } } as never;
        for (const id of [1, 2]) {
          const message = Object.assign(bench.message('e', null, { id }), { connection });
          void bench.stage.inbound?.(message, () => undefined);
        }
      }
      return bench.records.map(([, record]) => (record as { connectionId: string }).connectionId);
    };
    const taken = idsTaken();
    expect(idsTaken()).toEqual(taken);
    expect(taken.length).toBe(new Set(taken).size * 2);
    expect(new Set(taken).size).toBeGreaterThan(230);
    expect(new Set(taken).size).toBeLessThan(370);
    const broadcast = new LogBench({ sample: 0.3, sampleBy: 'connection' });
    broadcast.outbound('news', 1);
    expect(broadcast.records).toHaveLength(1);
  });

  it('are written at the level asked for, as far as levels are on, and nothing is done when none is', () => {
    const bench = new LogBench({ level: 'debug' });
    bench.levels = ['log', 'warn', 'error'];
    bench.ends(value);
    expect(bench.records).toEqual([]);
    bench.ends(error('NOT_FOUND'));
    bench.levels = ['debug'];
    bench.ends(value);
    expect(bench.records.map(([level]) => level)).toEqual(['warn', 'debug']);
    bench.levels = [];
    let reads = 0;
    const message = new Proxy(bench.message('e'), {
      get: (target, name) => (
        name === 'event' || name === 'data' || ++reads,
        Reflect.get(target, name) as unknown
      ),
    });
    void bench.stage.inbound?.(message, () => undefined);
    expect(reads).toBe(0);
  });
});

describe('payloads', () => {
  const logged = (options: MessageLogOptions, data: unknown): unknown => {
    const bench = new LogBench(options);
    bench.inbound('e', data);
    return (bench.last as { data?: unknown }).data;
  };

  it('are logged only where so asked: redacted, bounded, as they are or as a function says', () => {
    const data = { user: 'u', password: 'x', cards: [{ number: 4 }] };
    expect(logged({}, data)).toBeUndefined();
    const redact = ['data.password', 'data.cards.*.number'];
    expect(logged({ payload: true, redact }, data)).toEqual({
      user: 'u',
      password: '[redacted]',
      cards: [{ number: '[redacted]' }],
    });
    expect(logged({ payload: true, payloadCharacters: 4 }, 'abcdef')).toBe('abcd…');
    const payload: MessageLogOptions['payload'] = ({ data: given }, direction) => ({
      ...(given as object),
      direction,
    });
    expect(logged({ payload, redact: ['**.number', 'data.user'] }, data)).toEqual({
      user: '[redacted]',
      password: 'x',
      cards: [{ number: '[redacted]' }],
      direction: 'inbound',
    });
  });

  it('of a function that throws are left out, counted and logged, and the message goes on', () => {
    const bench = new LogBench({
      payload: () => {
        throw new Error('no payload');
      },
    });
    bench.ends(value);
    expect(bench.last).toMatchObject({ outcome: 'value' });
    expect(bench.counts).toEqual({ 'message-log.failed': 1 });
    expect(bench.lines).toEqual([new Error('no payload')]);
  });
});

it('a log that throws does not reach messages, and is counted', () => {
  const bench = new StageBench();
  const sink = {
    isEnabled: () => true,
    write: () => {
      throw new Error('disk full');
    },
  };
  bench.stage = new MessageLogStage({}, { host: bench, sink, codeOf: () => 'X' });
  expect(bench.inbound('e').passed()).toBeDefined();
  expect(bench.counts).toEqual({ 'message-log.failed': 1 });
});

describe('options', () => {
  it.each<[MessageLogOptions, string]>([
    [{ sample: 1.1 }, 'sample'],
    [{ sample: { a: -1 } }, 'sample["a"]'],
    [{ sample: NaN }, 'sample'],
    [{ direction: 'x' as never }, 'direction'],
    [{ level: 'warn' as never }, 'level'],
    [{ sampleBy: 'x' as never }, 'sampleBy'],
    [{ payload: 'yes' as never }, 'payload'],
    [{ payloadCharacters: 0 }, 'payloadCharacters'],
    [{ redact: ['password'] }, 'redact'],
    [{ audit: {} as never }, 'audit'],
    [{ auditRecords: 0 }, 'auditRecords'],
    [{ auditFlushMs: -1 }, 'auditFlushMs'],
  ])('that cannot work are refused: %j', (options, option) => {
    expect(() => new LogBench(options)).toThrow(`gatewire option "${option}"`);
  });
});
