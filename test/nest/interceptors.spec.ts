import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { concat, delay, EMPTY, map, NEVER, of, retry, startWith, tap } from 'rxjs';
import { NestApp } from './nest-app.js';

const storage = new AsyncLocalStorage<string>();
let calls = 0;
let seen: unknown[] = [];

function intercept(run: (next: CallHandler, context: ExecutionContext) => any): NestInterceptor {
  return { intercept: (context, next) => run(next, context) };
}

const plain = intercept((next) => next.handle().pipe(map((value) => value)));

@WebSocketGateway()
class Gateway {
  @UseInterceptors(plain)
  @SubscribeMessage('value')
  value() {
    return 'value';
  }

  @UseInterceptors(plain, plain)
  @SubscribeMessage('promise')
  async promise() {
    await Promise.resolve();
    return 'promised';
  }

  @UseInterceptors(plain)
  @SubscribeMessage('nothing')
  nothing() {}

  @UseInterceptors(plain)
  @SubscribeMessage('throws')
  async throws() {
    throw new Error('thrown');
  }

  @UseInterceptors(plain)
  @SubscribeMessage('stream')
  stream() {
    return of(1, 2);
  }

  @UseInterceptors(plain)
  @SubscribeMessage('one-item')
  async oneItem() {
    return of(1);
  }

  @UseInterceptors(plain)
  @SubscribeMessage('generator')
  async *generator() {
    yield 1;
    yield 2;
  }

  @UseInterceptors(intercept(() => of('cached')))
  @SubscribeMessage('cached')
  cached() {
    calls++;
  }

  @UseInterceptors(intercept(() => EMPTY))
  @SubscribeMessage('empty')
  empty() {
    return 'never seen';
  }

  @UseInterceptors(intercept(async (next) => next.handle()))
  @SubscribeMessage('late')
  late() {
    return 'late';
  }

  @UseInterceptors(intercept((next) => next.handle().pipe(delay(1))))
  @SubscribeMessage('delayed')
  delayed() {
    return 'delayed';
  }

  @UseInterceptors(intercept((next) => next.handle().pipe(startWith('first'))))
  @SubscribeMessage('more')
  async more() {
    return 'second';
  }

  @UseInterceptors(intercept((next) => concat(next.handle(), NEVER)))
  @SubscribeMessage('endless')
  async endless() {
    return 'first of many';
  }

  @UseInterceptors(intercept((next) => next.handle().pipe(retry(2))))
  @SubscribeMessage('retried')
  retried() {
    if (++calls < 3) throw new Error('again');
    return calls;
  }

  @UseInterceptors(intercept((next) => (next.handle(), of('not subscribed'))))
  @SubscribeMessage('lazy')
  lazy() {
    calls++;
  }

  @UseInterceptors(intercept(() => undefined))
  @SubscribeMessage('broken')
  broken() {}

  @UseInterceptors(
    intercept((next) =>
      storage.run('outer', () => next.handle()).pipe(tap(() => seen.push(storage.getStore()))),
    ),
    intercept((next) => {
      seen.push(storage.getStore());
      return storage.run('inner', () => next.handle());
    }),
  )
  @SubscribeMessage('storage')
  async storage() {
    await Promise.resolve();
    seen.push(storage.getStore());
  }
}

describe('interceptors', () => {
  let app: NestApp;
  beforeEach(async () => {
    calls = 0;
    seen = [];
    app = await NestApp.start({ providers: [Gateway] });
  });
  afterEach(() => app.stop());

  it.each([
    ['value', 'value'],
    ['promise', 'promised'],
    ['nothing', null],
    ['late', 'late'],
    ['delayed', 'delayed'],
    ['cached', 'cached'],
    ['empty', null],
    ['lazy', 'not subscribed'],
  ])('that give one value (%s) make it the outcome', async (event, data) => {
    const client = await app.connect();
    expect(await client.ask(event)).toEqual({ id: 1, data });
    expect(calls).toBe(0);
  });

  it.each(['stream', 'generator'])('keep what the method returned a stream (%s)', async (event) => {
    const client = await app.connect();
    client.send({ event, id: 1 });
    expect([await client.nextJson(), await client.nextJson(), await client.nextJson()]).toEqual([
      { id: 1, data: 1, more: true },
      { id: 1, data: 2, more: true },
      { id: 1, done: true },
    ]);
  });

  it('keep a stream of one item a stream', async () => {
    const client = await app.connect();
    expect(await client.ask('one-item')).toEqual({ id: 1, data: 1, more: true });
    expect(await client.nextJson()).toEqual({ id: 1, done: true });
  });

  it('make a stream of several values', async () => {
    const client = await app.connect();
    expect(await client.ask('more')).toEqual({ id: 1, data: 'first', more: true });
    expect(await client.nextJson()).toEqual({ id: 1, data: 'second', more: true });
    expect(await client.nextJson()).toEqual({ id: 1, done: true });
  });

  it('give the first value of what never ends at once', async () => {
    const client = await app.connect();
    expect(await client.ask('endless')).toEqual({ id: 1, data: 'first of many', more: true });
    client.send({ event: 'endless' });
    expect(await client.next()).toBe('"first of many"');
  });

  it('send what messages without id give, as it comes', async () => {
    const client = await app.connect();
    client.send({ event: 'more' });
    expect([await client.next(), await client.next()]).toEqual(['"first"', '"second"']);
    client.send({ event: 'promise' });
    expect(await client.next()).toBe('"promised"');
  });

  it('pass errors on', async () => {
    const client = await app.connect();
    expect(await client.ask('throws')).toMatchObject({ error: { code: 'INTERNAL' } });
    expect(await client.ask('broken')).toMatchObject({ error: { code: 'INTERNAL' } });
  });

  it('call the method once for each subscription', async () => {
    const client = await app.connect();
    expect(await client.ask('retried')).toEqual({ id: 1, data: 3 });
  });

  it('give the method the AsyncLocalStorage in which handle() was called', async () => {
    const client = await app.connect();
    await client.ask('storage');
    expect(seen).toEqual(['outer', 'inner', undefined]);
  });
});
