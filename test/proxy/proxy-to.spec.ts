import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Injectable, UseGuards } from '@nestjs/common';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { Connection } from '../../lib/connection/connection.js';
import { Authenticate } from '../../lib/nest/decorators/authenticate.decorator.js';
import { ProxyTo } from '../../lib/nest/decorators/proxy-to.decorator.js';
import { RateLimit } from '../../lib/nest/decorators/rate-limit.decorator.js';
import { UseMiddleware } from '../../lib/nest/decorators/use-middleware.decorator.js';
import type { GatewayMiddleware } from '../../lib/pipeline/middleware.js';
import { basic } from '../../lib/pipeline/stages/authentication/basic.strategy.js';
import { GatewireServer } from '../../lib/server/gatewire-server.js';
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

  it('authenticates, and limits rates, before the upstream hears anything', async () => {
    const verify = (name: string, password: string): { id: string } | null =>
      password === 'secret' ? { id: name } : null;
    @ProxyTo(target, { headers: (_handshake, { principal }) => ({ 'X-User': principal?.id ?? '' }) })
    @Authenticate(basic({ verify }))
    @RateLimit({ messages: 2, perMs: 60_000 })
    @WebSocketGateway({ path: '/members' })
    class MembersGateway {}
    app = await NestApp.start({ providers: [MembersGateway] });
    expect(await app.handshakeStatus('/members')).toBe(401);
    expect(upstream.peers).toHaveLength(0);
    const headers = { Authorization: `Basic ${Buffer.from('ann:secret').toString('base64')}` };
    const client = await app.connect('/members', [], { headers });
    const peer = await upstream.next();
    expect(peer.request.headers).toMatchObject({ 'x-user': 'ann' });
    expect(peer.request.headers).not.toHaveProperty('authorization');
    for (const text of ['one', 'two', 'three']) client.send(text);
    expect(await client.closed).toEqual({ code: 4429, reason: 'too many messages' });
    expect(await peer.closed).toMatchObject({ code: 4429 });
    expect(peer.messages).toEqual(['one', 'two']);
  });

  it('delays frames that come too fast, and forgets those of a client that has gone', async () => {
    @ProxyTo(target)
    @RateLimit({ messages: 1, perMs: 20_000, onLimit: 'delay', maxDelayMs: 60_000 })
    @WebSocketGateway({ path: '/slow' })
    class SlowGateway {}
    app = await NestApp.start({ providers: [SlowGateway] });
    const client = await app.connect('/slow');
    const peer = await upstream.next();
    client.send('one');
    await peer.received(1);
    client.send('two');
    const server = app.app.get(GatewireServer);
    while (server.stats().stages['rate-limit.delayed'] === undefined)
      await new Promise((resolve) => setImmediate(resolve));
    for (const connection of server.clients) connection.terminate();
    // Long before the frame's turn, and before a closing handshake would be given up.
    expect((await peer.closed).code).toBe(1006);
    expect(peer.messages).toEqual(['one']);
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
