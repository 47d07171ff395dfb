import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { CallLog } from '../oracle/call-log.js';
import type { Difference } from './difference.js';

@WebSocketGateway()
class ReasonGateway {
  constructor(private readonly log: CallLog) {}

  handleDisconnect(_client: unknown, reason: unknown): void {
    this.log.note('handleDisconnect', reason);
  }
}

@WebSocketGateway()
class SlowDisconnectGateway {
  constructor(private readonly log: CallLog) {}

  @SubscribeMessage('echo')
  echo(): string {
    return 'echo';
  }

  async handleDisconnect(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 20));
    this.log.note('disconnected');
  }

  onModuleDestroy(): void {
    this.log.note('onModuleDestroy');
  }
}

export const closeDifferences: Difference[] = [
  {
    row: 'The second argument of `handleDisconnect`',
    scenario: {
      module: { providers: [ReasonGateway] },
      play: async (stage) => {
        const client = await stage.connect();
        await client.close(4321, 'bye');
        await stage.log.noted('handleDisconnect');
      },
    },
    platformWs: { clients: [['open ', 'close 4321 bye']], calls: ['handleDisconnect(4321)'] },
    platformWsOnNest11: { clients: [['open ', 'close 4321 bye']], calls: ['handleDisconnect(<undefined>)'] },
    gatewire: {
      clients: [['open ', 'close 4321 bye']],
      calls: ['handleDisconnect({"code":4321,"reason":"bye","by":"peer","wasClean":true})'],
    },
  },
  {
    row: 'Connections at shutdown',
    scenario: {
      module: { providers: [SlowDisconnectGateway] },
      closesWithClients: true,
      play: async (stage) => (await stage.connect()).exchange({ event: 'echo' }),
    },
    platformWs: { clients: [['open ', 'text "echo"', 'close 1006 ']], calls: ['onModuleDestroy()'] },
    gatewire: {
      clients: [['open ', 'text "echo"', 'close 1001 …']],
      calls: ['disconnected()', 'onModuleDestroy()'],
    },
  },
];
