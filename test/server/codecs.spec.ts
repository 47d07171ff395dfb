import { decode as readCbor, encode as writeCbor } from 'cbor-x';
import { pack, unpack } from 'msgpackr';
import { cbor } from '../../lib/codecs/cbor.js';
import { msgpack } from '../../lib/codecs/msgpack.js';
import { json } from '../../lib/protocol/codecs/json.js';
import { raw } from '../../lib/protocol/codecs/raw.js';
import { EngineFixture, deferred } from '../support/engine-fixture.js';
import type { TestClient } from '../support/test-client.js';

let fixture: EngineFixture;
afterEach(() => fixture.stop());

const codecs = [json(), msgpack(), cbor()];
let encodings = 0;
const start = async (): Promise<void> => {
  encodings = 0;
  fixture = await EngineFixture.start({
    options: { codecs },
    host: { middleware: [{ outboundFrame: (_, next) => (encodings++, next()) }] },
    handlers: {
      echo: (data) => data,
      named: (data) => ({ event: 'name', data }),
      fails: () => Promise.reject(new Error('x')),
    },
  });
};
const read = { msgpack: unpack, cbor: readCbor } as const;
const write = { msgpack: pack, cbor: writeCbor } as const;
const next = async (client: TestClient, codec: keyof typeof read): Promise<unknown> => {
  const frame = await client.next();
  expect(Buffer.isBuffer(frame)).toBe(true);
  return read[codec](frame as Buffer) as unknown;
};

describe.each(['msgpack', 'cbor'] as const)('a connection that has chosen %s', (name) => {
  it('speaks it both ways, with bytes as bytes', async () => {
    await start();
    const client = await fixture.connect('/', [`gatewire.v1.${name}`]);
    expect(client.socket.protocol).toBe(`gatewire.v1.${name}`);
    client.send(
      Buffer.from(write[name]({ event: 'echo', id: 1, data: { bytes: Buffer.from([1, 2]), n: 1.5 } })),
    );
    const reply = (await next(client, name)) as { id: number; data: { bytes: Uint8Array; n: number } };
    expect(reply).toMatchObject({ id: 1, data: { n: 1.5 } });
    expect([...reply.data.bytes]).toEqual([1, 2]);
    client.send(Buffer.from(write[name]({ event: 'echo', data: 'no id' })));
    expect(await next(client, name)).toEqual({ event: 'echo', data: 'no id' });
    client.send(Buffer.from(write[name]({ event: 'nobody', id: 2 })));
    expect(await next(client, name)).toMatchObject({ id: 2, error: { code: 'UNKNOWN_EVENT' } });
    client.send(Buffer.from([0xc1, 0xff]));
    expect(await next(client, name)).toMatchObject({ event: 'exception', data: { code: 'UNDECODABLE' } });
  });

  it('may ask in JSON text, and is answered in its codec', async () => {
    await start();
    const client = await fixture.connect('/', [`gatewire.v1.${name}`]);
    client.send({ event: 'echo', id: 1, data: 'text' });
    expect(await next(client, name)).toEqual({ id: 1, data: 'text' });
  });
});

it('encodes a broadcast once for each codec that its receivers have', async () => {
  await start();
  const of = (protocol: string): Promise<TestClient> => fixture.connect('/', [protocol]);
  const clients = await Promise.all(
    ['json', 'json', 'msgpack', 'msgpack', 'cbor'].map((name) => of(`gatewire.v1.${name}`)),
  );
  fixture.endpoint.server.emit('news', { n: 1 });
  const [one, two, three, four, five] = clients as [
    TestClient,
    TestClient,
    TestClient,
    TestClient,
    TestClient,
  ];
  const news = { event: 'news', data: { n: 1 } };
  expect([await one.nextJson(), await two.nextJson()]).toEqual([news, news]);
  expect([await next(three, 'msgpack'), await next(four, 'msgpack'), await next(five, 'cbor')]).toEqual([
    news,
    news,
    news,
  ]);
  expect(encodings).toBe(3);
});

it('refuses a codec that is not among those of the endpoint with 400', async () => {
  fixture = await EngineFixture.start({ options: { codecs: [json(), msgpack()] } });
  await expect(fixture.connect('/', ['gatewire.v1.cbor'])).rejects.toThrow('400');
  expect((await fixture.connect('/', ['gatewire.v1.cbor', 'gatewire.v1.msgpack'])).socket.protocol).toBe(
    'gatewire.v1.msgpack',
  );
});

it('gives an endpoint with raw() whole frames, and sends data alone', async () => {
  const asked = deferred<unknown>();
  fixture = await EngineFixture.start({
    options: { codecs: [raw({ event: 'line' })] },
    handlers: { line: (data) => (asked.resolve(data), data) },
  });
  const client = await fixture.connect();
  client.send('any text {');
  expect(await asked.promise).toBe('any text {');
  expect(await client.next()).toBe('any text {');
  client.send(Buffer.from([0, 1, 2]));
  expect(await client.next()).toEqual(Buffer.from([0, 1, 2]));
  fixture.endpoint.server.emit('ignored', 'hello');
  expect(await client.next()).toBe('hello');
});
