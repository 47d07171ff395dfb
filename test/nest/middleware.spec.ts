import {
  Inject,
  Injectable,
  Module,
  Scope,
  UseGuards,
  UseInterceptors,
  UsePipes,
  ValidationPipe,
  type CanActivate,
  type NestInterceptor,
} from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { Connection } from '../../lib/connection/connection.js';
import type { Next } from '../../lib/exchange/compose.js';
import { withOptions } from '../../lib/nest/configured-middleware.js';
import { Deadline } from '../../lib/nest/decorators/deadline.decorator.js';
import { stageDecorator, UseMiddleware } from '../../lib/nest/decorators/use-middleware.decorator.js';
import type { InboundMessage } from '../../lib/pipeline/inbound-message.js';
import type { GatewayMiddleware } from '../../lib/pipeline/middleware.js';
import type { OutboundMessage } from '../../lib/pipeline/outbound-message.js';
import { GatewireServer } from '../../lib/server/gatewire-server.js';
import { NestApp } from './nest-app.js';

let app: NestApp;
afterEach(() => app.stop());

let log: unknown[] = [];
beforeEach(() => (log = []));

@Injectable()
class Sink {
  write(line: unknown) {
    log.push(line);
  }
}

@Injectable()
class Audit implements GatewayMiddleware {
  #level = 'none';
  constructor(private readonly sink: Sink) {}
  configure({ level }: { level: string }) {
    if (level === '') throw new Error('Audit: a level is needed');
    this.#level = level;
  }
  inbound(message: InboundMessage, next: Next) {
    this.sink.write(`${this.#level} ${message.event}`);
    return next();
  }
}

const Tag = stageDecorator('Tag', (host, tag: string) => ({
  inbound: (_message: InboundMessage, next: Next) => {
    log.push(tag);
    host.count(`tag.${tag}`);
    return next();
  },
  outbound: (message: OutboundMessage, next: Next) => {
    log.push(`out ${tag} ${JSON.stringify(message.data)}`);
    return next();
  },
}));

describe('options of one use', () => {
  it('are given to an instance of its own, made with injection', async () => {
    @UseMiddleware(withOptions(Audit, { level: 'gateway' }))
    @WebSocketGateway()
    class Gateway {
      @UseMiddleware(withOptions(Audit, { level: 'method' }))
      @SubscribeMessage('x')
      x() {
        return 1;
      }
    }
    app = await NestApp.start({
      providers: [Gateway, Sink, Audit],
      options: { middleware: [withOptions(Audit, { level: 'module' })] },
    });
    await (await app.connect()).ask('x');
    expect(log).toEqual(['module x', 'gateway x', 'method x']);
  });

  it('that cannot work stop the application', async () => {
    app = await NestApp.start({ providers: [] });
    await expect(
      NestApp.start({
        providers: [Sink, Audit],
        options: { middleware: [withOptions(Audit, { level: '' })] },
      }),
    ).rejects.toThrow('a level is needed');
  });
});

describe('stage decorators', () => {
  @Tag('gateway')
  @WebSocketGateway()
  class Gateway {
    @Tag('first')
    @Tag('second')
    @SubscribeMessage('x')
    x() {
      log.push('handler');
      return 'value';
    }
    @SubscribeMessage('fails')
    fails() {
      throw new Error('x');
    }
  }

  it('run in the order in which they are written, outbound in reverse, also around errors', async () => {
    app = await NestApp.start({ providers: [Gateway], options: { middleware: [Tag.of('module')] } });
    const client = await app.connect();
    expect(await client.ask('x')).toEqual({ id: 1, data: 'value' });
    expect(log).toEqual([
      'module',
      'gateway',
      'first',
      'second',
      'handler',
      'out second "value"',
      'out first "value"',
      'out gateway "value"',
      'out module "value"',
    ]);
    log = [];
    await client.ask('fails');
    expect(log).toEqual(['module', 'gateway', 'out gateway undefined', 'out module undefined']);
    expect(app.app.get(GatewireServer).stats().stages).toEqual({
      'tag.module': 2,
      'tag.gateway': 2,
      'tag.first': 1,
      'tag.second': 1,
    });
  });
});

describe('scopes', () => {
  it('request: an instance for each connection, from the handshake to the last hook', async () => {
    let made = 0;
    @Injectable({ scope: Scope.REQUEST })
    class PerConnection implements GatewayMiddleware {
      readonly number = ++made;
      #messages = 0;
      constructor(@Inject(REQUEST) private readonly connection: Connection) {}
      handshake(_: unknown, next: Next) {
        log.push(`handshake ${this.number} ${this.connection.state}`);
        return next();
      }
      inbound(message: InboundMessage, next: Next) {
        message.data = [this.number, ++this.#messages, message.connection === this.connection];
        return next();
      }
      outbound(message: OutboundMessage, next: Next) {
        if (message.event === 'news') message.data = this.number;
        return next();
      }
      disconnected() {
        log.push(`gone ${this.number}`);
      }
    }
    @WebSocketGateway()
    class Gateway {
      @SubscribeMessage('x')
      x(@MessageBody() data: unknown) {
        return data;
      }
    }
    app = await NestApp.start({
      providers: [Gateway, PerConnection],
      options: { middleware: [PerConnection] },
    });
    const [one, two] = [await app.connect(), await app.connect()];
    for (let n = 1; n <= 2; n++) {
      expect(await one.ask('x')).toEqual({ id: 1, data: [1, n, true] });
      expect(await two.ask('x')).toEqual({ id: 1, data: [2, n, true] });
    }
    app.app.get<GatewireServer>(GatewireServer).emit('news', 'for all');
    expect([await one.nextJson(), await two.nextJson()]).toEqual([
      { event: 'news', data: 1 },
      { event: 'news', data: 2 },
    ]);
    one.close();
    await one.closed;
    while (!log.includes('gone 1')) await new Promise((resolve) => setImmediate(resolve));
    expect(log).toEqual(['handshake 1 connecting', 'handshake 2 connecting', 'gone 1']);
  });

  it('transient: one of its own, made by its module', async () => {
    @Injectable({ scope: Scope.TRANSIENT })
    class Transient implements GatewayMiddleware {
      constructor(private readonly sink: Sink) {}
      inbound(message: InboundMessage, next: Next) {
        this.sink.write(message.event);
        return next();
      }
    }
    @WebSocketGateway()
    class Gateway {
      @UseMiddleware(Transient)
      @SubscribeMessage('x')
      x() {
        return 1;
      }
    }
    @Module({ providers: [Gateway, Sink, Transient] })
    class Feature {}
    app = await NestApp.start({ imports: [Feature] });
    await (await app.connect()).ask('x');
    expect(log).toEqual(['x']);
  });
});

it('says what runs around every handler, in code and at debug level', async () => {
  class AuthGuard implements CanActivate {
    canActivate = () => true;
  }
  class Timing implements NestInterceptor {
    intercept = (_: unknown, next: { handle(): any }) => next.handle();
  }
  @Tag('gateway')
  @WebSocketGateway()
  class Orders {
    @Deadline(1000)
    @UseGuards(AuthGuard)
    @UseInterceptors(Timing)
    @UsePipes(ValidationPipe)
    @SubscribeMessage('order.create')
    create(@MessageBody() data: unknown) {
      return data;
    }
  }
  const lines: string[] = [];
  const ignore = () => undefined;
  app = await NestApp.start({
    providers: [Orders, Sink, Audit],
    options: { middleware: [withOptions(Audit, { level: 'all' })] },
    logger: { log: ignore, error: ignore, warn: ignore, debug: (line: string) => lines.push(line) },
  });
  const [composition] = app.app.get(GatewireServer).composition();
  expect(composition).toMatchObject({
    path: '/',
    gateways: ['Orders'],
    handlers: [
      {
        pattern: 'order.create',
        inbound: ['Audit', 'Tag', 'Deadline', 'AuthGuard', 'Timing', 'ValidationPipe', 'Orders.create'],
        outbound: ['Tag'],
      },
    ],
  });
  expect(lines).toContain(
    '/ "order.create": Audit → Tag → Deadline → AuthGuard → Timing → ValidationPipe → Orders.create, answers through Tag',
  );
});
