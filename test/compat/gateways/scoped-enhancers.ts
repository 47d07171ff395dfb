import {
  type CallHandler,
  type CanActivate,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
  Scope,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { map, type Observable } from 'rxjs';
import { CallLog } from '../oracle/call-log.js';
import type { Scenario } from '../oracle/scenario.js';

@Injectable()
class Counter {
  #count = 0;

  next(): number {
    return ++this.#count;
  }
}

@Injectable({ scope: Scope.REQUEST })
class ScopedGuard implements CanActivate {
  readonly #instance: number;

  constructor(
    @Inject(REQUEST) private readonly client: unknown,
    private readonly log: CallLog,
    counter: Counter,
  ) {
    this.#instance = counter.next();
  }

  canActivate(context: ExecutionContext): boolean {
    this.log.note('guard', this.#instance, context.switchToWs().getClient() === this.client);
    return true;
  }
}

@Injectable({ scope: Scope.REQUEST })
class ScopedInterceptor implements NestInterceptor {
  readonly #instance: number;

  constructor(counter: Counter) {
    this.#instance = counter.next();
  }

  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(map((value: object) => ({ ...value, interceptor: this.#instance })));
  }
}

@UseGuards(ScopedGuard)
@WebSocketGateway()
class ScopedEnhancersGateway {
  @UseInterceptors(ScopedInterceptor)
  @SubscribeMessage('ask')
  ask(@MessageBody() data: unknown): unknown {
    return { event: 'asked', data };
  }
}

const play: Scenario['play'] = async (stage) => {
  for (let connection = 0; connection < 2; connection++) {
    await (await stage.connect()).exchange({ event: 'ask', data: 1 }, { event: 'ask', data: 2 });
  }
};

export const scopedEnhancers: Scenario[] = [
  {
    name: 'makes request-scoped enhancers of a gateway once a connection',
    module: { providers: [ScopedEnhancersGateway, ScopedGuard, ScopedInterceptor, Counter] },
    asOnNest12: 'Request scope on Nest 11',
    play,
  },
];
