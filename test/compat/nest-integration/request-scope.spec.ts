import 'reflect-metadata';
import { Inject, Injectable, Scope } from '@nestjs/common';
import { ContextIdFactory, ModuleRef, REQUEST } from '@nestjs/core';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { deferred } from '../../support/engine-fixture.js';
import { NestApp } from './nest-app.js';

interface EmittingClient {
  emit(event: string, data: unknown): void;
}

@Injectable()
class Tracker {
  states = 0;
  readonly disconnected: unknown[] = [];
  readonly gate = deferred();
  readonly fastFinished = deferred();
  readonly slowFinished = deferred<boolean>();
}

@Injectable({ scope: Scope.REQUEST })
class ConnectionState {
  readonly #instance: number;
  #sequence = 0;

  constructor(
    tracker: Tracker,
    @Inject(REQUEST) private readonly client: unknown,
  ) {
    this.#instance = ++tracker.states;
  }

  snapshot(client: unknown, source: string): unknown {
    return { instance: this.#instance, sequence: ++this.#sequence, source, isClient: client === this.client };
  }
}

@WebSocketGateway()
class RequestScopeGateway {
  constructor(
    private readonly state: ConnectionState,
    private readonly tracker: Tracker,
  ) {}

  handleConnection(client: EmittingClient): void {
    client.emit('connectedState', this.state.snapshot(client, 'connection'));
  }

  async handleDisconnect(client: EmittingClient): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.tracker.disconnected.push(this.state.snapshot(client, 'disconnect'));
    this.tracker.fastFinished.resolve();
  }

  @SubscribeMessage('state')
  onState(client: unknown): unknown {
    return { event: 'state', data: this.state.snapshot(client, 'message') };
  }
}

@WebSocketGateway({ path: '/shared' })
class FastGateway {
  constructor(
    private readonly state: ConnectionState,
    private readonly tracker: Tracker,
  ) {}

  handleDisconnect(client: unknown): void {
    this.state.snapshot(client, 'fast');
    this.tracker.fastFinished.resolve();
  }
}

@WebSocketGateway({ path: '/shared' })
class SlowGateway {
  constructor(
    private readonly state: ConnectionState,
    private readonly tracker: Tracker,
    private readonly modules: ModuleRef,
  ) {}

  async handleDisconnect(client: object): Promise<void> {
    await this.tracker.gate.promise;
    const context = ContextIdFactory.getByRequest(client);
    const resolved = await this.modules.resolve(ConnectionState, context, { strict: false });
    this.tracker.slowFinished.resolve(resolved === this.state);
  }
}

describe('Nest’s integration tests for request scope', () => {
  let app: NestApp;
  afterEach(() => app.stop());

  it('makes one request-scoped provider for each connection, until its handleDisconnect is done', async () => {
    app = await NestApp.start(RequestScopeGateway, ConnectionState, Tracker);
    const tracker = app.get(Tracker);
    for (const instance of [1, 2]) {
      const client = await app.connect();
      const connected = { instance, sequence: 1, source: 'connection', isClient: true };
      expect(await client.nextJson()).toEqual({ event: 'connectedState', data: connected });
      client.send({ event: 'state' });
      const asked = { instance, sequence: 2, source: 'message', isClient: true };
      expect(await client.nextJson()).toEqual({ event: 'state', data: asked });
      if (instance === 1) client.close();
    }
    await tracker.fastFinished.promise;
    expect(tracker.disconnected).toEqual([
      { instance: 1, sequence: 3, source: 'disconnect', isClient: true },
    ]);
    expect(tracker.states).toBe(2);
  });

  it('keeps the providers of a connection while another gateway of it still disconnects', async () => {
    app = await NestApp.start(FastGateway, SlowGateway, ConnectionState, Tracker);
    const tracker = app.get(Tracker);
    const client = await app.connect('/shared');
    client.close();
    await tracker.fastFinished.promise;
    await new Promise((resolve) => setImmediate(resolve));
    tracker.gate.resolve();
    expect(await tracker.slowFinished.promise).toBe(true);
  });
});
