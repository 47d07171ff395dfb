import { BadRequestException, type CanActivate, Injectable, Scope, UseGuards } from '@nestjs/common';
import {
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  WebSocketServer,
  WsException,
} from '@nestjs/websockets';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { immediate } from '../../lib/exchange/retry-strategy.js';
import { Reliable } from '../../lib/nest/decorators/reliable.decorator.js';
import type { OnDeadLetter } from '../../lib/nest/on-dead-letter.js';
import type { DeadLetter } from '../../lib/pipeline/dead-letter.js';
import { createAckHandler } from '../../lib/server/ack-handler.js';
import { GatewireServer } from '../../lib/server/gatewire-server.js';
import { NestApp } from './nest-app.js';

@WebSocketGateway({ path: '/orders' })
class OrdersGateway implements OnDeadLetter {
  readonly letters: DeadLetter[] = [];
  @WebSocketServer() readonly server!: GatewireServer;

  onDeadLetter(letter: DeadLetter) {
    this.letters.push(letter);
  }

  @SubscribeMessage('changed')
  changed() {
    this.server.emit('order', { id: 1 }, { reliable: true });
  }
}

describe('onDeadLetter', () => {
  let app: NestApp;
  afterEach(() => app.stop());

  it('is told of a reliable emit that was refused', async () => {
    app = await NestApp.start({ providers: [OrdersGateway] });
    const client = await app.connect('/orders');
    client.send({ event: 'changed' });
    const { id, event } = await client.nextJson();
    expect(event).toBe('order');
    client.send({ id, error: { code: 'UNKNOWN_EVENT', message: 'nobody listens' } });
    await client.ask('$ping');
    expect(app.app.get(OrdersGateway).letters).toMatchObject([
      { direction: 'outbound', event: 'order', data: { id: 1 }, attempts: 1, reason: 'refused' },
    ]);
  });
});

let calls: string[] = [];

class Never implements CanActivate {
  canActivate(): boolean {
    calls.push('guard');
    return false;
  }
}

const kinds: Record<string, () => unknown> = {
  fault: () => new Error('the disk is full'),
  ws: () => new WsException('no such order'),
  http: () => new BadRequestException('no such order'),
};

@Reliable({ retry: immediate({ count: 2 }) })
@WebSocketGateway({ path: '/work' })
class WorkGateway implements OnDeadLetter {
  readonly letters: DeadLetter[] = [];

  onDeadLetter(letter: DeadLetter) {
    this.letters.push(letter);
  }

  @SubscribeMessage('do')
  do(@MessageBody() kind: string) {
    calls.push(kind);
    throw kinds[kind]?.();
  }

  @UseGuards(Never)
  @SubscribeMessage('secret')
  secret() {
    calls.push('secret');
  }

  @Reliable({ retry: immediate({ count: 1 }), when: (error) => error instanceof WsException })
  @SubscribeMessage('own')
  async own(@MessageBody() kind: string) {
    calls.push(kind);
    await Promise.resolve();
    throw kinds[kind]?.();
  }
}

@Injectable({ scope: Scope.REQUEST })
@WebSocketGateway({ path: '/scoped' })
class ScopedGateway implements OnDeadLetter {
  #count = 0;

  onDeadLetter({ attempts }: DeadLetter) {
    calls.push(`${attempts} attempts, ${this.#count} counted`);
  }

  @Reliable({ retry: immediate({ count: 1 }) })
  @SubscribeMessage('do')
  do() {
    this.#count++;
    throw new Error('busy');
  }
}

describe('@Reliable', () => {
  let app: NestApp;
  beforeEach(() => (calls = []));
  afterEach(() => app.stop());

  it('on a class calls its handlers again for faults, and not for answers and refusals', async () => {
    app = await NestApp.start({ providers: [WorkGateway] });
    const client = await app.connect('/work');
    expect(await client.ask('do', 'fault', 1)).toMatchObject({ error: { code: 'INTERNAL' } });
    expect(await client.ask('do', 'ws', 2)).toMatchObject({ error: { message: 'no such order' } });
    expect(await client.ask('do', 'http', 3)).toMatchObject({ error: { code: 'BAD_REQUEST' } });
    expect(await client.ask('secret', null, 4)).toMatchObject({ error: { code: 'FORBIDDEN' } });
    expect(calls).toEqual(['fault', 'fault', 'fault', 'ws', 'http', 'guard']);
    expect(app.app.get(WorkGateway).letters).toMatchObject([
      { direction: 'inbound', event: 'do', data: 'fault', attempts: 3, reason: 'given-up' },
    ]);
  });

  it('on a method has a rule of its own', async () => {
    app = await NestApp.start({ providers: [WorkGateway] });
    const client = await app.connect('/work');
    await client.ask('own', 'ws', 1);
    await client.ask('own', 'fault', 2);
    expect(calls).toEqual(['ws', 'ws', 'fault']);
  });

  it('tells the instance of the connection, where a gateway has one for each', async () => {
    app = await NestApp.start({ providers: [ScopedGateway] });
    const client = await app.connect('/scoped');
    await client.ask('do');
    await client.ask('$ping');
    expect(calls).toEqual(['2 attempts, 2 counted']);
  });
});

describe('createAckHandler', () => {
  let app: NestApp;
  afterEach(() => app.stop());

  it.each([
    ['before', false],
    ['behind', true],
  ])('takes answers %s the body parser of Nest', async (_where, isBehind) => {
    app = await NestApp.start({
      providers: [OrdersGateway],
      before: (nest) => {
        if (isBehind) (nest as NestExpressApplication).useBodyParser('json');
        nest.use('/gatewire/ack', createAckHandler(nest.get(GatewireServer)));
      },
    });
    const client = await app.connect('/orders');
    const [connection] = await app.app.get<GatewireServer>(GatewireServer).connections();
    const answer = connection?.request('sign', null, { ack: 'http' });
    const { meta } = (await client.nextJson()) as { meta: { ack: string } };
    const { status } = await fetch(`${app.url.replace('ws', 'http')}/gatewire/ack`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: meta.ack, data: 'signed' }),
    });
    expect([status, await answer]).toEqual([204, 'signed']);
  });
});
