import {
  type OnModuleDestroy,
  Global,
  Injectable,
  Module,
  type BeforeApplicationShutdown,
} from '@nestjs/common';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { NestApp } from './nest-app.js';

let log: string[] = [];

@Injectable()
class Database implements OnModuleDestroy, BeforeApplicationShutdown {
  isOpen = true;
  onModuleDestroy() {
    this.isOpen = false;
    log.push('database closed');
  }
  beforeApplicationShutdown() {
    log.push('before shutdown');
  }
}

@Global()
@Module({ providers: [Database], exports: [Database] })
class DatabaseModule {}

@Injectable()
class RootService implements OnModuleDestroy {
  onModuleDestroy() {
    log.push('root destroyed');
  }
}

@WebSocketGateway()
class Gateway {
  constructor(private readonly database: Database) {}
  @SubscribeMessage('x')
  x() {}
  async handleDisconnect(_: unknown, reason: { code: number }) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    log.push(`left with ${reason.code}, database ${this.database.isOpen ? 'open' : 'closed'}`);
  }
}

@WebSocketGateway(0, { path: '/other' })
class OtherGateway {
  @SubscribeMessage('x')
  x() {}
}

describe.each([
  ['GatewireModule', false],
  ['GatewireAdapter', true],
])('app.close() with %s', (_, adapter) => {
  beforeEach(() => (log = []));

  it('closes connections with 1001 and awaits their hooks before any destroy hook of the application', async () => {
    const app = await NestApp.start({
      adapter,
      imports: [DatabaseModule],
      providers: [Gateway, OtherGateway, RootService],
    });
    const [client, other] = [await app.connect(), await app.connect('/other')];
    await app.app.close();
    expect(log[0]).toBe('left with 1001, database open');
    expect(log.slice(1)).toEqual(
      expect.arrayContaining(['root destroyed', 'database closed', 'before shutdown']),
    );
    expect((await client.closed).code).toBe(1001);
    expect((await other.closed).code).toBe(1001);
    await app.stop();
  });

  it('takes its upgrade listener off the HTTP server', async () => {
    const app = await NestApp.start({ adapter, imports: [DatabaseModule], providers: [Gateway] });
    const server = app.app.getHttpServer();
    expect(server.listenerCount('upgrade')).toBe(1);
    await app.app.close();
    expect(server.listenerCount('upgrade')).toBe(0);
  });

  it('frees the port of a gateway that has its own', async () => {
    @WebSocketGateway(0)
    class OnApp {
      @SubscribeMessage('x')
      x() {}
    }
    const probe = await NestApp.start({ adapter, providers: [OnApp] });
    const { port } = probe.app.getHttpServer().address();
    await probe.stop();
    for (let round = 0; round < 2; round++) {
      @WebSocketGateway(port)
      class OwnPort {
        @SubscribeMessage('x')
        x() {
          return 'own port';
        }
      }
      const app = await NestApp.start({ adapter, providers: [OwnPort] });
      for (const path of ['', '/any/where']) {
        const client = await app.connectTo(`ws://127.0.0.1:${port}${path}`);
        expect(await client.ask('x')).toEqual({ id: 1, data: 'own port' });
      }
      await app.stop();
    }
  });

  it('happens on a signal too, with enableShutdownHooks', async () => {
    const app = await NestApp.start({
      adapter,
      imports: [DatabaseModule],
      providers: [Gateway],
      before: (nest) => nest.enableShutdownHooks(['SIGUSR2']),
    });
    const client = await app.connect();
    // The signal that Nest sends its own process at the end would end the test.
    const { kill } = process;
    const over = new Promise<void>((resolve) => (process.kill = () => (resolve(), true)));
    process.emit('SIGUSR2', 'SIGUSR2');
    expect((await client.closed).code).toBe(1001);
    await over;
    process.kill = kill;
    expect(log.slice(0, 2)).toEqual(['left with 1001, database open', 'database closed']);
  });
});

describe('forceCloseConnections', () => {
  it('does not wait for peers', async () => {
    log = [];
    const app = await NestApp.start({
      imports: [DatabaseModule],
      providers: [Gateway],
      create: { forceCloseConnections: true },
    });
    const client = await app.connect();
    client.socket.pause();
    await app.app.close();
    expect(log[0]).toBe('left with 1006, database open');
  });
});
