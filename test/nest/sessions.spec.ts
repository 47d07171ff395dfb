import { Injectable, type OnModuleDestroy, Scope } from '@nestjs/common';
import {
  ConnectedSocket,
  MessageBody,
  type OnGatewayConnection,
  SubscribeMessage,
  WebSocketGateway,
  WebSocketServer,
} from '@nestjs/websockets';
import type { Connection } from '../../lib/connection/connection.js';
import type { DisconnectReason } from '../../lib/connection/disconnect-reason.js';
import { GatewireServer } from '../../lib/server/gatewire-server.js';
import { SessionClient } from '../support/session-client.js';
import { until } from '../support/session-fixture.js';
import { NestApp } from './nest-app.js';

let log: string[] = [];

@WebSocketGateway()
class Notes implements OnGatewayConnection<Connection> {
  @WebSocketServer() server!: GatewireServer;

  async handleConnection(connection: Connection): Promise<void> {
    connection.data['notes'] = [];
    connection.join('notes');
    log.push(`connected ${connection.session === undefined ? 'without' : 'with'} a session`);
    await Promise.resolve();
  }

  handleDisconnect(connection: Connection, reason: DisconnectReason): void {
    log.push(`gone with ${reason.code} from ${[...connection.rooms].join()}`);
  }

  @SubscribeMessage('add')
  add(@ConnectedSocket() connection: Connection, @MessageBody() note: string): number {
    const notes = connection.data['notes'] as string[];
    this.server.to('notes').emit('added', note);
    return notes.push(note);
  }
}

@Injectable({ scope: Scope.REQUEST })
class Basket {
  readonly items: unknown[] = [];
}

@WebSocketGateway({ path: '/shop' })
class Shop {
  constructor(private readonly basket: Basket) {}

  @SubscribeMessage('put')
  put(@MessageBody() item: unknown): number {
    return this.basket.items.push(item);
  }
}

@Injectable()
class Store implements OnModuleDestroy {
  onModuleDestroy(): void {
    log.push('store closed');
  }
}

let app: NestApp;

const stats = () => app.app.get(GatewireServer).stats().gauges;

beforeEach(async () => {
  log = [];
  app = await NestApp.start({ providers: [Notes, Shop, Basket, Store] });
});

describe('a gateway whose client comes and goes', () => {
  it('sees one connection, with its data and rooms, from handleConnection to handleDisconnect', async () => {
    const client = await SessionClient.open(app.url);
    client.send({ event: 'add', id: 1, data: 'a' });
    expect([await client.next(), await client.next()]).toEqual([
      { event: 'added', data: 'a' },
      { id: 1, data: 1 },
    ]);
    await client.cut();
    await until(() => stats().sessionsAway === 1);
    app.app.get(Notes).server.to('notes').emit('added', 'meanwhile');
    const back = await SessionClient.open(app.url, client);
    back.send({ event: 'add', id: 2, data: 'b' });
    expect([await back.next(), await back.next(), await back.next()]).toEqual([
      { event: 'added', data: 'meanwhile' },
      { event: 'added', data: 'b' },
      { id: 2, data: 2 },
    ]);
    expect(log).toEqual(['connected with a session']);
    back.client.close(1000);
    await until(() => log.length === 2);
    expect(log[1]).toBe('gone with 1000 from notes');
    await app.app.close();
  });

  it('keeps what is scoped to the connection', async () => {
    const client = await SessionClient.open(`${app.url}/shop`);
    client.send({ event: 'put', id: 1, data: 'a' });
    expect(await client.take(1)).toEqual([1]);
    await client.cut();
    await until(() => stats().sessionsAway === 1);
    const back = await SessionClient.open(`${app.url}/shop`, client);
    back.send({ event: 'put', id: 2, data: 'b' });
    expect(await back.take(1)).toEqual([2]);
    back.client.terminate();
    await app.app.close();
  });

  it('resumes at the endpoint where it began, and nowhere else', async () => {
    const client = await SessionClient.open(app.url);
    expect((await SessionClient.open(`${app.url}/shop`, client)).welcome.resumed).toBe(false);
    await app.app.close();
  });

  it('has handleDisconnect called at a shutdown, while what it needs is still there', async () => {
    const client = await SessionClient.open(app.url);
    await client.cut();
    await until(() => stats().sessionsAway === 1);
    await app.app.close();
    expect(log).toEqual(['connected with a session', 'gone with 1006 from notes', 'store closed']);
  });
});
