import {
  ConnectedSocket,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  WebSocketServer,
} from '@nestjs/websockets';
import { Injectable } from '@nestjs/common';
import type { Connection } from '../../lib/connection/connection.js';
import { GatewireServer } from '../../lib/server/gatewire-server.js';
import { NestApp } from './nest-app.js';

@WebSocketGateway()
class EchoGateway {
  @WebSocketServer() server!: GatewireServer;

  @SubscribeMessage('echo')
  echo(@MessageBody() data: unknown, @ConnectedSocket() client: Connection) {
    return { data, id: client.id.length > 0, server: this.server instanceof GatewireServer };
  }

  @SubscribeMessage('bare')
  bare(client: Connection, data: unknown) {
    return { bare: data, has: typeof client.emit };
  }
}

@WebSocketGateway({ path: '/rooms/:id' })
class RoomGateway {
  @SubscribeMessage('where')
  where(@ConnectedSocket() client: Connection) {
    return client.handshake.params;
  }
}

@WebSocketGateway({ namespace: 'chat' })
class NamespaceGateway {
  @SubscribeMessage('hello')
  hello() {
    return 'from chat';
  }
}

@Injectable()
class News {
  constructor(private readonly server: GatewireServer) {}
  tell() {
    this.server.emit('news', 1);
  }
}

describe.each([
  ['GatewireModule', false],
  ['GatewireAdapter without the module', true],
])('%s', (_, adapter) => {
  let app: NestApp;
  afterEach(() => app.stop());

  it('serves decorated gateways at their paths', async () => {
    app = await NestApp.start({ adapter, providers: [EchoGateway, RoomGateway, NamespaceGateway] });
    const client = await app.connect();
    expect(await client.ask('echo', { a: 1 })).toEqual({
      id: 1,
      data: { data: { a: 1 }, id: true, server: true },
    });
    expect(await client.ask('bare', [1])).toEqual({ id: 1, data: { bare: [1], has: 'function' } });
    const room = await app.connect('/rooms/7');
    expect(await room.ask('where')).toEqual({ id: 1, data: { id: '7' } });
    const chat = await app.connect('/chat');
    expect(await chat.ask('hello')).toEqual({ id: 1, data: 'from chat' });
  });

  it('answers 404 where no gateway is', async () => {
    app = await NestApp.start({ adapter, providers: [NamespaceGateway] });
    expect(await app.handshakeStatus('/')).toBe(404);
    expect(await app.handshakeStatus('/chat')).toBe(101);
  });
});

describe('GatewireServer', () => {
  it('is injected everywhere and reaches every endpoint', async () => {
    const app = await NestApp.start({ providers: [EchoGateway, RoomGateway, News] });
    const [a, b] = [await app.connect(), await app.connect('/rooms/1')];
    app.app.get(News).tell();
    expect(await a.nextJson()).toEqual({ event: 'news', data: 1 });
    expect(await b.nextJson()).toEqual({ event: 'news', data: 1 });
    await app.stop();
  });
});
