import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { MessageBody, SubscribeMessage, WebSocketGateway, WsException } from '@nestjs/websockets';
import { catchError, delay, EMPTY, map, Observable, of, retry, tap } from 'rxjs';
import { CallLog } from '../oracle/call-log.js';
import type { Scenario } from '../oracle/scenario.js';

const intercept = (
  how: (next: CallHandler) => Observable<unknown> | Promise<Observable<unknown>>,
): NestInterceptor => ({
  intercept: (_context: ExecutionContext, next: CallHandler) => how(next),
});

@WebSocketGateway()
class InterceptedGateway {
  private attempts = 0;

  @UseInterceptors(
    intercept((next) => next.handle().pipe(map((value) => ({ event: 'mapped', data: value })))),
  )
  @SubscribeMessage('map')
  map(@MessageBody() data: unknown): unknown {
    return data;
  }

  @UseInterceptors(
    intercept((next) => next.handle().pipe(map((value) => ({ event: 'mapped', data: value })))),
  )
  @SubscribeMessage('map stream')
  mapStream(): unknown {
    return of(1, 2);
  }

  @UseInterceptors(intercept((next) => next.handle().pipe(delay(5))))
  @SubscribeMessage('delay')
  delay(@MessageBody() data: unknown): unknown {
    return data;
  }

  @UseInterceptors(intercept(() => of('instead')))
  @SubscribeMessage('instead')
  instead(): string {
    return 'never';
  }

  @UseInterceptors(intercept(() => EMPTY))
  @SubscribeMessage('empty')
  empty(): string {
    return 'never';
  }

  @UseInterceptors(
    intercept(async (next) => Promise.resolve(next.handle().pipe(map(() => 'after a promise')))),
  )
  @SubscribeMessage('promise')
  promise(): string {
    return 'mapped';
  }

  @UseInterceptors(
    intercept(() => {
      throw new WsException('interceptor threw');
    }),
  )
  @SubscribeMessage('throw')
  throw(): string {
    return 'never';
  }

  @UseInterceptors(
    intercept((next) => next.handle().pipe(catchError((error: Error) => of(`caught ${error.message}`)))),
  )
  @SubscribeMessage('catch')
  catch(): string {
    throw new Error('by the handler');
  }

  @UseInterceptors(intercept((next) => next.handle().pipe(retry(2))))
  @SubscribeMessage('retry')
  retry(): string {
    if (++this.attempts < 3) throw new Error('again');
    return `attempt ${this.attempts}`;
  }
}

@Injectable()
class NotingInterceptor implements NestInterceptor {
  constructor(private readonly log: CallLog) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const ws = context.switchToWs();
    this.log.note('before', ws.getClient(), ws.getData(), ws.getPattern(), context.getType());
    return next.handle().pipe(tap((value) => this.log.note('after', value)));
  }
}

@UseInterceptors(NotingInterceptor)
@WebSocketGateway()
class OrderGateway {
  constructor(private readonly log: CallLog) {}

  @UseInterceptors(NotingInterceptor)
  @SubscribeMessage('go')
  go(@MessageBody() data: unknown): unknown {
    this.log.note('handler', data);
    return data;
  }
}

const storage = new AsyncLocalStorage<{ name: string }>();

@Injectable()
class StorageInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { name } = context.switchToWs().getData<{ name: string }>();
    return new Observable((subscriber) => storage.run({ name }, () => next.handle().subscribe(subscriber)));
  }
}

@UseInterceptors(StorageInterceptor)
@WebSocketGateway()
class StorageGateway {
  @SubscribeMessage('now')
  now(): unknown {
    return { event: 'now', data: storage.getStore() };
  }

  @SubscribeMessage('later')
  async later(): Promise<unknown> {
    await new Promise((resolve) => setImmediate(resolve));
    return { event: 'later', data: storage.getStore() };
  }
}

export const interceptors: Scenario[] = [
  {
    name: 'lets interceptors map, delay, replace, throw, catch and retry',
    module: { providers: [InterceptedGateway] },
    asOnNest12: 'Errors reach the client on Nest 11',
    play: async (stage) => {
      const client = await stage.connect();
      let total = 0;
      const events = {
        map: 1,
        'map stream': 2,
        delay: 1,
        instead: 1,
        empty: 0,
        promise: 1,
        throw: 1,
        catch: 1,
        retry: 1,
      };
      for (const [event, items] of Object.entries(events)) {
        client.send({ event, data: 'd' });
        await client.receives((total += items));
      }
    },
  },
  {
    name: 'runs global, class and method interceptors around the handler in Nest’s order',
    module: { providers: [OrderGateway, { provide: APP_INTERCEPTOR, useClass: NotingInterceptor }] },
    asOnNest12: 'Global enhancers on Nest 11',
    play: async (stage) => {
      const client = await stage.connect();
      client.send({ event: 'go', data: 'first' });
      await client.receives(1);
      client.send({ event: 'go', data: 'second' });
      await client.receives(2);
    },
  },
  {
    name: 'keeps an AsyncLocalStorage that an interceptor runs the handler in',
    module: { providers: [StorageGateway] },
    play: async (stage) => {
      const client = await stage.connect();
      for (const [index, event] of ['now', 'later', 'now', 'later'].entries())
        client.send({ event, data: { name: `m${index}` } });
      await client.receives(4);
    },
  },
];
