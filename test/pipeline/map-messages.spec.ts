import { MapMessages } from '../../lib/nest/decorators/transform.decorator.js';
import { EngineFixture } from '../support/engine-fixture.js';
import { StageBench } from '../support/stage-bench.js';

const bench = (...options: Parameters<typeof MapMessages.of>): StageBench =>
  StageBench.of(MapMessages.of(...options));
const add = (text: string) => (data: string) => data + text;

describe('mappers', () => {
  it('of all names and patterns that fit run in the order written, each with what the one before made', () => {
    const stage = bench({
      inbound: {
        '*': add('1'),
        'order.*': [add('2'), add('3')],
        'order.new': add('4'),
        'other.**': add('5'),
      },
    });
    expect(stage.inbound('order.new', '').passed()?.data).toBe('1234');
    expect(stage.inbound('order.old', '').passed()?.data).toBe('123');
    expect(stage.inbound('x', '').passed()?.data).toBe('1');
    // From the cache.
    expect(stage.inbound('order.new', '').passed()?.data).toBe('1234');
  });

  it('remember no more names than they may', () => {
    const stage = bench({ inbound: { '*': add('!') } });
    for (let i = 0; i < 2000; i++) expect(stage.inbound(`name${i}`, '').passed()?.data).toBe('!');
    expect(stage.inbound('name0', '').passed()?.data).toBe('!');
  });

  it('are synchronous until one is not, and keep their order', async () => {
    expect(bench({ inbound: { a: add('1') } }).inbound('a', '').pending).toBeUndefined();
    const stage = bench({
      inbound: { a: [add('1'), (data: string) => Promise.resolve(data + '2'), add('3')] },
    });
    const { pending, passed } = stage.inbound('a', '');
    expect(passed()).toBeUndefined();
    await pending;
    expect(passed()?.data).toBe('123');
  });

  it('may change event and meta of the message', () => {
    const stage = bench({
      inbound: {
        old: (data: unknown, message) => {
          message.event = 'new';
          message.meta = { from: 'old' };
          return data;
        },
      },
    });
    const { message, passed } = stage.inbound('old', 1);
    expect(passed()).toEqual({ event: 'new', data: 1 });
    expect(message.meta).toEqual({ from: 'old' });
  });

  it('map what a client publishes, not the envelope around it', () => {
    const stage = bench({ inbound: { say: add('!'), '*': (data: unknown) => data } });
    expect(stage.inbound('$publish', { room: 'r', event: 'say', data: 'hi' }).passed()?.data).toEqual({
      room: 'r',
      event: 'say',
      data: 'hi!',
    });
    expect(stage.inbound('$publish', { room: 'r' }).passed()?.data).toMatchObject({ room: 'r' });
  });

  it('map emits and replies on their way out, but no errors', () => {
    const stage = bench({ outbound: { say: add('!') } });
    expect(stage.stage.inbound).toBeUndefined();
    expect(stage.outbound('say', 'a').passed()?.data).toBe('a!');
    expect(stage.outbound(undefined, 'a', { id: 1, inReplyTo: stage.message('say') }).passed()?.data).toBe(
      'a!',
    );
    const error = { code: 'X', message: 'x' };
    const refused = stage.outbound(undefined, undefined, { id: 1, inReplyTo: stage.message('say'), error });
    expect(refused.passed()?.data).toBeUndefined();
  });

  it('are options that are checked', () => {
    expect(() => bench({})).toThrow('inbound, outbound or both');
    expect(() => bench({ inbound: { a: 5 as never } })).toThrow('gatewire option "inbound["a"]"');
    expect(() => bench({ outbound: { a: [add('1'), null as never] } })).toThrow(
      'gatewire option "outbound["a"]"',
    );
  });

  it('work on a connection; one that throws is INTERNAL to the peer, and logged', async () => {
    const fixture = await EngineFixture.start({
      host: {
        middleware: [
          MapMessages.of({
            inbound: {
              say: (data: { text: string }) => ({ words: data.text.split(' ') }),
            },
            outbound: { said: (data: { words: string[] }) => data.words.join('-') },
          }),
        ],
      },
      handlers: {
        say: (data, { connection }) => {
          connection.emit('said', data);
          return data;
        },
      },
    });
    const client = await fixture.connect();
    client.send({ event: 'say', data: { text: 'a b' }, id: 1 });
    const frames = [await client.nextJson(), await client.nextJson()];
    expect(frames).toContainEqual({ event: 'said', data: 'a-b' });
    expect(frames).toContainEqual({ id: 1, data: { words: ['a', 'b'] } });
    expect(await client.ask('say', null, 2)).toMatchObject({ id: 2, error: { code: 'INTERNAL' } });
    expect(fixture.log.lines.join()).toContain('TypeError');
    await fixture.stop();
  });
});
