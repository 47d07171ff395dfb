import { EngineFixture } from '../support/engine-fixture.js';
import { FakeClock } from '../support/fake-clock.js';

let fixture: EngineFixture;
afterEach(() => fixture.stop());

const binary = (bytes: number[]): Buffer => Buffer.from(bytes);

describe('what cannot be handled', () => {
  it.each<[string, string | Buffer, string]>([
    ['bad JSON', '{"event":', 'BAD_JSON'],
    ['JSON that is no envelope', '5', 'BAD_ENVELOPE'],
    ['an envelope of nothing', '{}', 'BAD_ENVELOPE'],
    ['an unknown event', '{"event":"nobody"}', 'UNKNOWN_EVENT'],
    ['an unknown event of the protocol', '{"event":"$nobody"}', 'UNKNOWN_EVENT'],
    ['a binary frame nobody can decode', binary([0, 0]), 'UNDECODABLE'],
    ['a name too long', JSON.stringify({ event: 'x'.repeat(129) }), 'BAD_ENVELOPE'],
    ['JSON nested too deeply', `{"event":"echo","data":${'['.repeat(64)}${']'.repeat(64)}}`, 'TOO_DEEP'],
    [
      'a batch too large',
      JSON.stringify(Array.from({ length: 257 }, () => ({ event: 'echo' }))),
      'BATCH_TOO_LARGE',
    ],
  ])(
    'answers %s with an error, counts and logs it, and the connection lives on',
    async (_name, frame, code) => {
      fixture = await EngineFixture.start({ handlers: { echo: (data) => data } });
      const client = await fixture.connect();
      client.send(frame);
      expect(await client.nextJson()).toMatchObject({ event: 'exception', data: { status: 'error', code } });
      expect(await client.ask('echo', 'alive')).toEqual({ id: 1, data: 'alive' });
      expect(fixture.engine.server.stats().errors[code]).toBe(1);
      expect(fixture.log.lines.filter((line) => line.includes(code))).toHaveLength(1);
    },
  );

  it('takes what is just within the limits', async () => {
    fixture = await EngineFixture.start({
      handlers: { echo: () => 'ok', ['x'.repeat(128)]: () => 'long name' },
    });
    const client = await fixture.connect();
    expect(await client.ask('x'.repeat(128))).toEqual({ id: 1, data: 'long name' });
    // The envelope is the first of 64 levels.
    client.send(`{"id":2,"event":"echo","data":${'['.repeat(63)}${']'.repeat(63)}}`);
    expect(await client.nextJson()).toEqual({ id: 2, data: 'ok' });
    client.send(Array.from({ length: 256 }, (_, id) => ({ event: 'echo', id })));
    for (let id = 0; id < 256; id++) expect(await client.nextJson()).toEqual({ id, data: 'ok' });
  });

  it('answers an unknown event that has an id with that id', async () => {
    fixture = await EngineFixture.start();
    const client = await fixture.connect();
    expect(await client.ask('nobody', null, 'q')).toEqual({
      id: 'q',
      error: { code: 'UNKNOWN_EVENT', message: 'nobody handles this event' },
    });
  });

  it('gives each request of a refused frame its outcome', async () => {
    fixture = await EngineFixture.start({ handlers: { echo: (data) => data } });
    const client = await fixture.connect();
    client.send([
      { event: 'echo', id: 1 },
      { event: 7, id: 2 },
    ]);
    expect(await client.nextJson()).toMatchObject({ id: 1, error: { code: 'BAD_ENVELOPE' } });
    expect(await client.nextJson()).toMatchObject({ id: 2, error: { code: 'BAD_ENVELOPE' } });
    expect(await client.ask('echo', 'alive', 3)).toEqual({ id: 3, data: 'alive' });
  });

  it('writes one line per kind and ten seconds, and then how many there were', async () => {
    const clock = new FakeClock();
    fixture = await EngineFixture.start({ host: { clock } });
    const client = await fixture.connect();
    for (let i = 0; i < 50; i++) client.send('not json');
    for (let i = 0; i < 50; i++) await client.next();
    const lines = (): string[] => fixture.log.lines.filter((line) => line.includes('BAD_JSON'));
    expect(lines()).toHaveLength(1);
    clock.advance(10_000);
    client.send('not json');
    await client.next();
    expect(lines()).toHaveLength(2);
    expect(lines()[1]).toContain('49 more');
  });

  it('runs the default handler for what nobody else handles, and the most specific pattern first', async () => {
    fixture = await EngineFixture.start({
      handlers: {
        'order.paid': () => 'exact',
        'order.*': () => 'pattern',
        'order.**': () => 'wide',
        '*': (_data, { event }) => `default ${event}`,
      },
    });
    const client = await fixture.connect();
    expect(await client.ask('order.paid')).toMatchObject({ data: 'exact' });
    expect(await client.ask('order.shipped')).toMatchObject({ data: 'pattern' });
    expect(await client.ask('order.line.added')).toMatchObject({ data: 'wide' });
    expect(await client.ask('anything')).toMatchObject({ data: 'default anything' });
  });
});

describe('frames that RFC 6455 forbids', () => {
  it('closes a message beyond 1 MiB with 1009, and takes one of exactly that', async () => {
    fixture = await EngineFixture.start({ handlers: { size: (data) => (data as string).length } });
    const client = await fixture.connect();
    const overhead = JSON.stringify({ event: 'size', data: '', id: 1 }).length;
    expect(await client.ask('size', 'x'.repeat(1_048_576 - overhead))).toEqual({
      id: 1,
      data: 1_048_576 - overhead,
    });
    client.send({ event: 'size', data: 'x'.repeat(1_048_577 - overhead), id: 1 });
    expect(await client.closed).toMatchObject({ code: 1009 });
    expect(fixture.engine.server.stats().counters.connectionsFailed).toBe(1);
  });

  it('closes more than 1024 fragments with 1008, and takes exactly that many', async () => {
    fixture = await EngineFixture.start({ handlers: { echo: (data) => data } });
    const client = await fixture.connect();
    const send = (fragments: number): void => {
      const text = JSON.stringify({ event: 'echo', data: 'x'.repeat(2000), id: 1 });
      for (let i = 0; i < fragments - 1; i++) client.socket.send(text.charAt(i), { fin: false });
      client.socket.send(text.slice(fragments - 1), { fin: true });
    };
    send(1024);
    expect(await client.nextJson()).toMatchObject({ id: 1 });
    send(1025);
    expect(await client.closed).toMatchObject({ code: 1008 });
  });

  it.each<[string, number[], number]>([
    ['an unmasked frame', [0x81, 0x01, 0x41], 1002],
    ['a reserved opcode', [0x83, 0x80, 1, 2, 3, 4], 1002],
    ['a reserved bit', [0xc1, 0x80, 1, 2, 3, 4], 1002],
    ['a fragmented ping', [0x09, 0x80, 1, 2, 3, 4], 1002],
    ['an oversize ping', [0x89, 0xfe, 0, 126, 1, 2, 3, 4], 1002],
    ['text that is not UTF-8', [0x81, 0x81, 0, 0, 0, 0, 0xff], 1007],
  ])('closes %s', async (_name, bytes, code) => {
    fixture = await EngineFixture.start();
    const client = await fixture.connect();
    (client.socket as unknown as { _socket: { write(bytes: Buffer): void } })._socket.write(
      Buffer.from(bytes),
    );
    expect(await client.closed).toMatchObject({ code });
  });
});
