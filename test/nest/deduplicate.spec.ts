import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { Deduplicate } from '../../lib/nest/decorators/deduplicate.decorator.js';
import { RateLimit } from '../../lib/nest/decorators/rate-limit.decorator.js';
import { NestApp } from './nest-app.js';

let nest: NestApp;
afterEach(() => nest.stop());

let payments = 0;

@WebSocketGateway()
class PaymentGateway {
  @Deduplicate()
  @RateLimit({ messages: 2, perMs: 60_000 })
  @SubscribeMessage('pay')
  pay(@MessageBody() amount: number) {
    return { payment: ++payments, amount };
  }

  @SubscribeMessage('count')
  count() {
    return ++payments;
  }
}

beforeEach(() => {
  payments = 0;
});

it('@Deduplicate() handles a message of one handler once; repeats do not count against a limit after it', async () => {
  nest = await NestApp.start({ providers: [PaymentGateway] });
  const client = await nest.connect();
  for (let i = 0; i < 5; i++)
    expect(await client.ask('pay', 5, 'a')).toEqual({ id: 'a', data: { payment: 1, amount: 5 } });
  expect(await client.ask('pay', 5, 'b')).toMatchObject({ data: { payment: 2 } });
  expect(await client.ask('pay', 5, 'c')).toMatchObject({ error: { code: 'RATE_LIMITED' } });
  expect([await client.ask('count', 0, 'x'), await client.ask('count', 0, 'x')]).toMatchObject([
    { data: 3 },
    { data: 4 },
  ]);
});

it('Deduplicate.of() is for every handler of the module', async () => {
  nest = await NestApp.start({
    options: { middleware: [Deduplicate.of({ ttlMs: 60_000 })] },
    providers: [PaymentGateway],
  });
  const client = await nest.connect();
  expect([await client.ask('count', 0, 'x'), await client.ask('count', 0, 'x')]).toMatchObject([
    { data: 1 },
    { data: 1 },
  ]);
});

it('refuses options that cannot work at start-up', async () => {
  nest = await NestApp.start({});
  await expect(
    NestApp.start({ options: { middleware: [Deduplicate.of({ maxIds: 0 })] }, providers: [PaymentGateway] }),
  ).rejects.toThrow('maxIds');
});
