import { MessageFilter, TextMessageFilter } from '../../lib/nest/decorators/message-filter.decorator.js';
import type { FilterOutcome } from '../../lib/exchange/filter/filter-outcome.js';
import type { FilterPredicate } from '../../lib/pipeline/stages/filter/filter-rule.js';
import type { MiddlewareFactory } from '../../lib/pipeline/middleware.js';
import { EngineFixture, type HandlerFunction } from '../support/engine-fixture.js';
import { StageBench } from '../support/stage-bench.js';

let fixture: EngineFixture | undefined;
afterEach(async () => {
  await fixture?.stop();
  fixture = undefined;
});

const start = async (handlers: Record<string, HandlerFunction>, ...middleware: MiddlewareFactory[]) => {
  fixture = await EngineFixture.start({ host: { middleware }, handlers });
  return fixture.connect();
};
const stages = (): Record<string, number> => fixture?.engine.server.stats().stages as Record<string, number>;
const of = (...rules: FilterPredicate[]): StageBench => StageBench.of(MessageFilter.of(rules));
const echo: HandlerFunction = (data) => data;

describe('outcomes of a rule, before a handler', () => {
  const says =
    (outcome: FilterOutcome | undefined): FilterPredicate =>
    ({ event }) =>
      event === 'echo' ? outcome : 'pass';

  it.each<[string, FilterOutcome | undefined, object, string | undefined]>([
    ['nothing', undefined, { id: 1, data: 'x' }, undefined],
    ['pass', 'pass', { id: 1, data: 'x' }, undefined],
    ['replace', { replace: { y: 1 } }, { id: 1, data: { y: 1 } }, 'message-filter.replaced'],
    ['route', { route: 'other' }, { id: 1, data: 'other x' }, 'message-filter.routed'],
    ['answer', { answer: 'known' }, { id: 1, data: 'known' }, 'message-filter.answered'],
    [
      'drop',
      { drop: 'spam' },
      { id: 1, error: { code: 'FILTERED', message: 'the message was filtered out' } },
      'message-filter.dropped',
    ],
    [
      'reject',
      { reject: 'FORBIDDEN', message: 'not that', details: { rule: 7 } },
      { id: 1, error: { code: 'FORBIDDEN', message: 'not that', details: { rule: 7 } } },
      'message-filter.rejected',
    ],
  ])('%s', async (_name, outcome, answer, count) => {
    const client = await start(
      { echo, other: (data) => `other ${String(data)}` },
      MessageFilter.of(says(outcome)),
    );
    expect(await client.ask('echo', 'x')).toEqual(answer);
    if (count !== undefined) expect(stages()).toMatchObject({ [count]: 1 });
  });

  it('may come later: order is kept, and nothing else changes', async () => {
    const slow: FilterPredicate = async ({ event }) => {
      await Promise.resolve();
      return event === 'echo' ? 'pass' : { reject: 'NOPE' };
    };
    const client = await start(
      { echo },
      MessageFilter.of([slow, { text: { contains: 'x', outcome: { replace: 'y' } } }]),
    );
    client.send({ event: 'echo', data: 'x', id: 1 });
    client.send({ event: 'stop', id: 2 });
    expect(await client.nextJson()).toEqual({ id: 1, data: 'y' });
    expect(await client.nextJson()).toMatchObject({ id: 2, error: { code: 'NOPE' } });
  });

  it('that is an error of the rule itself is INTERNAL to the peer, and is logged', async () => {
    const broken: FilterPredicate = () => {
      throw new Error('rule is broken');
    };
    const client = await start({ echo }, MessageFilter.of(broken));
    expect(await client.ask('echo')).toMatchObject({
      error: { code: 'INTERNAL', message: 'Internal server error' },
    });
    expect(fixture?.log.lines.join()).toContain('rule is broken');
  });
});

describe('a chain', () => {
  it('goes on after replacements, with what they made, and ends with the first that ends the way', () => {
    const seen: unknown[] = [];
    const look =
      (outcome?: FilterOutcome): FilterPredicate =>
      ({ data }) => {
        seen.push(data);
        return outcome;
      };
    const { outcome, passed } = of(
      look({ replace: 1 }),
      look(),
      look({ replace: 2 }),
      look({ drop: 'first' }),
      look({ drop: 'second' }),
    ).inbound('e', 0);
    expect(seen).toEqual([0, 1, 1, 2]);
    expect(outcome()).toEqual({ kind: 'dropped', reason: 'first' });
    expect(passed()).toBeUndefined();
  });

  it('is synchronous until a rule is not', async () => {
    expect(of(() => 'pass').inbound('e').pending).toBeUndefined();
    const { pending, passed } = of(() => Promise.resolve(undefined)).inbound('e');
    expect(passed()).toBeUndefined();
    await pending;
    expect(passed()).toBeDefined();
  });

  it('of filters examines only the events that they are for, also inside a $publish', async () => {
    const scope = { events: ['chat.*'] };
    const filter = StageBench.of(
      MessageFilter.of({ text: { contains: 'heck', outcome: { replace: '*' } } }, scope),
    );
    expect(filter.inbound('chat.say', 'heck').passed()?.data).toBe('*');
    expect(filter.inbound('note.say', 'heck').passed()?.data).toBe('heck');
    const publish = (event: string) =>
      filter.inbound('$publish', { room: 'heck', event, data: 'heck' }).passed()?.data;
    expect(publish('chat.say')).toEqual({ room: 'heck', event: 'chat.say', data: '*' });
    expect(publish('note.say')).toEqual({ room: 'heck', event: 'note.say', data: 'heck' });
    expect(filter.inbound('$publish', null).passed()).toBeDefined();
  });
});

describe('messages on their way out', () => {
  const outbound = (rule: FilterPredicate): StageBench =>
    StageBench.of(MessageFilter.of(rule, { direction: 'outbound' }));

  it('are not examined unless so asked, and what comes in is not, where only they are', () => {
    expect(of(() => 'pass').stage.outbound).toBeUndefined();
    expect(outbound(() => 'pass').stage.inbound).toBeUndefined();
    const both = StageBench.of(
      MessageFilter.of((_, direction) => ({ replace: direction }), { direction: 'both' }),
    );
    expect(both.inbound('e').passed()?.data).toBe('inbound');
    expect(both.outbound('e', 1).passed()?.data).toBe('outbound');
  });

  it('are dropped when they are emits; what belongs to a request fails instead', () => {
    const bench = outbound(() => ({ drop: 'secret' }));
    expect(bench.outbound('e', 1).passed()).toBeUndefined();
    expect(bench.lines).toEqual(['a message filter has dropped an outgoing message: secret']);
    expect(() => bench.outbound(undefined, 1, { id: 1 })).toThrow('the message was filtered out');
    expect(bench.counts).toEqual({ 'message-filter.dropped': 1, 'message-filter.rejected': 1 });
  });

  it('are rejected at the one who emits, renamed, or left alone when they are errors', () => {
    expect(() => outbound(() => ({ reject: 'NOPE', details: 1 })).outbound('e', 1)).toThrow(
      expect.objectContaining({ code: 'NOPE', details: 1 }),
    );
    expect(
      outbound(() => ({ route: 'f' }))
        .outbound('e', 1)
        .passed()?.event,
    ).toBe('f');
    expect(() => outbound(() => ({ answer: 1 })).outbound('e', 1)).toThrow('which nobody has asked');
    const error = { code: 'X', message: 'x' };
    expect(
      outbound(() => ({ drop: 'x' }))
        .outbound(undefined, undefined, { id: 1, error })
        .passed(),
    ).toBeDefined();
  });

  it('that answer an event are of that event', () => {
    const bench = StageBench.of(
      TextMessageFilter.of({ contains: 'x', events: ['chat'], direction: 'outbound' }),
    );
    const inReplyTo = bench.message('chat');
    expect(() => bench.outbound(undefined, 'x', { id: 1, inReplyTo })).toThrow();
    expect(
      bench.outbound(undefined, 'x', { id: 1, inReplyTo: bench.message('other') }).passed(),
    ).toBeDefined();
  });

  it('reach every receiver of a broadcast as the filter has left them', async () => {
    const client = await start(
      {
        say: (data, { connection }) => {
          connection.emit('said', data);
        },
      },
      TextMessageFilter.of({ contains: 'heck', direction: 'outbound', outcome: { replace: '****' } }),
    );
    client.send({ event: 'say', data: { text: 'What the Heck' } });
    expect(await client.nextJson()).toEqual({ event: 'said', data: { text: 'What the ****' } });
    fixture?.engine.server.emit('said', 'heck!');
    expect(await client.nextJson()).toEqual({ event: 'said', data: '****!' });
  });
});

describe('options that cannot work', () => {
  it('are refused', () => {
    expect(() => of()).toThrow('one rule at least');
    expect(() => StageBench.of(MessageFilter.of({} as never))).toThrow('functions, { text } or { binary }');
  });
});

describe('the examples of the docs', () => {
  it('a heartbeat filter takes heartbeats of the application away before handlers, and may answer them', async () => {
    let handled = 0;
    const heartbeats = MessageFilter.of((message) => {
      if (message.event !== 'heartbeat') return 'pass';
      return message.id === undefined ? { drop: 'heartbeat' } : { answer: { at: 'now' } };
    });
    const client = await start({ echo, heartbeat: () => handled++ }, heartbeats);
    client.send({ event: 'heartbeat' });
    expect(await client.ask('heartbeat')).toEqual({ id: 1, data: { at: 'now' } });
    expect(await client.ask('echo', 1, 2)).toEqual({ id: 2, data: 1 });
    expect(handled).toBe(0);
    expect(client.unread).toEqual([]);
    expect(stages()).toEqual({
      'message-filter.dropped': 1,
      'message-filter.answered': 1,
      'dropped.heartbeat': 1,
    });
  });

  it('a bad-URL filter refuses links to blocked hosts', async () => {
    const badUrls = TextMessageFilter.of({
      events: ['chat.*'],
      urls: ['evil.com', 'files.example/malware'],
      outcome: { reject: 'FILTERED', message: 'this link is blocked' },
    });
    const client = await start({ 'chat.say': echo, note: echo }, badUrls);
    expect(await client.ask('chat.say', { text: 'look: hTTp://www.EV%49L.com./x' })).toEqual({
      id: 1,
      error: { code: 'FILTERED', message: 'this link is blocked' },
    });
    expect(await client.ask('chat.say', { text: 'look: http://good.com' })).toMatchObject({
      id: 1,
      data: {},
    });
    expect(await client.ask('note', 'evil.com')).toEqual({ id: 1, data: 'evil.com' });
  });
});
