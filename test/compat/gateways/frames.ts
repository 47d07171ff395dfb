import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { CallLog } from '../oracle/call-log.js';
import type { Scenario } from '../oracle/scenario.js';

@WebSocketGateway()
class FramesGateway {
  constructor(private readonly log: CallLog) {}

  @SubscribeMessage('echo')
  echo(@MessageBody() data: unknown): unknown {
    this.log.note('echo', data);
    return { event: 'echoed', data };
  }
}

export const frames: Scenario[] = [
  {
    name: 'reads JSON in a binary frame, and answers in text',
    module: { providers: [FramesGateway] },
    play: async (stage) => {
      const client = await stage.connect();
      client.send(Buffer.from(JSON.stringify({ event: 'echo', data: { in: 'binary', text: 'ü' } })));
      client.send({ event: 'echo', data: 'text' });
      await client.receives(2);
    },
  },
  {
    name: 'reads JSON with white space, unusual order and further properties',
    module: { providers: [FramesGateway] },
    play: async (stage) => {
      const client = await stage.connect();
      client.send('  {"data":\n[1, 2], "event"\t:"echo"}  ');
      client.send('{"event":"echo","data":1,"from":"me"}');
      client.send('{"event":"echo"}');
      client.send('{"event":"echo","data":null}');
      client.send('{"event":"echo","data":1,"data":2}');
      await client.receives(5);
    },
  },
  {
    name: 'reads a message that came in fragments',
    module: { providers: [FramesGateway] },
    play: async (stage) => {
      const client = await stage.connect();
      client.socket.send('{"event":"ec', { fin: false });
      client.socket.send('ho","data":', { fin: false });
      client.socket.send('"whole"}');
      await client.receives(1);
    },
  },
  {
    name: 'answers pings and goes on',
    module: { providers: [FramesGateway] },
    play: async (stage) => {
      const client = await stage.connect();
      client.socket.ping('are you there');
      client.send({ event: 'echo', data: 1 });
      await client.sees('pong are you there');
      await client.receives(1);
    },
  },
  {
    name: 'closes with the codes of ws when a frame is not valid',
    module: { providers: [FramesGateway] },
    play: async (stage) => {
      const invalidUtf8 = await stage.connect();
      invalidUtf8.socket.send(Buffer.from([0xff, 0xfe]), { binary: false });
      await invalidUtf8.closed();
      const reservedCode = await stage.connect();
      const raw = (reservedCode.socket as unknown as { _socket: { write(data: Buffer): void } })._socket;
      raw.write(Buffer.from([0x83, 0x80, 0, 0, 0, 0]));
      await reservedCode.closed();
    },
  },
];
