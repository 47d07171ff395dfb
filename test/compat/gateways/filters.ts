import {
  type ArgumentsHost,
  BadRequestException,
  Catch,
  type ExceptionFilter,
  HttpException,
  Injectable,
  UseFilters,
} from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { BaseWsExceptionFilter, SubscribeMessage, WebSocketGateway, WsException } from '@nestjs/websockets';
import { CallLog } from '../oracle/call-log.js';
import type { Scenario } from '../oracle/scenario.js';
import type { Stage } from '../oracle/stage.js';
import { ThrowingMethods, throwingEvents } from './throwing-methods.js';

@WebSocketGateway()
class ThrowingGateway extends ThrowingMethods {}

@Catch()
@Injectable()
class SilentFilter implements ExceptionFilter {
  constructor(private readonly log: CallLog) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    this.log.note(
      'silent',
      exception,
      host.getType(),
      host.switchToWs().getPattern(),
      host.switchToWs().getData(),
    );
  }
}

@UseFilters(SilentFilter)
@WebSocketGateway()
class SilentGateway extends ThrowingMethods {}

@Catch(WsException, HttpException)
class SendingFilter implements ExceptionFilter {
  catch(exception: Error, host: ArgumentsHost): string {
    const client = host.switchToWs().getClient<{ send(text: string): void }>();
    client.send(
      JSON.stringify({
        event: 'filtered',
        data: { name: exception.constructor.name, message: exception.message },
      }),
    );
    return 'what a filter returns is not sent';
  }
}

@UseFilters(new SendingFilter())
@WebSocketGateway()
class SendingGateway extends ThrowingMethods {}

@Catch()
class ExtendedFilter extends BaseWsExceptionFilter {
  override catch(exception: unknown, host: ArgumentsHost): void {
    const error = exception instanceof HttpException ? new WsException(exception.getResponse()) : exception;
    super.catch(error, host);
  }
}

@UseFilters(new ExtendedFilter())
@WebSocketGateway()
class ExtendedGateway extends ThrowingMethods {}

@UseFilters(new ExtendedFilter({ includeCause: false }))
@WebSocketGateway()
class NoCauseGateway extends ThrowingMethods {}

@UseFilters(new ExtendedFilter({ causeFactory: (pattern, data) => ({ pattern, from: 'factory', data }) }))
@WebSocketGateway()
class CauseFactoryGateway extends ThrowingMethods {}

@Catch(TypeError)
class OtherFilter implements ExceptionFilter {
  catch(_exception: unknown, host: ArgumentsHost): void {
    host.switchToWs().getClient<{ send(text: string): void }>().send('type error filter');
  }
}

@UseFilters(new SendingFilter())
@WebSocketGateway()
class LayeredGateway extends ThrowingMethods {
  @UseFilters(new OtherFilter(), SilentFilter)
  @SubscribeMessage('layered')
  layered(): never {
    throw new WsException('which filter?');
  }

  @UseFilters(new OtherFilter())
  @SubscribeMessage('falls through')
  fallsThrough(): never {
    throw new BadRequestException('to the filter of the class');
  }
}

@Catch()
class HttpCatchAll implements ExceptionFilter {
  catch(_exception: unknown, host: ArgumentsHost): void {
    const response = host
      .switchToHttp()
      .getResponse<{ status(code: number): { json(body: unknown): void } }>();
    response.status(500).json({ error: 'http only' });
  }
}

const play = async (stage: Stage): Promise<void> => {
  const client = await stage.connect();
  for (const event of throwingEvents) await client.exchange({ event, data: { sent: event } });
};

const asOnNest12 = 'Errors reach the client on Nest 11';

export const filters: Scenario[] = [
  { name: 'turns errors into exception events', module: { providers: [ThrowingGateway] }, play, asOnNest12 },
  { name: 'sends nothing after a filter that returns nothing', module: { providers: [SilentGateway] }, play },
  { name: 'lets a filter send', module: { providers: [SendingGateway] }, play, asOnNest12 },
  {
    name: 'runs a subclass of BaseWsExceptionFilter',
    module: { providers: [ExtendedGateway] },
    play,
    asOnNest12,
  },
  {
    name: 'leaves the cause out as a filter’s option says',
    module: { providers: [NoCauseGateway] },
    play,
    asOnNest12,
  },
  {
    name: 'makes the cause with a filter’s causeFactory',
    module: { providers: [CauseFactoryGateway] },
    play,
    asOnNest12,
  },
  {
    name: 'asks the filters of the method before those of the class',
    module: { providers: [LayeredGateway] },
    play: async (stage) => {
      const client = await stage.connect();
      await client.exchange({ event: 'layered' }, { event: 'falls through' });
    },
  },
  {
    name: 'does not ask an APP_FILTER made for HTTP',
    module: { providers: [ThrowingGateway, { provide: APP_FILTER, useClass: HttpCatchAll }] },
    play,
    asOnNest12,
  },
  {
    name: 'does not ask a filter of app.useGlobalFilters',
    module: { providers: [ThrowingGateway] },
    prepare: (app) => app.useGlobalFilters(new HttpCatchAll()),
    play,
    asOnNest12,
  },
];
