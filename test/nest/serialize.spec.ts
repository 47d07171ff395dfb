import { MessageBody, SubscribeMessage, WebSocketGateway, WebSocketServer } from '@nestjs/websockets';
import { Exclude, Expose, Transform, Type } from 'class-transformer';
import { Serialize } from '../../lib/nest/decorators/serialize.decorator.js';
import type { GatewireOptions } from '../../lib/nest/gatewire.options.js';
import type { GatewireServer } from '../../lib/server/gatewire-server.js';
import { SerializeStage } from '../../lib/pipeline/stages/serialize/serialize.stage.js';
import { EngineFixture } from '../support/engine-fixture.js';
import { NestApp } from './nest-app.js';

class User {
  @Expose({ name: 'userId' }) id = 7;
  @Exclude() password = 'secret';
  @Expose({ groups: ['admin'] }) email = 'a@b.c';
  @Transform(({ value }) => String(value).toUpperCase()) name = 'ada';
}

class Admin extends User {
  level = 3;
}

/** No decorators of its own. */
class Page {
  constructor(readonly users: readonly User[]) {}
}

class Money {
  constructor(readonly cents: number) {}
  toJSON() {
    return `€${this.cents / 100}`;
  }
}

class Order {
  @Type(() => User) owner = new User();
}

const written = { userId: 7, name: 'ADA' };

@WebSocketGateway()
class Gateway {
  @WebSocketServer() server!: GatewireServer;

  @SubscribeMessage('reply')
  reply() {
    return new User();
  }

  @SubscribeMessage('named')
  named() {
    return { event: 'user', data: [new User(), new Admin()] };
  }

  @SubscribeMessage('emit')
  emit(@MessageBody() what: string) {
    const data = {
      user: new User(),
      page: new Page([new User()]),
      money: { price: new Money(150), at: new Date(0) },
      order: new Order(),
    }[what];
    this.server.emit('news', data);
  }
}

async function start(options: GatewireOptions, play: (app: NestApp) => Promise<void>): Promise<void> {
  const app = await NestApp.start({ providers: [Gateway], options });
  try {
    await play(app);
  } finally {
    await app.stop();
  }
}

describe('Serialize', () => {
  it('hides in emits what is hidden in replies', () =>
    start({ middleware: [Serialize.of()] }, async (app) => {
      const client = await app.connect();
      expect(await client.ask('reply')).toEqual({ id: 1, data: written });
      expect(await client.ask('named')).toMatchObject({
        event: 'user',
        data: [written, { ...written, level: 3 }],
      });
      client.send({ event: 'emit', data: 'user' });
      expect(await client.nextJson()).toEqual({ event: 'news', data: written });
    }));

  it('finds instances in classes without decorators, and lets others say what they are', () =>
    start({ middleware: [Serialize.of()] }, async (app) => {
      const client = await app.connect();
      for (const [what, data] of [
        ['page', { users: [written] }],
        ['money', { price: '€1.5', at: '1970-01-01T00:00:00.000Z' }],
        ['order', { owner: written }],
      ]) {
        client.send({ event: 'emit', data: what });
        expect(await client.nextJson()).toEqual({ event: 'news', data });
      }
    }));

  it('takes options of class-transformer', () =>
    start({ middleware: [Serialize.of({ groups: ['admin'] })] }, async (app) => {
      expect((await (await app.connect()).ask('reply'))['data']).toEqual({ ...written, email: 'a@b.c' });
    }));

  it('on a handler is for its replies', async () => {
    @WebSocketGateway()
    class OneGateway {
      @Serialize()
      @SubscribeMessage('serialized')
      serialized() {
        return new User();
      }

      @SubscribeMessage('bare')
      bare() {
        return new User();
      }
    }
    const app = await NestApp.start({ providers: [OneGateway] });
    const client = await app.connect();
    expect((await client.ask('serialized'))['data']).toEqual(written);
    expect((await client.ask('bare'))['data']).toMatchObject({ password: 'secret' });
    await app.stop();
  });

  it('changes nothing of what the application keeps', async () => {
    const data = { list: [{ user: new User() }], rest: { deep: [1] } };
    const message = { data } as never as Parameters<SerializeStage['outbound']>[0];
    const library = { instanceToPlain: () => 'plain', knows: (target: unknown) => target === User };
    const stage = new SerializeStage({}, Promise.resolve(library), {} as never);
    await stage.outbound(message, () => undefined);
    expect(message.data).toEqual({ list: [{ user: 'plain' }], rest: { deep: [1] } });
    expect((message.data as typeof data).rest).toBe(data.rest);
    expect(data.list[0]!.user).toBeInstanceOf(User);
    const plain = { a: [{ b: 1 }] };
    message.data = plain;
    await stage.outbound(message, () => undefined);
    expect(message.data).toBe(plain);
  });

  it('refuses data that is nested in itself', async () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    const library = { instanceToPlain: (value: unknown) => value, knows: () => false };
    const stage = new SerializeStage({}, Promise.resolve(library), {} as never);
    await Promise.resolve();
    expect(() => stage.outbound({ data: cycle } as never, () => undefined)).toThrow(TypeError);
  });

  it('sends no objects at all where class-transformer is missing', async () => {
    const missing = Promise.reject(new Error('npm install class-transformer'));
    const fixture = await EngineFixture.start({
      handlers: { object: () => ({ a: 1 }), text: () => 'text' },
      host: { middleware: [{ name: 'Serialize', create: (host) => new SerializeStage({}, missing, host) }] },
    });
    const client = await fixture.connect();
    expect(await client.ask('object')).toMatchObject({ error: { code: 'INTERNAL' } });
    expect(await client.ask('text')).toMatchObject({ data: 'text' });
    expect(fixture.log.lines.join()).toContain('npm install class-transformer');
    await fixture.stop();
  });
});
