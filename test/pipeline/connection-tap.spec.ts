import type { ConnectionTap } from '../../lib/pipeline/connection-tap.js';
import type { Codec } from '../../lib/protocol/codec.js';
import { json } from '../../lib/protocol/codecs/json.js';
import type { Envelope } from '../../lib/protocol/envelope.js';
import { EngineFixture, type FixtureOptions } from '../support/engine-fixture.js';
import { until } from '../support/session-fixture.js';

describe('a tap', () => {
  let fixture: EngineFixture;
  afterEach(() => fixture.stop());

  const start = async (tap: ConnectionTap, options: FixtureOptions = {}): Promise<void> => {
    fixture = await EngineFixture.start({
      handlers: { say: (data) => data },
      stages: [{ name: 'tap', middleware: { tap } }],
      ...options,
    });
  };

  it('is told of each receiver of a broadcast, which is encoded once', async () => {
    let encoded = 0;
    const counting: Codec = {
      ...json(),
      name: 'counting',
      encode: (envelope) => {
        encoded++;
        return JSON.stringify(envelope);
      },
    };
    const sent: [string, Envelope][] = [];
    await start(
      { sent: ({ id }, envelope) => void sent.push([id, envelope]) },
      { options: { codecs: [json(), counting] } },
    );
    const clients = await Promise.all([1, 2, 3].map(() => fixture.connect('/', 'gatewire.v1.counting')));
    await until(() => fixture.endpoint.connections.size === 3);
    fixture.endpoint.server.emit('news', 1);
    expect(await Promise.all(clients.map((client) => client.nextJson()))).toEqual(
      Array.from({ length: 3 }, () => ({ event: 'news', data: 1 })),
    );
    expect(encoded).toBe(1);
    expect(new Set(sent.map(([id]) => id)).size).toBe(3);
    expect(new Set(sent.map(([, envelope]) => envelope)).size).toBe(1);
  });

  it('is told in order what comes, goes and happens, of one gateway too', async () => {
    const told: string[] = [];
    await start({
      connected: () => told.push('connected'),
      received: (_, { event }) => told.push(`received ${event ?? ''}`),
      sent: (_, { id, data }) => told.push(`sent ${String(id)} ${String(data)}`),
      disconnected: (_, { code }) => told.push(`disconnected ${code}`),
    });
    const client = await fixture.connect();
    await client.ask('say', 'hi', 1);
    client.close(1000);
    await until(() => told.length === 4);
    expect(told).toEqual(['connected', 'received say', 'sent 1 hi', 'disconnected 1000']);
  });

  it('changes nothing of what is sent: a reply without an id comes as the handler gave it', async () => {
    const replies = [
      { event: 'pong', data: 1, done: true, by: 'me', meta: { a: 1 } },
      { event: 'pong', data: null },
      [1],
      'text',
    ];
    const sent: Envelope[] = [];
    await start(
      { sent: (_, envelope) => void sent.push(envelope) },
      { handlers: { ping: (at) => replies[at as number] } },
    );
    const client = await fixture.connect();
    for (const [at, reply] of replies.entries()) {
      client.send({ event: 'ping', data: at });
      expect(await client.nextJson()).toEqual(reply);
    }
    expect(sent).toEqual([replies[0], replies[1], { data: [1] }, { data: 'text' }]);
  });

  it('that throws is logged, and harms nobody', async () => {
    const fail = (): never => {
      throw new Error('broken tap');
    };
    await start({ connected: fail, received: fail, sent: fail, disconnected: fail });
    const client = await fixture.connect();
    expect(await client.ask('say', 'hi')).toEqual({ id: 1, data: 'hi' });
    fixture.endpoint.server.emit('news', 2);
    expect(await client.nextJson()).toEqual({ event: 'news', data: 2 });
    client.close(1000);
    await until(() => fixture.endpoint.connections.size === 0);
    await until(() => fixture.log.lines.length >= 5);
    expect(new Set(fixture.log.lines)).toEqual(new Set(['Error: broken tap']));
  });
});
