import {
  ConnectedSocket,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  WebSocketServer,
} from '@nestjs/websockets';
import * as zlib from 'node:zlib';
import { msgpack } from '../../lib/codecs/msgpack.js';
import type { Connection } from '../../lib/connection/connection.js';
import { Compress } from '../../lib/nest/decorators/compress.decorator.js';
import {
  decodeDefaults,
  decodeEnvelope,
  encodeEnvelope,
  type Envelope,
  json,
} from '../../lib/protocol/index.js';
import { GatewireServer } from '../../lib/server/gatewire-server.js';
import type { TestClient } from '../support/test-client.js';
import { NestApp } from './nest-app.js';

const long = { lines: Array.from({ length: 200 }, (_, at) => `line ${at} of the report`) };
/** Is compressed in the thread pool. */
const longer = 'a long story '.repeat(5000);
const codec = msgpack();

@WebSocketGateway()
class ReportGateway {
  @WebSocketServer() server!: GatewireServer;

  @Compress()
  @SubscribeMessage('read')
  read() {
    return long;
  }

  @SubscribeMessage('plain')
  plain() {
    return long;
  }

  @SubscribeMessage('join')
  join(@ConnectedSocket() connection: Connection) {
    connection.join('readers');
  }

  @SubscribeMessage('publish')
  publish(@MessageBody() data: unknown) {
    this.server.to('readers').emit('report', data);
    this.server.to('readers').emit('report.after', 1);
    return 'published';
  }
}

describe('Compress in an application', () => {
  let app: NestApp;
  const start = async (): Promise<void> => {
    app = await NestApp.start({
      options: { codecs: [json(), msgpack()], middleware: [Compress.of({ events: ['report', 'report.*'] })] },
      providers: [ReportGateway],
    });
  };
  afterEach(() => app.stop());

  const envelopeOf = async (client: TestClient): Promise<Envelope> => {
    const frame = await client.next();
    return (
      client.socket.protocol === 'gatewire.v1.msgpack'
        ? codec.decode(frame, decodeDefaults)
        : decodeEnvelope(frame)
    ) as Envelope;
  };
  const inflated = ({ data }: Envelope): unknown => JSON.parse(zlib.gunzipSync(data as Buffer).toString());
  const ask = async (client: TestClient, envelope: Envelope): Promise<Envelope> => {
    client.send(JSON.stringify(envelope));
    for (;;) {
      const answer = await envelopeOf(client);
      if (answer.id === envelope.id && !('event' in answer)) return answer;
    }
  };

  it('compresses an emit to a room for everybody in it, in every codec, and what follows does not overtake it', async () => {
    await start();
    const clients = [
      await app.connect(),
      await app.connect('/', 'gatewire.v1.json'),
      await app.connect('/', 'gatewire.v1.msgpack'),
    ];
    for (const client of clients) await ask(client, { event: 'join', id: 1 });
    for (const data of [long, longer]) {
      const publisher = await app.connect();
      await ask(publisher, { event: 'publish', data, id: 2 });
      for (const client of clients) {
        const report = await envelopeOf(client);
        expect(report).toMatchObject({ event: 'report', meta: { encoding: 'gzip' } });
        expect(inflated(report)).toEqual(data);
        expect(await envelopeOf(client)).toEqual({ event: 'report.after', data: 1 });
      }
    }
  });

  it('compresses the replies of a handler that has it, to clients that speak gatewire.v1', async () => {
    await start();
    for (const protocol of ['gatewire.v1.json', 'gatewire.v1.msgpack']) {
      const client = await app.connect('/', protocol);
      const answer = await ask(client, { event: 'read', id: 3 });
      expect(answer.meta).toEqual({ encoding: 'gzip' });
      expect(inflated(answer)).toEqual(long);
      expect(await ask(client, { event: 'plain', id: 4 })).toEqual({ id: 4, data: long });
    }
    const plain = await app.connect();
    expect(await ask(plain, { event: 'read', id: 5 })).toEqual({ id: 5, data: long });
    plain.send(JSON.stringify({ event: 'read' }));
    expect(JSON.parse((await plain.next()).toString())).toEqual(long);
  });

  it('inflates what comes in, in every codec', async () => {
    await start();
    const data = zlib.gzipSync(JSON.stringify(long));
    for (const protocol of ['gatewire.plain', 'gatewire.v1.msgpack']) {
      const client = await app.connect('/', protocol);
      await ask(client, { event: 'join', id: 1 });
      const envelope: Envelope = { event: 'publish', data, meta: { encoding: 'gzip' } };
      const frame = protocol === 'gatewire.plain' ? encodeEnvelope(envelope) : codec.encode(envelope);
      client.send(Buffer.from(frame as Uint8Array));
      expect(inflated(await envelopeOf(client))).toEqual(long);
    }
  });
});

describe('a hostile frame on a connection of a binary codec', () => {
  let app: NestApp;
  afterEach(() => app.stop());

  it.each([
    ['nesting', '81a46461746191'.padEnd(5000, '91'), 'TOO_DEEP'],
    ['a length of 4 GiB', 'dfffffffff', 'UNDECODABLE'],
    ['a class of msgpackr', '82a56576656e74a165a464617461d473009101', 'UNDECODABLE'],
    ['no envelope', '80', 'BAD_ENVELOPE'],
  ])('is answered with an error, and the connection lives on: %s', async (_what, hex, code) => {
    app = await NestApp.start({ options: { codecs: [json(), msgpack()] }, providers: [ReportGateway] });
    const client = await app.connect('/', 'gatewire.v1.msgpack');
    client.send(Buffer.from(hex.length % 2 === 0 ? hex : `${hex}0`, 'hex'));
    const refusal = codec.decode(await client.next(), decodeDefaults);
    expect(refusal).toMatchObject({ event: 'exception', data: { status: 'error', code } });
    client.send(Buffer.from(codec.encode({ event: 'plain', id: 1 }) as Uint8Array));
    expect(codec.decode(await client.next(), decodeDefaults)).toEqual({ id: 1, data: long });
  });
});
