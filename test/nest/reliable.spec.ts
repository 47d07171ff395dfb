import { SubscribeMessage, WebSocketGateway, WebSocketServer } from '@nestjs/websockets';
import type { OnDeadLetter } from '../../lib/nest/on-dead-letter.js';
import type { DeadLetter } from '../../lib/pipeline/dead-letter.js';
import { GatewireServer } from '../../lib/server/gatewire-server.js';
import { NestApp } from './nest-app.js';

@WebSocketGateway({ path: '/orders' })
class OrdersGateway implements OnDeadLetter {
  readonly letters: DeadLetter[] = [];
  @WebSocketServer() readonly server!: GatewireServer;

  onDeadLetter(letter: DeadLetter) {
    this.letters.push(letter);
  }

  @SubscribeMessage('changed')
  changed() {
    this.server.emit('order', { id: 1 }, { reliable: true });
  }
}

describe('onDeadLetter', () => {
  let app: NestApp;
  afterEach(() => app.stop());

  it('is told of a reliable emit that was refused', async () => {
    app = await NestApp.start({ providers: [OrdersGateway] });
    const client = await app.connect('/orders');
    client.send({ event: 'changed' });
    const { id, event } = await client.nextJson();
    expect(event).toBe('order');
    client.send({ id, error: { code: 'UNKNOWN_EVENT', message: 'nobody listens' } });
    await client.ask('$ping');
    expect(app.app.get(OrdersGateway).letters).toMatchObject([
      { direction: 'outbound', event: 'order', data: { id: 1 }, attempts: 1, reason: 'refused' },
    ]);
  });
});
