import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { Client } from '../../lib/client/client-api.js';
import type { AnyContract } from '../../lib/client/contract.js';
import { priorities } from '../../lib/client/flow/index.js';
import { createClient } from '../../lib/client/index.js';
import { pipeline } from '../../lib/client/pipeline.js';
import { deduplicate } from '../../lib/client/stages/deduplicate.js';
import { sequence } from '../../lib/client/stages/sequence.js';
import { fixed } from '../../lib/exchange/retry-strategy.js';
import { Sequenced } from '../../lib/nest/decorators/sequenced.decorator.js';
import { GatewireError } from '../../lib/protocol/gatewire-error.js';
import { GatewireServer } from '../../lib/server/gatewire-server.js';
import { until } from '../support/session-fixture.js';
import { NestApp } from './nest-app.js';

@WebSocketGateway()
class DrawGateway {
  readonly strokes: unknown[] = [];

  @Sequenced()
  @SubscribeMessage('stroke')
  stroke(@MessageBody() stroke: number) {
    this.strokes.push(stroke);
  }
}

describe('the client', () => {
  let app: NestApp;
  let client: Client<AnyContract>;
  afterEach(async () => {
    await client.close();
    await app.stop();
  });

  async function start(options: Partial<Parameters<typeof createClient>[0]>): Promise<void> {
    app = await NestApp.start({ providers: [DrawGateway] });
    client = createClient({ url: app.url, reconnect: fixed(10), ...options });
  }

  it('is asked again after an error that says so, and acknowledges when its listener has taken it', async () => {
    await start({ pipeline: pipeline(deduplicate()) });
    const heard: unknown[] = [];
    client.on('order', (order) => {
      heard.push(order);
      if (heard.length === 1) throw new GatewireError('UNAVAILABLE', 'later');
    });
    await client.connect();
    const server = app.app.get<GatewireServer>(GatewireServer);
    server.emit('order', { id: 1 }, { reliable: { retry: fixed(1, { count: 5 }) } });
    await until(() => server.stats().stages['reliable.acknowledged'] === 1);
    expect(heard).toEqual([{ id: 1 }, { id: 1 }]);
  });

  it('numbers what overtakes on its way, and it is handled in the order of the calls', async () => {
    await start({ pipeline: pipeline(sequence({ events: ['stroke'] })), flow: { order: priorities() } });
    const ranks = ['low', 'normal', 'high', 'low', 'high', 'normal'] as const;
    const sent = ranks.map((priority, at) => client.request('stroke', at, { priority }));
    await Promise.all(sent);
    expect(app.app.get(DrawGateway).strokes).toEqual([0, 1, 2, 3, 4, 5]);
    const server = app.app.get<GatewireServer>(GatewireServer);
    expect(server.stats().stages['sequence.held']).toBeGreaterThan(0);
  });
});
