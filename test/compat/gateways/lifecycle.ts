import type { IncomingMessage } from 'node:http';
import { MessageBody, SubscribeMessage, WebSocketGateway, WebSocketServer } from '@nestjs/websockets';
import { CallLog } from '../oracle/call-log.js';
import type { Scenario } from '../oracle/scenario.js';

@WebSocketGateway()
class LifecycleGateway {
  @WebSocketServer() server: unknown;

  constructor(private readonly log: CallLog) {}

  onModuleInit(): void {
    this.log.note('onModuleInit', this.server);
  }

  afterInit(server: unknown): void {
    this.log.note('afterInit', server, server === this.server);
  }

  onApplicationBootstrap(): void {
    this.log.note('onApplicationBootstrap', this.server);
  }

  handleConnection(
    client: { readyState: number; name?: string },
    request: IncomingMessage,
    ...rest: unknown[]
  ): void {
    client.name = request.url ?? '';
    this.log.note(
      'handleConnection',
      client,
      client.readyState,
      request,
      request.headers.host !== undefined,
      request.socket.remoteAddress,
      rest.length,
    );
  }

  handleDisconnect(client: { readyState: number; name?: string }): void {
    this.log.note('handleDisconnect', client, client.readyState, client.name);
  }

  onModuleDestroy(): void {
    this.log.note('onModuleDestroy');
  }

  onApplicationShutdown(): void {
    this.log.note('onApplicationShutdown');
  }

  @SubscribeMessage('name')
  whoAmI(client: { name?: string }, data: unknown): unknown {
    this.log.note('message', client, data);
    return { event: 'name', data: client.name };
  }

  @SubscribeMessage('plain')
  plain(@MessageBody() data: unknown): unknown {
    return data;
  }
}

@WebSocketGateway({ path: '/greets' })
class GreetingGateway {
  handleConnection(client: { send(text: string): void }): void {
    client.send('hello');
    client.send('world');
  }
}

@WebSocketGateway({ path: '/closes' })
class ClosingGateway {
  handleConnection(client: { send(text: string): void; close(code: number, reason: string): void }): void {
    client.send('not you');
    client.close(4001, 'not you');
  }
}

export const lifecycle: Scenario[] = [
  {
    name: 'calls the hooks in Nest’s order with Nest’s arguments',
    module: { providers: [LifecycleGateway] },
    play: async (stage) => {
      const first = await stage.connect('/?one');
      await stage.log.noted('handleConnection');
      const second = await stage.connect('/?two');
      await stage.log.noted('handleConnection', 2);
      first.send({ event: 'name', data: 1 });
      await first.receives(1);
      second.send({ event: 'name', data: 2 });
      await second.receives(1);
      await first.close();
      await stage.log.noted('handleDisconnect');
      second.socket.terminate();
      await stage.log.noted('handleDisconnect', 2);
    },
  },
  {
    name: 'sends from handleConnection',
    module: { providers: [GreetingGateway] },
    play: async (stage) => (await stage.connect('/greets')).receives(2),
  },
  {
    name: 'closes in handleConnection after what was sent',
    module: { providers: [ClosingGateway] },
    play: async (stage) => (await stage.connect('/closes')).closed(),
  },
];
