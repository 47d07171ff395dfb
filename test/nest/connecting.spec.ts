import {
  type CanActivate,
  type ExecutionContext,
  UnauthorizedException,
  UseFilters,
  UseGuards,
  type ArgumentsHost,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import {
  type OnGatewayConnection,
  SubscribeMessage,
  WebSocketGateway,
  WsException,
} from '@nestjs/websockets';
import type { Connection } from '../../lib/connection/connection.js';
import type { Handshake } from '../../lib/connection/handshake.js';
import type { OnHandshake } from '../../lib/nest/on-handshake.js';
import { ErrorCode } from '../../lib/protocol/error-code.js';
import { GatewireError } from '../../lib/protocol/gatewire-error.js';
import { NestApp } from './nest-app.js';

const seen: unknown[] = [];

/** Lets in what the query names: `?say=yes`. */
const sayGuard: CanActivate = {
  canActivate(context: ExecutionContext): any {
    const ws = context.switchToWs();
    const client = ws.getClient<Connection>();
    seen.push([ws.getPattern(), ws.getData(), client.state, context.getType(), context.getHandler().name]);
    const say = client.handshake.query.get('say');
    if (say === 'unauthorized') throw new UnauthorizedException();
    if (say === 'ws') throw new WsException('not you');
    if (say === 'broken') throw new Error('secret');
    if (say === 'late') return Promise.resolve(true);
    if (say === 'late-no') return Promise.resolve(false);
    return say === 'yes';
  },
};

@WebSocketGateway()
class GuardedGateway implements OnGatewayConnection, OnHandshake {
  @UseGuards(sayGuard)
  handleConnection(): void {}

  onHandshake(handshake: Handshake, connection: Connection): void {
    const who = handshake.query.get('who');
    if (who === 'nobody') throw new GatewireError(ErrorCode.Unauthenticated, 'who are you?');
    connection.principal = { id: who ?? 'somebody' };
  }

  @SubscribeMessage('who')
  who(client: Connection) {
    return client.principal;
  }
}

@WebSocketGateway()
class NeighbourGateway {
  @SubscribeMessage('open')
  open() {
    return 'open';
  }
}

@UseGuards({ canActivate: (context: ExecutionContext) => context.switchToWs().getData()?.token === 'good' })
@WebSocketGateway()
class ClassGuardedGateway {
  @SubscribeMessage('guarded')
  guarded() {
    return 'in';
  }
}

describe('guards on handleConnection', () => {
  let app: NestApp;
  beforeEach(async () => {
    seen.splice(0);
    app = await NestApp.start({ providers: [GuardedGateway, NeighbourGateway] });
  });
  afterEach(() => app.stop());

  it.each([
    ['yes', 101],
    ['late', 101],
    ['no', 403],
    ['late-no', 403],
    ['ws', 403],
    ['unauthorized', 401],
    ['broken', 500],
  ])('refuse before the 101 with a real status: %s, %i', async (say, status) => {
    expect(await app.handshakeStatus(`/?say=${say}`)).toBe(status);
  });

  it('see a connection that is connecting, and no data', async () => {
    await app.connect('/?say=yes');
    expect(seen).toEqual([['handleConnection', undefined, 'connecting', 'ws', 'handleConnection']]);
  });

  it('speak for the gateways that share the endpoint too', async () => {
    const client = await app.connect('/?say=yes');
    expect(await client.ask('open')).toEqual({ id: 1, data: 'open' });
  });

  it('come before onHandshake, which may refuse and say who it is', async () => {
    expect(await app.handshakeStatus('/?say=yes&who=nobody')).toBe(401);
    const client = await app.connect('/?say=yes&who=me');
    expect(await client.ask('who')).toEqual({ id: 1, data: { id: 'me' } });
  });
});

describe('guards on the class', () => {
  it('are asked per message, as in Nest', async () => {
    const app = await NestApp.start({ providers: [ClassGuardedGateway, NeighbourGateway] });
    const client = await app.connect();
    expect(await client.ask('open')).toEqual({ id: 1, data: 'open' });
    expect(await client.ask('guarded', { token: 'bad' })).toMatchObject({ error: { code: 'FORBIDDEN' } });
    expect(await client.ask('guarded', { token: 'good' })).toEqual({ id: 1, data: 'in' });
    await app.stop();
  });

  it('are asked at connect too with guardConnections, the global ones also', async () => {
    const options = { guardConnections: true };
    const guarded = await NestApp.start({ providers: [ClassGuardedGateway], options });
    expect(await guarded.handshakeStatus()).toBe(403);
    await guarded.stop();
    const open = await NestApp.start({ providers: [NeighbourGateway], options });
    expect(await open.handshakeStatus()).toBe(101);
    await open.stop();
    const global = { provide: APP_GUARD, useValue: sayGuard };
    const app = await NestApp.start({ providers: [NeighbourGateway, global], options });
    expect(await app.handshakeStatus()).toBe(403);
    expect(await app.handshakeStatus('/?say=yes')).toBe(101);
    await app.stop();
  });
});

describe('handleConnection', () => {
  it('that throws tells the peer by the exception event, then closes', async () => {
    @WebSocketGateway()
    class ThrowingGateway {
      async handleConnection() {
        throw new WsException('not today');
      }
    }
    const app = await NestApp.start({ providers: [ThrowingGateway] });
    const client = await app.connect();
    expect(await client.nextJson()).toEqual({
      event: 'exception',
      data: { status: 'error', message: 'not today', cause: { pattern: 'handleConnection' } },
    });
    expect((await client.closed).code).toBe(4400);
    await app.stop();
  });

  it('has its errors given to the filters of the gateway', async () => {
    const filter = {
      catch: (error: Error, host: ArgumentsHost) =>
        host.switchToWs().getClient().send(`caught ${error.message}`),
    };
    @UseFilters(filter as any)
    @WebSocketGateway()
    class FilteredGateway {
      handleConnection() {
        throw new Error('sync');
      }
    }
    const app = await NestApp.start({ providers: [FilteredGateway] });
    const client = await app.connect();
    expect(await client.next()).toBe('caught sync');
    expect((await client.closed).code).toBe(1011);
    await app.stop();
  });

  it('is given the connection and the request, and handleDisconnect the reason', async () => {
    const log: unknown[] = [];
    let gone!: () => void;
    const over = new Promise<void>((resolve) => (gone = resolve));
    @WebSocketGateway()
    class LoggingGateway {
      afterInit(server: any) {
        log.push(typeof server.to);
      }
      handleConnection(client: Connection, request: any) {
        log.push(client.state, request.url);
      }
      handleDisconnect(_: Connection, reason: any) {
        log.push(reason);
        gone();
      }
    }
    const app = await NestApp.start({ providers: [LoggingGateway] });
    (await app.connect('/?a=1')).close(4000, 'bye');
    await over;
    expect(log).toEqual([
      'function',
      'opening',
      '/?a=1',
      { code: 4000, reason: 'bye', by: 'peer', wasClean: true },
    ]);
    await app.stop();
  });
});
