import type { IncomingMessage } from 'node:http';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { CallLog } from '../oracle/call-log.js';
import type { Scenario } from '../oracle/scenario.js';

interface ClientInfo {
  readonly origin?: string;
  readonly secure: boolean;
  readonly req: IncomingMessage;
}

class EchoGateway {
  @SubscribeMessage('echo')
  echo(@MessageBody() data: unknown): unknown {
    return { event: 'echoed', data };
  }
}

@WebSocketGateway({ verifyClient: ({ req }: ClientInfo) => req.headers['x-token'] === 'good' } as never)
class SyncVerifyGateway extends EchoGateway {}

@WebSocketGateway({
  verifyClient: (
    { req, secure }: ClientInfo,
    done: (isVerified: boolean, code?: number, message?: string, headers?: object) => void,
  ) => {
    const token = req.headers['x-token'];
    setImmediate(() => {
      if (token === 'good') done(!secure);
      else if (token === 'busy') done(false, 503, 'later', { 'retry-after': '5' });
      else done(false);
    });
  },
} as never)
class CallbackVerifyGateway extends EchoGateway {}

@WebSocketGateway({
  handleProtocols: (offered: Set<string>) => (offered.has('v2') ? 'v2' : false),
} as never)
class ProtocolsGateway {
  constructor(private readonly log: CallLog) {}

  handleConnection(client: { protocol: string }, request: IncomingMessage): void {
    this.log.note('handleConnection', client.protocol, request.headers['sec-websocket-protocol']);
  }
}

@WebSocketGateway()
class AnyProtocolGateway {
  handleConnection(client: { protocol: string; send(text: string): void }): void {
    client.send(`protocol: ${client.protocol}`);
  }
}

@WebSocketGateway({ perMessageDeflate: { threshold: 0 } } as never)
class CompressingGateway extends EchoGateway {
  @SubscribeMessage('extensions')
  extensions(client: { extensions: string }): unknown {
    return client.extensions;
  }
}

@WebSocketGateway({ maxPayload: 64 } as never)
class MaxPayloadGateway extends EchoGateway {}

export const serverOptions: Scenario[] = [
  {
    name: 'asks a synchronous verifyClient',
    module: { providers: [SyncVerifyGateway] },
    play: async (stage) => {
      const good = await stage.connect('/', { headers: { 'x-token': 'good' } });
      good.send({ event: 'echo', data: 1 });
      await good.receives(1);
      await stage.connect('/', { headers: { 'x-token': 'bad' } });
      await stage.connect('/');
    },
  },
  {
    name: 'asks a verifyClient that calls back',
    module: { providers: [CallbackVerifyGateway] },
    play: async (stage) => {
      const good = await stage.connect('/', { headers: { 'x-token': 'good' } });
      good.send({ event: 'echo', data: 1 });
      await good.receives(1);
      await stage.connect('/', { headers: { 'x-token': 'busy' } });
      await stage.connect('/');
    },
  },
  {
    name: 'selects the subprotocol with handleProtocols',
    module: { providers: [ProtocolsGateway] },
    play: async (stage) => {
      await stage.connect('/', { protocols: ['v1', 'v2'] });
      await stage.connect('/');
      await stage.log.noted('handleConnection', 2);
    },
  },
  {
    name: 'selects the first subprotocol offered when nobody chooses',
    module: { providers: [AnyProtocolGateway] },
    play: async (stage) => {
      for (const protocols of [[], ['chat'], ['one', 'two']]) {
        const client = await stage.connect('/', { protocols });
        await client.receives(1);
      }
    },
  },
  {
    name: 'compresses with the perMessageDeflate of the decorator for clients that offer it',
    module: { providers: [CompressingGateway] },
    play: async (stage) => {
      for (const compresses of [true, false]) {
        const client = await stage.connect('/', { compresses });
        await client.exchange({ event: 'echo', data: 'x'.repeat(500) }, { event: 'extensions' });
      }
    },
  },
  {
    name: 'closes with 1009 above the maxPayload of the decorator',
    module: { providers: [MaxPayloadGateway] },
    play: async (stage) => {
      const client = await stage.connect();
      client.send(`{"event":"echo","data":"${'x'.repeat(64 - 26)}"}`);
      await client.receives(1);
      client.send(`{"event":"echo","data":"${'x'.repeat(65 - 26)}"}`);
      await client.closed();
    },
  },
];
