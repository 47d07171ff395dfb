import { Injectable, Module } from '@nestjs/common';
import { Ack, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { Subject } from 'rxjs';
import type { Connection } from '../../lib/connection/connection.js';
import {
  AbortSignalParam,
  EventName,
  Meta,
  Principal,
} from '../../lib/nest/decorators/message-params.decorator.js';
import { OnSubscribe } from '../../lib/nest/decorators/on-subscribe.decorator.js';
import { RoomAuthorizer } from '../../lib/nest/decorators/room-authorizer.decorator.js';
import { UseMiddleware } from '../../lib/nest/decorators/use-middleware.decorator.js';
import type { Acknowledge } from '../../lib/nest/param-extractor.js';
import type { GatewayMiddleware } from '../../lib/pipeline/middleware.js';
import { GatewireServer } from '../../lib/server/gatewire-server.js';
import { NestApp } from './nest-app.js';

let log: unknown[] = [];

@Injectable()
class Clock {
  readonly label = 'by injection';
}

@Injectable()
class Made implements GatewayMiddleware {
  constructor(private readonly clock: Clock) {}
  inbound({ event }: { event: string }, next: () => void | Promise<void>) {
    log.push(`made ${this.clock.label} ${event}`);
    return next();
  }
}

class Stamp implements GatewayMiddleware {
  constructor(private readonly name: string) {}
  inbound(_: unknown, next: () => void | Promise<void>) {
    log.push(this.name);
    return next();
  }
}

@Injectable()
class ModuleStage implements GatewayMiddleware {
  constructor(
    private readonly clock: Clock,
    private readonly server: GatewireServer,
  ) {}
  handshake(_: unknown, next: () => void | Promise<void>) {
    log.push(`handshake ${this.clock.label} ${typeof this.server.emit}`);
    return next();
  }
  inbound(_: unknown, next: () => void | Promise<void>) {
    log.push('module');
    return next();
  }
  outbound(message: { data: any }, next: () => void | Promise<void>) {
    message.data = { ...message.data, stamped: true };
    return next();
  }
}

@UseMiddleware(new Stamp('gateway'))
@WebSocketGateway()
class Gateway {
  @SubscribeMessage('order.*')
  params(
    @MessageBody() data: unknown,
    @Meta() meta: object,
    @Meta('trace') trace: unknown,
    @EventName() event: string,
  ) {
    return { got: data, meta, trace, name: event };
  }

  @SubscribeMessage('principal')
  principal(client: Connection) {
    client.principal = { id: 'u1', role: 'admin' };
  }

  @SubscribeMessage('whoami')
  whoami(@Principal() principal: object, @Principal('role') role: string) {
    return { principal, role };
  }

  @SubscribeMessage('abort')
  abort(@AbortSignalParam() signal: AbortSignal) {
    const items = new Subject<string>();
    signal.addEventListener('abort', () => log.push('aborted'));
    queueMicrotask(() => items.next('started'));
    return items;
  }

  @UseMiddleware(Made, new Stamp('method'))
  @SubscribeMessage('stages')
  stages() {
    log.push('handler');
  }

  @SubscribeMessage('ack')
  ack(@MessageBody() data: unknown, @Ack() ack?: Acknowledge) {
    if (ack === undefined) return { event: 'no ack', data };
    setImmediate(() => ack({ acked: data }));
    return undefined;
  }

  @SubscribeMessage('bare-ack')
  bareAck(_client: unknown, data: unknown, ack?: Acknowledge) {
    ack?.(data);
    return 'ignored';
  }

  @SubscribeMessage('emit')
  emit(client: Connection) {
    client.emit('news', {});
  }
}

@WebSocketGateway({ path: '/other' })
class OtherGateway {}

@RoomAuthorizer('stock.*', 'public')
class Stock implements RoomAuthorizer {
  constructor(private readonly clock: Clock) {}
  canSubscribe(_: Connection, room: string) {
    return this.clock.label.length > 0 && room !== 'stock.secret';
  }
  async canPublish(_: Connection, room: string, event: string, data: unknown) {
    log.push([room, event, data]);
    return room === 'stock.a';
  }
}

@WebSocketGateway()
class WatchGateway {
  @OnSubscribe('watch.*')
  mayWatch(connection: Connection, room: string) {
    return connection.id.length > 0 && room === 'watch.1';
  }
}

describe('decorators', () => {
  let app: NestApp;
  beforeEach(() => {
    log = [];
  });
  afterEach(() => app.stop());

  it('give meta, event name and principal', async () => {
    app = await NestApp.start({ providers: [Gateway, Clock] });
    const client = await app.connect();
    client.send({ event: 'order.new', id: 1, data: 5, meta: { trace: 't' } });
    expect(await client.nextJson()).toEqual({
      id: 1,
      data: { got: 5, meta: { trace: 't' }, trace: 't', name: 'order.new' },
    });
    expect(await client.ask('order.old')).toEqual({ id: 1, data: { meta: {}, name: 'order.old' } });
    expect(await client.ask('whoami')).toEqual({ id: 1, data: {} });
    await client.ask('principal');
    expect(await client.ask('whoami')).toEqual({
      id: 1,
      data: { principal: { id: 'u1', role: 'admin' }, role: 'admin' },
    });
  });

  it('give a signal that $cancel aborts', async () => {
    app = await NestApp.start({ providers: [Gateway, Clock] });
    const client = await app.connect();
    expect(await client.ask('abort')).toEqual({ id: 1, data: 'started', more: true });
    client.send({ event: '$cancel', id: 1 });
    expect(await client.nextJson()).toMatchObject({ id: 1, error: { code: 'CANCELLED' } });
    expect(log).toContain('aborted');
  });

  it('answer by hand with @Ack()', async () => {
    app = await NestApp.start({ providers: [Gateway, Clock] });
    const client = await app.connect();
    expect(await client.ask('ack', 1)).toEqual({ id: 1, data: { acked: 1 } });
    expect(await client.ask('bare-ack', 2)).toEqual({ id: 1, data: 2 });
    client.send({ event: 'ack', data: 3 });
    expect(await client.nextJson()).toEqual({ event: 'no ack', data: 3 });
  });

  it('put middleware before guards: module, gateway, method, made by the container', async () => {
    app = await NestApp.start({
      providers: [Gateway, Clock, ModuleStage],
      options: { middleware: [ModuleStage] },
    });
    const client = await app.connect();
    await client.ask('stages');
    expect(log).toEqual([
      'handshake by injection function',
      'module',
      'gateway',
      'made by injection stages',
      'method',
      'handler',
    ]);
    client.send({ event: 'emit' });
    expect(await client.nextJson()).toEqual({ event: 'news', data: { stamped: true } });
  });

  it('make a provider decide about rooms, on every endpoint', async () => {
    app = await NestApp.start({ providers: [Stock, Clock, OtherGateway, Gateway] });
    for (const path of ['/', '/other']) {
      const client = await app.connect(path);
      expect(await client.ask('$subscribe', { room: 'stock.*' })).toEqual({ id: 1, data: null });
      expect(await client.ask('$subscribe', { room: 'public' })).toEqual({ id: 1, data: null });
      expect(await client.ask('$subscribe', { room: 'stock.secret' })).toMatchObject({
        error: { code: 'FORBIDDEN' },
      });
      expect(await client.ask('$subscribe', { room: 'other' })).toMatchObject({
        error: { code: 'FORBIDDEN' },
      });
      const refused = await client.ask('$publish', { room: 'stock.b', event: 'price', data: 1 });
      expect(refused).toMatchObject({ error: { code: 'FORBIDDEN' } });
      client.send({ event: '$publish', data: { room: 'stock.a', event: 'price', data: 2 } });
      expect(await client.nextJson()).toEqual({ event: 'price', data: 2, room: 'stock.a' });
    }
    expect(log).toContainEqual(['stock.a', 'price', 2]);
  });

  it('make a method of a gateway decide about subscriptions', async () => {
    app = await NestApp.start({ providers: [WatchGateway] });
    const client = await app.connect();
    expect(await client.ask('$subscribe', { room: 'watch.1' })).toEqual({ id: 1, data: null });
    expect(await client.ask('$subscribe', { room: 'watch.2' })).toMatchObject({
      error: { code: 'FORBIDDEN' },
    });
    expect(await client.ask('$publish', { room: 'watch.1', event: 'x' })).toMatchObject({
      error: { code: 'FORBIDDEN' },
    });
  });

  it('refuse what cannot work when the application starts', async () => {
    @WebSocketGateway()
    class SymbolGateway {
      @SubscribeMessage({ cmd: 'x' } as any)
      run() {}
    }
    await expect(NestApp.start({ providers: [SymbolGateway] })).rejects.toThrow('the event must be a string');
    @Module({})
    class Elsewhere {}
    @Injectable()
    class Needy {
      constructor(readonly elsewhere: Elsewhere) {}
      inbound() {}
    }
    await expect(
      NestApp.start({ providers: [WatchGateway], options: { middleware: [Needy as any] } }),
    ).rejects.toThrow();
    app = await NestApp.start({ providers: [WatchGateway] });
  });
});
