import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { CallLog } from '../oracle/call-log.js';
import type { Scenario } from '../oracle/scenario.js';

@WebSocketGateway()
class OrderingGateway {
  #finish!: () => void;
  readonly #finished = new Promise<void>((resolve) => (this.#finish = resolve));

  constructor(private readonly log: CallLog) {}

  @SubscribeMessage('finish')
  finish(): void {
    this.#finish();
  }

  @SubscribeMessage('fast')
  fast(@MessageBody() data: unknown): unknown {
    this.log.note('enters', 'fast', data);
    return { event: 'fast', data };
  }

  @SubscribeMessage('slow')
  async slow(@MessageBody() data: unknown): Promise<unknown> {
    this.log.note('enters', 'slow', data);
    await this.#finished;
    return { event: 'slow', data };
  }
}

export const ordering: Scenario = {
  name: 'enters handlers in order and lets the fast overtake the slow',
  module: { providers: [OrderingGateway] },
  play: async (stage) => {
    const client = await stage.connect();
    for (let index = 0; index < 12; index++)
      client.send({ event: index % 3 === 0 ? 'slow' : 'fast', data: index });
    await client.receives(8);
    client.send({ event: 'finish' });
    await client.receives(12);
  },
};
