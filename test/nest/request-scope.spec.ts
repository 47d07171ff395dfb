import { type CanActivate, Inject, Injectable, Module, Scope, UseFilters, UseGuards } from '@nestjs/common';
import { type ContextId, ContextIdFactory, ModuleRef, REQUEST } from '@nestjs/core';
import { SubscribeMessage, WebSocketGateway, WebSocketServer, WsException } from '@nestjs/websockets';
import type { Connection } from '../../lib/connection/connection.js';
import { OnSubscribe } from '../../lib/nest/decorators/on-subscribe.decorator.js';
import type { GatewireServer } from '../../lib/server/gatewire-server.js';
import { deferred } from '../support/engine-fixture.js';
import { NestApp } from './nest-app.js';

let made = 0;
let disconnected = deferred<unknown>();

@Injectable({ scope: Scope.REQUEST })
class Visit {
  readonly number = ++made;
  constructor(@Inject(REQUEST) readonly connection: Connection) {}
}

@Injectable()
class VisitGuard implements CanActivate {
  constructor(private readonly visit: Visit) {}
  canActivate(): boolean {
    return this.visit.number > 0;
  }
}

@Injectable()
class VisitFilter {
  constructor(private readonly visit: Visit) {}
  catch() {
    this.visit.connection.send(JSON.stringify({ filter: this.visit.number }));
  }
}

@UseGuards(VisitGuard)
@WebSocketGateway()
class VisitGateway {
  @WebSocketServer() server!: GatewireServer;
  readonly #seen: string[] = [];

  constructor(
    private readonly visit: Visit,
    private readonly moduleRef: ModuleRef,
  ) {}

  handleConnection(connection: Connection) {
    this.#seen.push(`connected ${connection === this.visit.connection}`);
  }

  handleDisconnect() {
    disconnected.resolve(this.#seen);
  }

  @SubscribeMessage('visit')
  visitNumber() {
    this.#seen.push('message');
    return { number: this.visit.number, seen: this.#seen, server: typeof this.server.to };
  }

  @SubscribeMessage('resolve')
  async resolve() {
    const contextId: ContextId = ContextIdFactory.getByRequest(this.visit.connection);
    return (await this.moduleRef.resolve(Visit, contextId)) === this.visit;
  }

  @UseFilters(VisitFilter)
  @SubscribeMessage('fails')
  fails() {
    throw new WsException('fails');
  }

  @OnSubscribe('visit.*')
  mayWatch(connection: Connection) {
    return connection === this.visit.connection;
  }
}

@WebSocketGateway()
class StaticGateway {
  @SubscribeMessage('static')
  run() {
    return made;
  }
}

describe('a request-scoped gateway', () => {
  let app: NestApp;
  beforeEach(async () => {
    made = 0;
    disconnected = deferred();
    app = await NestApp.start({ providers: [Visit, VisitGateway, StaticGateway] });
  });
  afterEach(() => app.stop());

  it('lives as long as its connection: hooks, handlers, guards and filters see the same', async () => {
    const [first, second] = [await app.connect(), await app.connect()];
    const seen = ['connected true', 'message'];
    expect(await first.ask('visit')).toEqual({ id: 1, data: { number: 1, seen, server: 'function' } });
    expect(await first.ask('visit')).toMatchObject({ data: { number: 1 } });
    expect(await second.ask('visit')).toMatchObject({ data: { number: 2, seen } });
    second.send({ event: 'fails' });
    expect(await second.nextJson()).toEqual({ filter: 2 });
    expect(await first.ask('static')).toEqual({ id: 1, data: 2 });
    second.close();
    expect(await disconnected.promise).toEqual(seen);
  });

  it('answers messages that come together in their order', async () => {
    const client = await app.connect();
    for (const id of [1, 2, 3]) client.send({ event: 'visit', id });
    const ids = [await client.nextJson(), await client.nextJson(), await client.nextJson()].map(
      ({ id }) => id,
    );
    expect(ids).toEqual([1, 2, 3]);
  });

  it('is found by ContextIdFactory.getByRequest(connection)', async () => {
    expect(await (await app.connect()).ask('resolve')).toEqual({ id: 1, data: true });
  });

  it('decides about subscriptions', async () => {
    const client = await app.connect();
    expect(await client.ask('$subscribe', { room: 'visit.1' })).toEqual({ id: 1, data: null });
  });
});

describe('a request-scoped gateway whose dependency cannot be made', () => {
  it('answers with an error', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Broken {
      constructor() {
        throw new WsException('cannot be made');
      }
    }
    @WebSocketGateway()
    class BrokenGateway {
      constructor(readonly broken: Broken) {}
      @SubscribeMessage('x')
      x() {}
    }
    const app = await NestApp.start({ providers: [Broken, BrokenGateway] });
    const client = await app.connect();
    client.send({ event: 'x' });
    expect(await client.nextJson()).toMatchObject({
      event: 'exception',
      data: { message: 'cannot be made' },
    });
    expect(await client.ask('x')).toMatchObject({
      error: { code: 'BAD_REQUEST', message: 'cannot be made' },
    });
    await app.stop();
  });
});

describe('a durable gateway', () => {
  it('is shared by the connections of a tenant, and gets the payload as REQUEST', async () => {
    let instances = 0;
    @Injectable({ scope: Scope.REQUEST, durable: true })
    class Tenant {
      readonly number = ++instances;
      constructor(@Inject(REQUEST) readonly payload: { tenant: string }) {}
    }
    @WebSocketGateway()
    class TenantGateway {
      constructor(private readonly tenant: Tenant) {}
      @SubscribeMessage('tenant')
      name() {
        return [this.tenant.payload.tenant, this.tenant.number];
      }
    }
    const parents = new Map<string, ContextId>();
    ContextIdFactory.apply({
      attach(contextId: ContextId, request: Connection) {
        const tenant = request.handshake?.query.get('tenant') ?? 'none';
        if (!parents.has(tenant)) parents.set(tenant, ContextIdFactory.create());
        return {
          resolve: (info: { isTreeDurable: boolean }) =>
            info.isTreeDurable ? parents.get(tenant)! : contextId,
          payload: { tenant },
        };
      },
    } as any);
    const app = await NestApp.start({ providers: [Tenant, TenantGateway] });
    try {
      const [a, b, other] = [
        await app.connect('/?tenant=a'),
        await app.connect('/?tenant=a'),
        await app.connect('/?tenant=b'),
      ];
      expect(await a.ask('tenant')).toEqual({ id: 1, data: ['a', 1] });
      expect(await b.ask('tenant')).toEqual({ id: 1, data: ['a', 1] });
      expect(await other.ask('tenant')).toEqual({ id: 1, data: ['b', 2] });
    } finally {
      (ContextIdFactory as any).strategy = undefined;
      await app.stop();
    }
  });
});

describe('a gateway class provided by two modules', () => {
  it('is two gateways: both answer, each with the enhancers and providers of its module', async () => {
    @Injectable()
    class Name {
      constructor(@Inject('NAME') readonly name: string) {}
    }
    @Injectable()
    class NameGuard implements CanActivate {
      constructor(private readonly name: Name) {}
      canActivate(context: any): boolean {
        context.switchToWs().getData().guard = this.name.name;
        return true;
      }
    }
    @UseGuards(NameGuard)
    @WebSocketGateway()
    class SharedGateway {
      constructor(private readonly name: Name) {}
      @SubscribeMessage('who')
      who(_: unknown, { guard }: { guard: string }) {
        return { gateway: this.name.name, guard };
      }
    }
    @Module({ providers: [SharedGateway, Name, { provide: 'NAME', useValue: 'one' }] })
    class One {}
    @Module({ providers: [SharedGateway, Name, { provide: 'NAME', useValue: 'two' }] })
    class Two {}
    const app = await NestApp.start({ imports: [One, Two] });
    const client = await app.connect();
    client.send({ event: 'who', data: {} });
    // Nest 12 connects its very first gateway last.
    expect(new Set([await client.nextJson(), await client.nextJson()])).toEqual(
      new Set([
        { gateway: 'one', guard: 'one' },
        { gateway: 'two', guard: 'two' },
      ]),
    );
    await app.stop();
  });
});
