import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Injectable, UseGuards } from '@nestjs/common';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { Connection } from '../../lib/connection/connection.js';
import { ProxyTo } from '../../lib/nest/decorators/proxy-to.decorator.js';
import { UseMiddleware } from '../../lib/nest/decorators/use-middleware.decorator.js';
import type { GatewayMiddleware } from '../../lib/pipeline/middleware.js';
import { NestApp } from '../nest/nest-app.js';
import { UpstreamServer } from '../support/upstream-server.js';

let app: NestApp | undefined;
let upstream: UpstreamServer;

/** Known only once the test runs. */
const target = (): string => upstream.url;

beforeEach(async () => {
  upstream = await UpstreamServer.start();
});

afterEach(async () => {
  await app?.stop();
  app = undefined;
  await upstream.stop();
});

const isGuest = (connection: Connection): boolean => connection.handshake.query.get('name') === null;

@Injectable()
class MembersOnly implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return !isGuest(context.switchToWs().getClient<Connection>());
  }
}

@Injectable()
class Shout implements GatewayMiddleware {
  inboundFrame(
    ...[frame, next]: Parameters<NonNullable<GatewayMiddleware['inboundFrame']>>
  ): void | Promise<void> {
    frame.data = Buffer.from(frame.data.toString().toUpperCase());
    return next();
  }
}

const told: string[] = [];

@ProxyTo(target, {
  forwardHeaders: ['cookie'],
  headers: (handshake) => ({ 'X-Name': handshake.query.get('name') ?? '' }),
})
@UseMiddleware(Shout)
@WebSocketGateway({ path: '/feed' })
class FeedGateway {
  @UseGuards(MembersOnly)
  handleConnection(connection: Connection): void {
    told.push(`connected ${connection.handshake.path}`);
  }

  handleDisconnect(_connection: Connection, { code }: { code: number }): void {
    told.push(`disconnected ${code}`);
  }
}

@WebSocketGateway({ path: '/here' })
class HereGateway {
  @SubscribeMessage('echo')
  echo(): string {
    return 'from here';
  }
}

describe('@ProxyTo()', () => {
  it('passes the connections of a gateway on, with its guards, middleware and hooks, beside other gateways', async () => {
    app = await NestApp.start({ providers: [FeedGateway, HereGateway] });
    expect(await app.handshakeStatus('/feed')).toBe(403);
    expect(upstream.peers).toHaveLength(0);
    const client = await app.connect('/feed?name=ann', [], { headers: { Cookie: 'a=b' } });
    const peer = await upstream.next();
    expect(peer.request.headers).toMatchObject({
      'x-name': 'ann',
      cookie: 'a=b',
      'x-forwarded-proto': 'http',
    });
    client.send('hello');
    await peer.received(1);
    expect(peer.messages).toEqual(['HELLO']);
    peer.socket.send('and back');
    expect(await client.next()).toBe('and back');
    const here = await app.connect('/here');
    expect(await here.ask('echo')).toEqual({ id: 1, data: 'from here' });
    client.close(4001);
    await peer.closed;
    while (told.length < 2) await new Promise((resolve) => setImmediate(resolve));
    expect(told).toEqual(['connected /feed', 'disconnected 4001']);
  });

  it('closes both sides when the application closes', async () => {
    app = await NestApp.start({ providers: [FeedGateway] });
    const client = await app.connect('/feed?name=ann');
    const peer = await upstream.next();
    await app.app.close();
    expect((await client.closed).code).toBe(1001);
    expect((await peer.closed).code).toBe(1001);
  });

  it('does not start with handlers that would never be asked', async () => {
    @ProxyTo('ws://127.0.0.1:1')
    @WebSocketGateway({ path: '/feed' })
    class Both extends HereGateway {}
    await expect(NestApp.start({ providers: [Both] })).rejects.toThrow('passed on');
  });

  it('does not start with another gateway at its path', async () => {
    @WebSocketGateway({ path: '/feed' })
    class Beside extends HereGateway {}
    await expect(NestApp.start({ providers: [FeedGateway, Beside] })).rejects.toThrow('passed on');
    @ProxyTo('ws://127.0.0.1:1')
    @WebSocketGateway({ path: '/feed' })
    class Second {}
    await expect(NestApp.start({ providers: [FeedGateway, Second] })).rejects.toThrow('passed on');
  });

  it('refuses a target when the class is read', () => {
    expect(() => ProxyTo('http://127.0.0.1')).toThrow('@ProxyTo');
  });
});
