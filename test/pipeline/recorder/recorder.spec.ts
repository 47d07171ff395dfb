import { gzipSync } from 'node:zlib';
import { msgpack } from '../../../lib/codecs/msgpack.js';
import { Compress } from '../../../lib/nest/decorators/compress.decorator.js';
import { decodeRecorded } from '../../../lib/exchange/recording/recorded-value.js';
import { json } from '../../../lib/protocol/codecs/json.js';
import { encodeEnvelope } from '../../../lib/protocol/encode-envelope.js';
import { until } from '../../support/session-fixture.js';
import { SessionClient } from '../../support/session-client.js';
import { FakeClock } from '../../support/fake-clock.js';
import { startRecorded } from '../../support/recording.js';

const everybody = { pattern: '**', canSubscribe: () => true, canPublish: () => true };

describe('a recording', () => {
  it('begins with what it is, has what came and went by time, and says when it is whole', async () => {
    const clock = new FakeClock();
    const { fixture, recorded } = await startRecorded({
      host: { clock },
      path: '/chat/:room',
      handlers: { say: (data) => `said ${String(data)}` },
    });
    clock.advance(5);
    const client = await fixture.connect('/chat/1?token=secret', 'gatewire.v1.json');
    await until(() => fixture.endpoint.connections.size === 1);
    clock.advance(20);
    expect(await client.ask('say', 'hi', 7)).toEqual({ id: 7, data: 'said hi' });
    clock.advance(0.5);
    client.close(1000, 'bye');
    await client.closed;
    await until(() => fixture.endpoint.connections.size === 0);
    const { lines, text } = await recorded();
    expect(lines).toEqual([
      { type: 'recording', version: 1, startedAt: expect.any(String) as string, sample: 1 },
      { type: 'opened', at: 5, connection: 1, path: '/chat/1', subprotocol: 'gatewire.v1.json' },
      { type: 'in', at: 25, connection: 1, event: 'say', id: 7, data: 'hi' },
      { type: 'out', at: 25, connection: 1, id: 7, data: 'said hi' },
      { type: 'closed', at: 25.5, connection: 1, code: 1000, by: 'peer' },
      { type: 'end', at: expect.any(Number) as number },
    ]);
    expect(Date.parse(lines[0]?.['startedAt'] as string)).not.toBeNaN();
    expect(text).not.toContain('secret');
  });

  it('has each receiver of a broadcast, its room, errors, values without a name, and streams', async () => {
    const { fixture, recorded } = await startRecorded({
      handlers: {
        fail: () => Promise.reject(new Error('no')),
        bare: () => ({ plain: 1 }),
        count: async function* () {
          yield await Promise.resolve(1);
          yield 2;
        },
      },
      authorizers: [everybody],
    });
    const [a, b] = [await fixture.connect(), await fixture.connect()];
    fixture.endpoint.server.emit('news', { n: 1 });
    await a.nextJson();
    await a.ask('fail', null, 'x');
    await b.nextJson();
    b.send({ event: 'bare' });
    await b.nextJson();
    b.send({ event: 'count', id: 1 });
    for (let i = 0; i < 3; i++) await b.nextJson();
    const file = await recorded();
    expect(file.of('in', 'out')).toEqual([
      { type: 'out', connection: 1, event: 'news', data: { n: 1 } },
      { type: 'out', connection: 2, event: 'news', data: { n: 1 } },
      { type: 'in', connection: 1, event: 'fail', id: 'x', data: null },
      { type: 'out', connection: 1, id: 'x', error: { code: 'INTERNAL', message: 'Internal server error' } },
      { type: 'in', connection: 2, event: 'bare' },
      { type: 'out', connection: 2, data: { plain: 1 } },
      { type: 'in', connection: 2, event: 'count', id: 1 },
      { type: 'out', connection: 2, id: 1, data: 1, more: true },
      { type: 'out', connection: 2, id: 1, data: 2, more: true },
      { type: 'out', connection: 2, id: 1, done: true },
    ]);
  });

  it('has what the server asks and what it is answered, and a cancellation', async () => {
    const { fixture, recorded } = await startRecorded({
      handlers: {
        endless: async function* () {
          yield 1;
          await new Promise(() => undefined);
        },
      },
    });
    const client = await fixture.connect();
    await until(() => fixture.endpoint.connections.size === 1);
    const [connection] = fixture.endpoint.connections;
    const answer = connection?.request('vote', 'yes?');
    const asked = await client.nextJson();
    client.send({ id: asked['id'], data: 'yes' });
    expect(await answer).toBe('yes');
    client.send({ id: -99, data: 'nobody has asked' });
    await client.ask('endless', undefined, 3);
    client.send({ event: '$cancel', id: 3 });
    await client.nextJson();
    const file = await recorded();
    expect(file.of('in', 'out')).toEqual([
      { type: 'out', connection: 1, event: 'vote', id: -1, data: 'yes?' },
      { type: 'in', connection: 1, id: -1, data: 'yes' },
      { type: 'in', connection: 1, event: 'endless', id: 3 },
      { type: 'out', connection: 1, id: 3, data: 1, more: true },
      { type: 'in', connection: 1, event: '$cancel', id: 3 },
      {
        type: 'out',
        connection: 1,
        id: 3,
        error: { code: 'CANCELLED', message: 'cancelled by the requester' },
      },
    ]);
  });

  it('is decoded, whatever the codec, with bytes, and inflated', async () => {
    const { fixture, recorded } = await startRecorded({
      options: { codecs: [json(), msgpack()] },
      host: { middleware: [Compress.of({ events: ['big'], thresholdBytes: 1 })] },
      handlers: { echo: (data) => data, big: () => 'x'.repeat(100) },
    });
    const packed = await fixture.connect('/', 'gatewire.v1.msgpack');
    packed.send(
      Buffer.from(
        msgpack().encode({ event: 'echo', id: 1, data: { deep: [new Uint8Array([1, 2])] } }) as Uint8Array,
      ),
    );
    await packed.next();
    const plain = await fixture.connect('/', 'gatewire.v1.json');
    plain.send(
      Buffer.from(
        encodeEnvelope({
          event: 'echo',
          id: 2,
          data: gzipSync('{"a":1}'),
          meta: { encoding: 'gzip' },
        }) as Uint8Array,
      ),
    );
    await plain.next();
    plain.send({ event: 'big', id: 3 });
    await plain.next();
    const file = await recorded();
    const messages = file
      .of('in', 'out')
      .map(({ data, ...line }) => ({ ...line, data: decodeRecorded(data) }));
    const deep = { deep: [new Uint8Array([1, 2])] };
    expect(messages).toEqual([
      { type: 'in', connection: 1, event: 'echo', id: 1, data: deep },
      { type: 'out', connection: 1, id: 1, data: deep },
      { type: 'in', connection: 2, event: 'echo', id: 2, data: { a: 1 }, meta: {} },
      { type: 'out', connection: 2, id: 2, data: { a: 1 } },
      { type: 'in', connection: 2, event: 'big', id: 3, data: undefined },
      { type: 'out', connection: 2, id: 3, data: 'x'.repeat(100), meta: {} },
    ]);
  });

  it('has a session as one connection, and of what is sent again the first', async () => {
    const { fixture, recorded } = await startRecorded({ handlers: { say: (data) => data } });
    const before = await SessionClient.open(fixture.url);
    before.send({ event: 'say', id: 1, data: 'a' });
    await before.next();
    await before.cut();
    await until(() => fixture.engine.server.stats().gauges.sessionsAway === 1);
    const after = await SessionClient.open(fixture.url, before);
    after.send([
      { event: 'say', id: 1, data: 'a' },
      { event: 'say', id: 2, data: 'b' },
    ]);
    await after.next();
    await after.next();
    after.client.close(1000);
    await after.client.closed;
    const file = await recorded();
    expect(file.of('opened')).toHaveLength(1);
    expect(file.of('in')).toEqual([
      { type: 'in', connection: 1, event: 'say', id: 1, data: 'a' },
      { type: 'in', connection: 1, event: 'say', id: 2, data: 'b' },
    ]);
    expect(file.of('closed')).toEqual([{ type: 'closed', connection: 1, code: 1000, by: 'peer' }]);
    expect(file.text).not.toMatch(/\$hello|\$welcome|\$ack/);
  });
});

describe('what is left out', () => {
  it('is what the paths say, credentials, and keys: before anything is written', async () => {
    const { fixture, recorded } = await startRecorded(
      { handlers: { 'user.*': (data) => data }, authorizers: [everybody] },
      { redact: ['data.password', '**.pin', 'error.message'] },
    );
    const client = await fixture.connect();
    await client.ask('user.new', { password: 'secret', cards: [{ pin: 'secret' }, 'x'] }, 1);
    client.send({ event: 'user.old', id: 2, data: 'ok', meta: { token: 'secret', trace: 't' } });
    client.send({ event: 'user.old', id: 3, meta: { token: 'secret' } });
    client.send({ event: '$ping', data: 'secret' });
    client.send({ event: '$publish', id: 4, data: { room: 'r', event: 'e', data: { password: 'secret' } } });
    client.send({ event: 'user.old', id: 5, data: gzipSync('"secret"'), meta: { encoding: 'lz4' } });
    await client.ask('nobody.secret', null, 6);
    const file = await recorded();
    expect(file.text.replaceAll('nobody.secret', '')).not.toContain('secret');
    expect(file.lines[0]).toMatchObject({ redact: ['data.password', '**.pin', 'error.message'] });
    const gone = { $redacted: true };
    expect(file.of('in')).toMatchObject([
      { data: { password: gone, cards: [{ pin: gone }, 'x'] } },
      { data: 'ok', meta: { trace: 't' } },
      { event: 'user.old', id: 3 },
      { event: '$publish', data: { room: 'r', event: 'e', data: { password: gone } } },
      { event: 'user.old', id: 5 },
      { event: 'nobody.secret' },
    ]);
    expect(file.of('out').at(-1)).toMatchObject({ error: { code: 'UNKNOWN_EVENT', message: gone } });
  });

  it('is compressed data that cannot be looked into, where something is redacted', async () => {
    const { fixture, recorded } = await startRecorded(
      { handlers: { echo: () => 1 } },
      { redact: ['**.password'] },
    );
    const client = await fixture.connect('/', 'gatewire.v1.json');
    const bomb = gzipSync(JSON.stringify({ password: 'x'.repeat(1_100_000) }));
    for (const [id, data, encoding] of [
      [1, Buffer.from('secret'), 'unknown'],
      [2, bomb, 'gzip'],
    ] as const)
      client.send(Buffer.from(encodeEnvelope({ event: 'echo', id, data, meta: { encoding } }) as Uint8Array));
    await client.ask('echo', null, 3);
    const file = await recorded();
    expect(file.of('in').slice(0, 2)).toMatchObject([
      { id: 1, data: { $redacted: true } },
      { id: 2, data: { $redacted: true } },
    ]);
  });

  it('are other events, with their answers, and not who is in which room', async () => {
    const { fixture, recorded } = await startRecorded(
      { handlers: { 'chat.say': () => 1, tick: () => 2 }, authorizers: [everybody] },
      { events: ['chat.*'] },
    );
    const client = await fixture.connect();
    await client.ask('$subscribe', { room: 'r' }, 1);
    await client.ask('tick', null, 2);
    await client.ask('chat.say', null, 2);
    await client.ask('$publish', { room: 'r', event: 'tick', data: 1 }, 3);
    await client.ask('$publish', { room: 'r', event: 'chat.b', data: 1 }, 4);
    fixture.endpoint.server.emit('tick', 1);
    fixture.endpoint.server.emit('chat.c', 1);
    await until(() => client.unread.length === 2);
    const file = await recorded();
    expect(file.lines[0]).toMatchObject({ events: ['chat.*'] });
    expect(file.of('in').map(({ event, id }) => [event, id])).toEqual([
      ['$subscribe', 1],
      ['chat.say', 2],
      ['$publish', 4],
    ]);
    expect(file.of('out').map(({ event, id }) => event ?? id)).toEqual([1, 2, 'chat.b', 4, 'chat.c']);
  });

  it('are whole connections: of a sample, and by whom they were', async () => {
    const run = async (sample: number): Promise<{ connections: number; text: string }> => {
      const { fixture, recorded } = await startRecorded({ handlers: { say: () => 1 } }, { sample });
      for (let i = 0; i < 40; i++) {
        const client = await fixture.connect();
        await client.ask('say');
        client.close();
      }
      const file = await recorded();
      const opened = file.of('opened').map(({ connection }) => connection);
      const counts = (type: string): number[] =>
        opened.map((number) => file.of(type).filter(({ connection }) => connection === number).length);
      expect([...counts('in'), ...counts('out'), ...counts('closed')].every((count) => count === 1)).toBe(
        true,
      );
      return { connections: opened.length, text: file.text };
    };
    expect((await run(0)).text.split('\n')).toHaveLength(3);
    expect((await run(1)).connections).toBe(40);
    const half = (await run(0.5)).connections;
    expect(half).toBeGreaterThan(3);
    expect(half).toBeLessThan(37);
  });

  it('is the query, but for what is asked for, and who a user is', async () => {
    const { fixture, recorded } = await startRecorded(
      {
        connect: (connection) => {
          connection.data = {};
        },
        stages: [
          {
            name: 'who',
            middleware: {
              handshake: (handshake, next) => {
                (handshake.owner as { principal?: unknown }).principal = { id: handshake.query.get('me') };
                return next();
              },
            },
          },
        ],
      },
      { query: ['lang', 'at'] },
    );
    for (const me of ['ann', 'ann', 'bob']) await fixture.connect(`/?me=${me}&lang=a%26b&at=1&at=2`);
    const file = await recorded();
    const [first, second, third] = file.of('opened');
    expect(first).toMatchObject({ query: 'lang=a%26b&at=1&at=2', user: expect.any(String) as string });
    expect(second?.['user']).toBe(first?.['user']);
    expect(third?.['user']).not.toBe(first?.['user']);
    expect(file.text).not.toMatch(/ann|bob/);
  });
});
