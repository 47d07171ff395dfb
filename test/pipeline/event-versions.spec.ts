import { EventVersions } from '../../lib/nest/decorators/transform.decorator.js';
import { GatewireError } from '../../lib/protocol/gatewire-error.js';
import { EngineFixture } from '../support/engine-fixture.js';
import { StageBench } from '../support/stage-bench.js';

const order = {
  current: 3,
  up: {
    1: (data: { sum: number }) => ({ ...data, currency: 'EUR' }),
    2: ({ sum, currency }: { sum: number; currency: string }) => ({ price: { sum, currency } }),
  },
  down: {
    3: ({ price }: { price: object }) => price,
    2: ({ sum }: { sum: number }) => ({ sum }),
  },
};
const v1 = { sum: 5 };
const v2 = { sum: 5, currency: 'EUR' };
const v3 = { price: { sum: 5, currency: 'EUR' } };
type Args = Parameters<typeof EventVersions.of>;
const bench = (events: Args[0] = { order }, scope?: Args[1]): StageBench =>
  StageBench.of(EventVersions.of(events, scope));

describe('what comes in', () => {
  it.each<[string, number | undefined, unknown]>([
    ['order', 1, v1],
    ['order', 2, v2],
    ['order', 3, v3],
    ['order', undefined, v3],
    ['order.v1', undefined, v1],
    ['order.v2', 2, v2],
    ['order.v3', undefined, v3],
  ])('as %s with meta.version %s is cast step by step to the current version', (event, version, data) => {
    const meta = version === undefined ? {} : { meta: { version, trace: 't' } };
    const { message, passed, pending } = bench().inbound(event, data, meta);
    expect(passed()).toEqual({ event: 'order', data: v3 });
    expect(message.meta).toEqual(version === undefined ? undefined : { version: 3, trace: 't' });
    expect(pending).toBeUndefined();
  });

  it('goes to handlers that have the version in their name, where so asked', () => {
    const stage = bench({ order }, { naming: 'suffix' });
    expect(stage.inbound('order.v1', v1).passed()).toEqual({ event: 'order.v3', data: v3 });
    expect(stage.inbound('order', v1, { meta: { version: 1 } }).passed()).toEqual({
      event: 'order.v3',
      data: v3,
    });
  });

  it('without a version is of the one that is said for such', () => {
    const stage = bench({ order: { ...order, unversioned: 2 } });
    expect(stage.inbound('order', v2).passed()?.data).toEqual(v3);
  });

  it.each<[string, unknown]>([
    ['order', 0],
    ['order', 4],
    ['order', '1'],
    ['order', null],
    ['order', 1.5],
    ['order', Number.MAX_VALUE],
    ['order.v4', undefined],
    ['order.v999999999', undefined],
  ])(
    'as %s in version %s is refused with what is supported, and nothing of what was sent',
    (event, version) => {
      const stage = bench();
      const { outcome, passed } = stage.inbound(
        event,
        v1,
        version === undefined ? {} : { meta: { version } },
      );
      expect(passed()).toBeUndefined();
      expect(outcome()).toMatchObject({
        kind: 'error',
        error: {
          code: 'BAD_REQUEST',
          message: 'this version of "order" is not supported',
          details: { supported: [1, 2, 3] },
        },
      });
      expect(stage.counts).toEqual({ 'event-versions.refused': 1 });
    },
  );

  it('in two versions at once is refused', () => {
    expect(
      bench()
        .inbound('order.v1', v1, { meta: { version: 2 } })
        .outcome(),
    ).toMatchObject({
      error: { code: 'BAD_REQUEST', message: '"order" is sent in two versions at once' },
    });
  });

  it.each([
    'other',
    'other.v1',
    'order.v0',
    'order.v01',
    'order.vx',
    'order.v1.v2',
    '__proto__',
    'constructor.v1',
  ])('as %s is none of its business', (event) => {
    const { message, passed } = bench().inbound(event, v1, { meta: { version: 'x' } });
    expect(passed()).toEqual({ event, data: v1 });
    expect(message.meta).toEqual({ version: 'x' });
  });

  it('is cast within a $publish, too', () => {
    const publish = { room: 'r', event: 'order.v1', data: v1 };
    expect(bench().inbound('$publish', publish).passed()).toEqual({
      event: '$publish',
      data: { room: 'r', event: 'order', data: v3 },
    });
  });

  it('may be cast by what takes its time', async () => {
    const slow = {
      current: 3,
      up: { 1: async (data: number) => Promise.resolve(data + 1), 2: (data: number) => data * 2 },
    };
    const { passed, pending } = bench({ slow }).inbound('slow.v1', 1);
    expect(passed()).toBeUndefined();
    await pending;
    expect(passed()).toEqual({ event: 'slow', data: 4 });
  });

  it('fails with INTERNAL and a log line that names the step when a caster throws; with its own error for the peer', async () => {
    const up = {
      1: (data: { a: { b: number } }) => data.a.b,
      2: () => {
        throw new GatewireError('TOO_OLD', 'not this one');
      },
    };
    const fixture = await EngineFixture.start({
      host: { middleware: [EventVersions.of({ e: { current: 3, up } })] },
      handlers: { e: (data) => data },
    });
    const client = await fixture.connect();
    expect(await client.ask('e.v1', {})).toEqual({
      id: 1,
      error: { code: 'INTERNAL', message: 'Internal server error' },
    });
    expect(fixture.log.lines.join()).toContain('the caster of event "e" from version 1 to 2 has failed');
    expect(await client.ask('e.v2')).toMatchObject({ error: { code: 'TOO_OLD' } });
    await fixture.stop();
  });
});

describe('what goes out', () => {
  it('has the current version, and says so', () => {
    const { message, passed } = bench().outbound('order', v3, { meta: { trace: 't' } });
    expect(passed()).toEqual({ event: 'order', data: v3 });
    expect(message.meta).toEqual({ trace: 't', version: 3 });
    const suffixed = bench({ order }, { naming: 'suffix' });
    for (const event of ['order', 'order.v3']) {
      const sent = suffixed.outbound(event, v3);
      expect([sent.passed()?.event, sent.message.meta]).toEqual(['order.v3', undefined]);
    }
  });

  it('is left alone when it is another event, another version, or an error', () => {
    const stage = bench();
    for (const [event, more] of [
      ['other', {}],
      ['order.v2', {}],
      [undefined, { id: 1, inReplyTo: stage.message('other') }],
      ['order', { error: { code: 'X', message: 'x' } }],
    ] as const) {
      const { message, passed } = stage.outbound(event, v2, more);
      expect(passed()).toEqual({ event, data: v2 });
      expect(message.meta).toBeUndefined();
    }
  });

  it.each<[string, object, string | undefined, unknown, string | undefined, unknown]>([
    ['order', { meta: { version: 1 } }, undefined, v1, undefined, { version: 1 }],
    ['order', { meta: { version: 2 } }, 'order', v2, 'order', { version: 2 }],
    ['order.v2', {}, undefined, v2, undefined, undefined],
    ['order.v1', {}, 'order', v1, 'order.v1', undefined],
    ['order', {}, undefined, v3, undefined, undefined],
    ['order', {}, 'order', v3, 'order', undefined],
  ])('in answer to %s %j is spelled as it was asked', (asked, more, replied, data, event, meta) => {
    const stage = bench();
    const { message: inReplyTo } = stage.inbound(asked, asked.endsWith('1') ? v1 : v3, more);
    const { message, passed } = stage.outbound(replied, v3, { id: 1, inReplyTo });
    expect(passed()).toEqual({ event, data });
    expect(message.meta).toEqual(meta);
  });

  it('in answer, but of another event, has that one’s current version', () => {
    const stage = bench({ order, paid: { current: 2, down: { 2: () => 'old' } } });
    const { message: inReplyTo } = stage.inbound('order.v1', v1);
    expect(stage.outbound('paid', 'new', { inReplyTo }).passed()).toEqual({ event: 'paid', data: 'new' });
  });

  it('goes to each receiver in the version it knows, where somebody says which', () => {
    const versions: Record<string, number> = { c1: 1, c2: 2, c4: 9, c5: -1, c6: NaN };
    const stage = bench(
      { order },
      { clientVersion: ({ id }, event) => (event === 'order' ? versions[id] : 0) },
    );
    expect(stage.stage.perConnection).toBe(true);
    expect(bench().stage.perConnection).toBe(false);
    const sentTo = (id: string): unknown => {
      const target = { kind: 'connection', connection: { id } as never } as const;
      return stage.outbound('order', v3, { target }).passed()?.data;
    };
    expect(['c1', 'c2', 'c3', 'c4', 'c5', 'c6'].map(sentTo)).toEqual([v1, v2, v3, v3, v1, v3]);
    expect(stage.counts).toEqual({ 'event-versions.downcast': 3 });
  });

  it('is cast through steps that change nothing, and by what takes its time', async () => {
    const e = { current: 4, down: { 4: (n: number) => n + 1, 2: (n: number) => Promise.resolve(n * 2) } };
    const stage = bench({ e }, { clientVersion: () => 1 });
    const target = { kind: 'connection', connection: stage.connection } as const;
    const { pending, passed } = stage.outbound('e', 1, { target });
    await pending;
    expect(passed()?.data).toBe(4);
  });
});

describe('options', () => {
  it.each<[Args[0], Args[1], string]>([
    [{}, {}, 'one event at least'],
    [{ 'order.v1': { current: 1 } }, {}, 'without their version'],
    [{ $x: { current: 1 } }, {}, 'without their version'],
    [{ order: { current: 0 } }, {}, 'order.current'],
    [{ order: { current: 2, up: { 2: String } } }, {}, 'steps from versions 1 to 1'],
    [{ order: { current: 1, down: { 1: String } } }, {}, 'no steps'],
    [{ order: { current: 3, up: { 1: String } } }, {}, 'a step from version 2'],
    [{ order: { current: 2, up: { 1: 5 as never } } }, {}, 'order.up.1'],
    [{ order: { current: 2, unversioned: 1 } }, {}, 'order.unversioned'],
    [{ order }, { naming: 'x' as never }, 'naming'],
  ])('that cannot work are refused: %j %j', (events, scope, message) => {
    expect(() => bench(events, scope)).toThrow(message);
  });
});
