import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { CallLog } from '../oracle/call-log.js';
import type { Scenario } from '../oracle/scenario.js';

@WebSocketGateway()
class OrderingGateway {
  constructor(private readonly log: CallLog) {}

  @SubscribeMessage('fast')
  fast(@MessageBody() data: unknown): unknown {
    this.log.note('enters', 'fast', data);
    return { event: 'fast', data };
  }

  @SubscribeMessage('slow')
  async slow(@MessageBody() data: unknown): Promise<unknown> {
    this.log.note('enters', 'slow', data);
    await new Promise((resolve) => setTimeout(resolve, 10));
    return { event: 'slow', data };
  }
}

export const ordering: Scenario = {
  name: 'enters handlers in order and lets the fast overtake the slow',
  module: { providers: [OrderingGateway] },
  play: async (stage) => {
    const client = await stage.connect();
    for (let index = 0; index < 12; index++) client.send({ event: index % 3 === 0 ? 'slow' : 'fast', data: index });
    await client.receives(12);
  },
};
