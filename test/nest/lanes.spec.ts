import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { Concurrency } from '../../lib/nest/decorators/concurrency.decorator.js';
import { OrderBy } from '../../lib/nest/decorators/order-by.decorator.js';
import { deferred } from '../support/engine-fixture.js';
import { NestApp } from './nest-app.js';

let log: string[] = [];
let gates: Record<string, { promise: Promise<void>; resolve: (value: void) => void }> = {};

async function pass(name: string): Promise<void> {
  log.push(`in ${name}`);
  await (gates[name] ??= deferred()).promise;
  log.push(`out ${name}`);
}

/** Lets what waits under a name go on, once it waits. */
async function open(name: string): Promise<void> {
  while (gates[name] === undefined) await new Promise((resolve) => setImmediate(resolve));
  gates[name].resolve();
}

@Concurrency(1)
@WebSocketGateway({ path: '/lanes' })
class LaneGateway {
  @SubscribeMessage('a')
  async a(@MessageBody() name: string) {
    await pass(name);
  }

  @SubscribeMessage('b')
  async b(@MessageBody() name: string) {
    await pass(name);
  }

  @Concurrency(2)
  @SubscribeMessage('own')
  async own(@MessageBody() name: string) {
    await pass(name);
  }

  @OrderBy('order.id')
  @SubscribeMessage('ordered')
  async ordered(@MessageBody() { name }: { name: string }) {
    await pass(name);
  }

  @OrderBy((data: { key: string }) => data.key)
  @SubscribeMessage('keyed')
  async keyed(@MessageBody() { name }: { name: string }) {
    await pass(name);
  }
}

describe('@Concurrency and @OrderBy', () => {
  let app: NestApp;
  beforeEach(() => {
    log = [];
    gates = {};
  });
  afterEach(() => app.stop());

  it('limit a gateway to one message of a connection at a time', async () => {
    app = await NestApp.start({ providers: [LaneGateway] });
    const client = await app.connect('/lanes');
    const first = client.ask('a', 'first', 1);
    client.send({ event: 'b', data: 'second', id: 2 });
    client.send({ event: 'own', data: 'third' });
    client.send({ event: 'own', data: 'fourth' });
    await open('third');
    await open('fourth');
    expect(log).not.toContain('in second');
    await open('first');
    await first;
    await open('second');
    expect(await client.nextJson()).toEqual({ id: 2, data: null });
    expect(log.indexOf('in second')).toBeGreaterThan(log.indexOf('out first'));
  });

  it.each([
    ['ordered', (id: number) => ({ order: { id } })],
    ['keyed', (id: number) => ({ key: id })],
  ])('order messages by a key (%s)', async (event, dataOf) => {
    app = await NestApp.start({ providers: [LaneGateway] });
    const client = await app.connect('/lanes');
    client.send({ event, data: { ...dataOf(1), name: 'one' }, id: 1 });
    client.send({ event, data: { ...dataOf(1), name: 'same' }, id: 2 });
    client.send({ event, data: { ...dataOf(2), name: 'other' }, id: 3 });
    await open('other');
    expect(await client.nextJson()).toEqual({ id: 3, data: null });
    expect(log).toEqual(['in one', 'in other', 'out other']);
    await open('one');
    await open('same');
    expect(await client.nextJson()).toEqual({ id: 1, data: null });
    expect(await client.nextJson()).toEqual({ id: 2, data: null });
  });

  it('refuse a limit that lets nothing in', async () => {
    expect(() => Concurrency(0)).toThrow('@Concurrency');
    app = await NestApp.start({ providers: [LaneGateway] });
  });
});
