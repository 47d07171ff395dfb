import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { Scenario } from '../oracle/scenario.js';

@WebSocketGateway()
class StartStopGateway {
  readonly #stops = new Map<unknown, (data: unknown) => void>();

  @SubscribeMessage('start')
  async start(@ConnectedSocket() client: unknown, @MessageBody() data: unknown): Promise<unknown> {
    const stopped = await new Promise<unknown>((resolve) => this.#stops.set(client, resolve));
    return { event: 'started and stopped', data: { data, stopped } };
  }

  @SubscribeMessage('stop')
  stop(@ConnectedSocket() client: unknown, @MessageBody() data: unknown): unknown {
    this.#stops.get(client)?.(data);
    return { event: 'stopping', data };
  }
}

export const startStop: Scenario = {
  name: 'lets a start handler wait for a stop of the same client',
  module: { providers: [StartStopGateway] },
  play: async (stage) => {
    const client = await stage.connect();
    client.send({ event: 'start', data: 1 });
    await client.settle();
    client.send({ event: 'stop', data: 2 });
    await client.receives(2);
  },
};
