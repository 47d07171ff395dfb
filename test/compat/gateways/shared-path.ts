import { MessageBody, SubscribeMessage, WebSocketGateway, WebSocketServer } from '@nestjs/websockets';
import { CallLog } from '../oracle/call-log.js';
import type { Scenario } from '../oracle/scenario.js';

@WebSocketGateway({ path: '/shared' })
class FirstGateway {
  @WebSocketServer() server!: { clients: Set<unknown> };

  constructor(private readonly log: CallLog) {}

  afterInit(server: unknown): void {
    this.log.note('first.afterInit', server === this.server);
  }

  handleConnection(client: unknown): void {
    this.log.note('first.handleConnection', client);
  }

  handleDisconnect(client: unknown): void {
    this.log.note('first.handleDisconnect', client, this.server.clients.size);
  }

  @SubscribeMessage('both')
  both(@MessageBody() data: unknown): unknown {
    return { event: 'first', data };
  }

  @SubscribeMessage('mine')
  mine(): string {
    return 'first only';
  }
}

@WebSocketGateway({ path: '/shared' })
class SecondGateway {
  constructor(private readonly log: CallLog) {}

  afterInit(): void {
    this.log.note('second.afterInit');
  }

  handleConnection(client: unknown): void {
    this.log.note('second.handleConnection', client);
  }

  handleDisconnect(client: unknown): void {
    this.log.note('second.handleDisconnect', client);
  }

  @SubscribeMessage('both')
  both(@MessageBody() data: unknown): unknown {
    return { event: 'second', data };
  }

  @SubscribeMessage('theirs')
  theirs(): string {
    return 'second only';
  }
}

export const sharedPath: Scenario = {
  name: 'lets two gateways on one path answer the same event, both',
  module: { providers: [FirstGateway, SecondGateway] },
  play: async (stage) => {
    const client = await stage.connect('/shared');
    await client.exchange(
      { event: 'both', data: 1 },
      { event: 'mine' },
      { event: 'theirs' },
      { event: 'both', data: 2 },
    );
    await client.close();
    await stage.log.noted('second.handleDisconnect');
  },
};
