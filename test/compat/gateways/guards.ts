import {
  type CanActivate,
  Catch,
  type ExceptionFilter,
  type ArgumentsHost,
  type ExecutionContext,
  Injectable,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { MessageBody, SubscribeMessage, WebSocketGateway, WsException } from '@nestjs/websockets';
import { from, of } from 'rxjs';
import { CallLog } from '../oracle/call-log.js';
import type { Scenario } from '../oracle/scenario.js';

@Injectable()
class TokenGuard implements CanActivate {
  constructor(private readonly log: CallLog) {}

  canActivate(context: ExecutionContext): boolean {
    const ws = context.switchToWs();
    const data = ws.getData<{ token?: string } | undefined>();
    this.log.note(
      'canActivate',
      ws.getClient(),
      data,
      ws.getPattern(),
      context.getType(),
      context.getClass().name,
      context.getHandler().name,
    );
    this.log.note('args', ...context.getArgs());
    return data?.token === 'good';
  }
}

@WebSocketGateway()
@UseGuards(TokenGuard)
class GuardedGateway {
  @SubscribeMessage('guarded')
  guarded(@MessageBody() data: unknown): unknown {
    return { event: 'passed', data };
  }
}

@WebSocketGateway()
class PublicGateway {
  @SubscribeMessage('public')
  open(): string {
    return 'open to all';
  }
}

@WebSocketGateway()
class GuardKindsGateway {
  @UseGuards({ canActivate: () => Promise.resolve(true) })
  @SubscribeMessage('promise yes')
  promiseYes(): string {
    return 'yes';
  }

  @UseGuards({ canActivate: () => Promise.resolve(false) })
  @SubscribeMessage('promise no')
  promiseNo(): string {
    return 'never';
  }

  @UseGuards({ canActivate: () => of(true) })
  @SubscribeMessage('observable yes')
  observableYes(): string {
    return 'yes';
  }

  @UseGuards({ canActivate: () => from([true, false]) })
  @SubscribeMessage('observable of two')
  observableOfTwo(): string {
    return 'the last decides, so never';
  }

  @UseGuards({
    canActivate: () => {
      throw new WsException({ code: 'no', why: 'thrown' });
    },
  })
  @SubscribeMessage('throws')
  throwing(): string {
    return 'never';
  }

  @UseGuards({ canActivate: () => true }, { canActivate: () => false })
  @SubscribeMessage('second says no')
  secondSaysNo(): string {
    return 'never';
  }
}

@Catch(WsException)
class NoFilter implements ExceptionFilter<WsException> {
  catch(exception: WsException, host: ArgumentsHost): void {
    const client = host.switchToWs().getClient<{ send(text: string): void }>();
    client.send(
      JSON.stringify({
        event: 'refused',
        data: exception.getError(),
        pattern: host.switchToWs().getPattern(),
      }),
    );
  }
}

@WebSocketGateway()
@UseGuards({ canActivate: () => false })
@UseFilters(NoFilter)
class FilteredNoGateway {
  @SubscribeMessage('try')
  attempt(): string {
    return 'never';
  }
}

const only12 = 'Errors reach the client on Nest 11';

export const guards: Scenario[] = [
  {
    name: 'shows a class guard the data, the client and the pattern of each message',
    module: { providers: [GuardedGateway] },
    asOnNest12: only12,
    play: async (stage) => {
      const client = await stage.connect();
      for (const data of [{ token: 'good' }, { token: 'bad' }, undefined])
        await client.exchange({ event: 'guarded', data });
    },
  },
  {
    name: 'lets one gateway refuse beside a public one',
    module: { providers: [PublicGateway, GuardedGateway] },
    asOnNest12: only12,
    play: async (stage) => {
      const client = await stage.connect();
      await client.exchange({ event: 'public' }, { event: 'guarded' });
      await client.exchange({ event: 'guarded', data: { token: 'good' } });
    },
  },
  {
    name: 'understands every way in which a guard says yes or no',
    module: { providers: [GuardKindsGateway] },
    asOnNest12: only12,
    play: async (stage) => {
      const client = await stage.connect();
      let count = 0;
      for (const event of [
        'promise yes',
        'promise no',
        'observable yes',
        'observable of two',
        'throws',
        'second says no',
      ]) {
        client.send({ event, data: 'd' });
        await client.receives(++count);
      }
    },
  },
  {
    name: 'gives a guard’s no to a filter of WsException',
    module: { providers: [FilteredNoGateway] },
    play: async (stage) => {
      const client = await stage.connect();
      client.send({ event: 'try' });
      await client.receives(1);
    },
  },
  {
    name: 'asks global guards',
    module: { providers: [PublicGateway, { provide: APP_GUARD, useClass: TokenGuard }] },
    asOnNest12: 'Global enhancers on Nest 11',
    play: async (stage) => {
      const client = await stage.connect();
      await client.exchange({ event: 'public' }, { event: 'public', data: { token: 'good' } });
    },
  },
];
