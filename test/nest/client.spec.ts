import { UseGuards, type CanActivate } from '@nestjs/common';
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { Client } from '../../lib/client/client-api.js';
import type { AnyContract } from '../../lib/client/contract.js';
import { createClient } from '../../lib/client/index.js';
import type { ClientOptions } from '../../lib/client/options.js';
import { fixed } from '../../lib/exchange/retry-strategy.js';
import { Connection } from '../../lib/connection/connection.js';
import { OnSubscribe } from '../../lib/nest/decorators/on-subscribe.decorator.js';
import { jwt } from '../../lib/pipeline/stages/authentication/jwt.strategy.js';
import { GatewireServer } from '../../lib/server/gatewire-server.js';
import { Issuer } from '../support/issuer.js';
import { NestApp, type NestAppOptions } from './nest-app.js';

class Never implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

@WebSocketGateway()
class ShopGateway {
  readonly orders: unknown[] = [];

  @SubscribeMessage('order')
  order(@MessageBody() order: { sku: number }, @ConnectedSocket() connection: Connection) {
    this.orders.push(order);
    return { sku: order.sku, by: connection.principal?.id ?? 'nobody' };
  }

  @UseGuards(Never)
  @SubscribeMessage('secret')
  secret() {
    return 'never';
  }

  @SubscribeMessage('confirm')
  async confirm(@ConnectedSocket() connection: Connection) {
    return { confirmed: await connection.request('sure?', { total: 12 }) };
  }

  @SubscribeMessage('lines')
  async *lines(@MessageBody() count: number) {
    for (let line = 1; line <= count; line++) yield await Promise.resolve({ line });
  }

  @OnSubscribe('stock.*')
  mayEnter() {
    return true;
  }
}

describe('the client and a Nest application', () => {
  const apps: NestApp[] = [];
  const clients: Client<AnyContract>[] = [];

  async function start(setup: Partial<NestAppOptions> = {}): Promise<NestApp> {
    const app = await NestApp.start({ providers: [ShopGateway], ...setup });
    apps.push(app);
    return app;
  }

  function connect(app: NestApp, options: Partial<ClientOptions> = {}): Client<AnyContract> {
    const client = createClient({ url: app.url, reconnect: fixed(10), ...options });
    clients.push(client);
    return client;
  }

  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await Promise.all(apps.splice(0).map((app) => app.stop()));
  });

  it('asks handlers, reads streams, is told of guards', async () => {
    const client = connect(await start());
    await expect(client.request('order', { sku: 7 })).resolves.toEqual({ sku: 7, by: 'nobody' });
    await expect(client.request('secret')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const lines: unknown[] = [];
    for await (const line of client.stream('lines', 3)) lines.push(line);
    expect(lines).toEqual([{ line: 1 }, { line: 2 }, { line: 3 }]);
  });

  it('answers what the server asks', async () => {
    const client = connect(await start());
    client.on('sure?', ({ total }: { total: number }) => Promise.resolve(total > 10));
    await expect(client.request('confirm')).resolves.toEqual({ confirmed: true });
  });

  it('hears the rooms that it may enter', async () => {
    const app = await start();
    const client = connect(app);
    const heard = new Promise((resolve) => client.subscribe('stock.*', resolve));
    await expect(client.subscribe('other').ready).rejects.toMatchObject({ code: 'FORBIDDEN' });
    app.app.get<GatewireServer>(GatewireServer).publish('stock.acme', 'price', 42);
    await expect(heard).resolves.toEqual({ event: 'price', data: 42, room: 'stock.acme' });
  });

  it('shows its token, and comes back with a fresh one', async () => {
    const issuer = await Issuer.start();
    const authenticate = [
      jwt({ jwksUrl: issuer.jwksUrl, algorithms: ['ES256'], audience: 'shop', issuer: issuer.url }),
    ];
    const app = await start({ options: { authenticate } });
    const token = (): Promise<string> => issuer.token({ sub: 'alice', aud: 'shop', iss: issuer.url });
    for (const tokenIn of ['auto', 'message'] as const) {
      const client = connect(app, { token, tokenIn });
      await expect(client.request('order', { sku: 1 })).resolves.toEqual({ sku: 1, by: 'alice' });
    }
    const [connection] = await app.app.get(GatewireServer).user('alice').connections();
    const back = new Promise<void>((resolve) => clients[0]?.when('open', () => resolve()));
    connection?.close(4401, 'expired');
    await back;
    await expect(clients[0]?.request('order', { sku: 2 })).resolves.toEqual({ sku: 2, by: 'alice' });
    await issuer.stop();
  });

  it('stops when it is refused for good, with what the server has said', async () => {
    const app = await start({
      options: { authenticate: [jwt({ secret: 'x'.repeat(32), algorithms: ['HS256'] })] },
    });
    const client = connect(app, { token: 'wrong' });
    await expect(client.connect()).rejects.toMatchObject({ code: 'DISCONNECTED' });
    expect(client.status).toMatchObject({ state: 'closed', closed: { code: 4401 } });
  });

  it('leaves a server that shuts down, and brings what waits to the next one', async () => {
    const first = await start();
    const { port } = new URL(first.url);
    const client = connect(first);
    await client.connect();
    await first.stop();
    apps.splice(0);
    const emitted = client.emit('order', { sku: 9 });
    const second = await start({ port: Number(port) });
    await emitted.delivered;
    expect(second.app.get(ShopGateway).orders).toEqual([{ sku: 9 }]);
  });
});
