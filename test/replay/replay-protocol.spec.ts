import { gzipSync } from 'node:zlib';
import { msgpack } from '../../lib/codecs/msgpack.js';
import { Compress } from '../../lib/nest/decorators/compress.decorator.js';
import { json } from '../../lib/protocol/codecs/json.js';
import { encodeEnvelope } from '../../lib/protocol/encode-envelope.js';
import type { HandlerFunction } from '../support/engine-fixture.js';
import { played } from '../support/replayed.js';
import { SessionClient } from '../support/session-client.js';
import { until } from '../support/session-fixture.js';

describe('what is replayed', () => {
  it('answers what the server asks, whatever ids it asks with and whenever', async () => {
    const votes: unknown[] = [];
    const asking = (extra: number): Record<string, HandlerFunction> => ({
      ask: async (_data, { connection }) => {
        for (let i = 0; i < extra; i++) connection.request('other').catch(() => undefined);
        const [a, b] = [connection.request('vote', 1), connection.request('vote', 2)];
        votes.push(await Promise.all([a, b]));
        return votes.at(-1);
      },
    });
    const report = await played(
      { handlers: asking(0) },
      async (fixture) => {
        const client = await fixture.connect();
        client.send({ event: 'ask', id: 1 });
        const [first, second] = [await client.nextJson(), await client.nextJson()];
        client.send({ id: second['id'], data: 'to two' });
        client.send({ id: first['id'], data: 'to one' });
        await client.next();
      },
      { changed: { handlers: asking(1) } },
    );
    expect(votes).toEqual([
      ['to one', 'to two'],
      ['to one', 'to two'],
    ]);
    expect(report.differences).toMatchObject([{ kind: 'unexpected', event: 'other' }]);
  });

  it('is the message, not its session: one connection, each id once', async () => {
    const seen: unknown[] = [];
    const handlers = { say: (data: unknown) => seen.push(data) };
    const report = await played({ handlers }, async (fixture) => {
      const before = await SessionClient.open(fixture.url);
      before.send({ event: 'say', id: 1, data: 'a' });
      await before.next();
      await before.cut();
      await until(() => fixture.engine.server.stats().gauges.sessionsAway === 1);
      const after = await SessionClient.open(fixture.url, before);
      after.send({ event: 'say', id: 1, data: 'a' });
      after.send({ event: 'say', id: 2, data: 'b' });
      await after.next();
      await after.next();
      after.client.close(1000);
      await after.client.closed;
      seen.length = 0;
    });
    expect(seen).toEqual(['a', 'b']);
    expect(report).toMatchObject({ isSame: true, connections: { opened: 1 }, messages: { sent: 2 } });
  });

  it('ends a stream where it was cancelled, however many items have come until then', async () => {
    const endless = (items: number): Record<string, HandlerFunction> => ({
      endless: async function* () {
        for (let i = 0; i < items; i++) yield i;
        await new Promise(() => undefined);
      },
    });
    const options = { shutdown: { drainMs: 20 } };
    const report = await played(
      { handlers: endless(5), options },
      async (fixture) => {
        const client = await fixture.connect();
        client.send({ event: 'endless', id: 1 });
        for (let i = 0; i < 5; i++) await client.next();
        client.send({ event: '$cancel', id: 1 });
        await client.next();
        await client.ask('nobody', null, 2);
      },
      { changed: { handlers: endless(9) } },
    );
    expect(report.isSame).toBe(true);
  });

  it('is JSON, whatever it was: another codec where it is given; answers are inflated', async () => {
    const fixture = {
      options: { codecs: [json(), msgpack()] },
      host: { middleware: [Compress.of({ events: ['big'], thresholdBytes: 1 })] },
      handlers: { echo: (data: unknown) => data, big: () => 'x'.repeat(100) },
    };
    const subprotocols: string[] = [];
    const changed = { connect: ({ protocol }: { protocol: string }) => void subprotocols.push(protocol) };
    const play = async (first: Parameters<Parameters<typeof played>[1]>[0]): Promise<void> => {
      const packed = await first.connect('/', 'gatewire.v1.msgpack');
      for (const data of [{ raw: Buffer.of(1) }, Buffer.of(2)]) {
        packed.send(Buffer.from(msgpack().encode({ event: 'echo', id: 1, data }) as Uint8Array));
        await packed.next();
      }
      const plain = await first.connect('/', 'gatewire.v1.json');
      const zipped = { event: 'echo', id: 1, data: gzipSync('[1]'), meta: { encoding: 'gzip' } };
      plain.send(Buffer.from(encodeEnvelope(zipped) as Uint8Array));
      await plain.next();
      plain.send({ event: 'big', id: 2 });
      await plain.next();
    };
    expect(await played(fixture, play, { changed })).toMatchObject({ isSame: true, same: 4 });
    expect(await played(fixture, play, { changed, codec: msgpack() })).toMatchObject({
      isSame: true,
      same: 4,
    });
    const [v1, packed] = ['gatewire.v1.json', 'gatewire.v1.msgpack'];
    expect(subprotocols).toEqual([v1, v1, packed, packed]);
  });

  it('says what the codec cannot hold', async () => {
    const report = await played(
      { options: { codecs: [json(), msgpack()] }, handlers: { echo: () => 1 } },
      async (fixture) => {
        const packed = await fixture.connect('/', 'gatewire.v1.msgpack');
        const data = { deep: [{ raw: Buffer.of(1) }] };
        packed.send(Buffer.from(msgpack().encode({ event: 'echo', id: 1, data }) as Uint8Array));
        await packed.next();
      },
    );
    expect(report).toMatchObject({ isSame: false, messages: { sent: 0, unsent: 1 } });
    expect(report.failures).toEqual([expect.stringContaining('a message of echo could not be sent')]);
  });

  it('compares answers without what was redacted, and lets the application fill it in', async () => {
    const seen: unknown[] = [];
    const handlers = {
      login: (data: unknown) => {
        seen.push(data);
        return { token: Math.random(), name: 'ann' };
      },
    };
    const play = async (fixture: Parameters<Parameters<typeof played>[1]>[0]): Promise<void> => {
      const client = await fixture.connect();
      await client.ask('login', { password: 'secret', name: 'ann' });
      seen.length = 0;
    };
    const recorder = { redact: ['**.password', '**.token'] };
    expect((await played({ handlers }, play, { recorder })).isSame).toBe(true);
    expect(seen).toEqual([{ password: '[redacted]', name: 'ann' }]);
    const report = await played({ handlers }, play, {
      recorder,
      rewrite: (message, { path }) => ({
        ...message,
        data: { ...(message.data as object), password: `of ${path}` },
      }),
    });
    expect(seen).toEqual([{ password: 'of /', name: 'ann' }]);
    expect(report).toMatchObject({ isSame: true, same: 1 });
    const none = await played({ handlers }, play, { recorder, rewrite: () => null });
    expect(none).toMatchObject({ isSame: true, same: 0, messages: { sent: 0, unsent: 1 } });
  });

  it('knows which events were recorded, and finds nothing in others', async () => {
    const handlers: Record<string, HandlerFunction> = {
      'chat.say': (_data, { connection }) => {
        connection.emit('tick', Math.random());
        connection.emit('chat.said', 1);
        return 1;
      },
    };
    const report = await played(
      { handlers },
      async (fixture) => {
        const client = await fixture.connect();
        await client.ask('chat.say');
      },
      { recorder: { events: ['chat.*'] } },
    );
    expect(report).toMatchObject({ isSame: true, same: 2 });
  });
});
