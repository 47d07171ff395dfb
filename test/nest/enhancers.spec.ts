import {
  type CallHandler,
  type CanActivate,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  ParseIntPipe,
  type PipeTransform,
  Scope,
  UseGuards,
  UseInterceptors,
  UsePipes,
  ValidationPipe,
  createParamDecorator,
} from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { IsInt } from 'class-validator';
import { of } from 'rxjs';
import { NestApp } from './nest-app.js';

const log: string[] = [];

function guard(name: string, answer: () => any = () => true): CanActivate {
  return { canActivate: () => (log.push(`guard ${name}`), answer()) };
}

function interceptor(name: string): NestInterceptor {
  return {
    intercept: (_: ExecutionContext, next: CallHandler) => (log.push(`interceptor ${name}`), next.handle()),
  };
}

function pipe(name: string): PipeTransform {
  return { transform: (value, { type }) => (type === 'body' && log.push(`pipe ${name}`), value) };
}

class ItemDto {
  @IsInt() qty!: number;
}

@Injectable({ scope: Scope.TRANSIENT })
class TransientGuard implements CanActivate {
  readonly #made = 'constructed';
  canActivate() {
    log.push(`transient guard ${this.#made}`);
    return true;
  }
}

const Handler = createParamDecorator((suffix: string, context: ExecutionContext) =>
  Promise.resolve(
    `${context.getType()} ${context.getClass().name}.${context.getHandler().name} ${context.switchToWs().getPattern()} ${suffix}`,
  ),
);

@UseGuards(guard('class'))
@UseInterceptors(interceptor('class'))
@UsePipes(pipe('class'))
@WebSocketGateway()
class OrderedGateway {
  @UseGuards(guard('method'))
  @UseInterceptors(interceptor('method'))
  @UsePipes(pipe('method'))
  @SubscribeMessage('ordered')
  ordered(@MessageBody(pipe('param')) data: unknown) {
    log.push('method');
    return data;
  }
}

class Base {
  @SubscribeMessage('inherited')
  inherited(@MessageBody('name') name: string) {
    return `hello ${name}`;
  }
}

@WebSocketGateway()
class Gateway extends Base {
  @UsePipes(new ValidationPipe({ transform: true }))
  @SubscribeMessage('bare')
  bare(_client: unknown, item: ItemDto) {
    return item instanceof ItemDto;
  }

  @UsePipes(new ValidationPipe())
  @SubscribeMessage('decorated')
  decorated(@MessageBody() item: ItemDto) {
    return item.qty;
  }

  @SubscribeMessage('int')
  int(
    @MessageBody('n', ParseIntPipe) n: number,
    @Handler('!') handler: string,
    @ConnectedSocket() client: any,
  ) {
    return [n, handler, typeof client.send];
  }

  @UseGuards(guard('promise', () => Promise.resolve(true)), guard('observable', () => of(true)))
  @SubscribeMessage('asynchronous')
  asynchronous() {
    return 'in';
  }

  @UseGuards(guard('first', () => false), guard('second'))
  @SubscribeMessage('refused')
  refused() {
    return 'in';
  }

  @UseGuards({
    canActivate(context: ExecutionContext) {
      context.getArgs()[1] = 'replaced';
      return true;
    },
  })
  @SubscribeMessage('replaced')
  replaced(@MessageBody() data: unknown) {
    return data;
  }

  @UseGuards(TransientGuard)
  @SubscribeMessage('transient')
  transient() {
    return 'in';
  }
}

describe('enhancers', () => {
  let app: NestApp;
  beforeEach(() => log.splice(0));
  afterEach(() => app.stop());

  it('run in the order of Nest: global, class, method, parameter', async () => {
    app = await NestApp.start({
      providers: [
        OrderedGateway,
        { provide: APP_GUARD, useValue: guard('global') },
        { provide: APP_INTERCEPTOR, useValue: interceptor('global') },
        { provide: APP_PIPE, useValue: pipe('global') },
      ],
    });
    await (await app.connect()).ask('ordered', 1);
    const levels = ['global', 'class', 'method'];
    expect(log).toEqual([
      ...levels.map((level) => `guard ${level}`),
      ...levels.map((level) => `interceptor ${level}`),
      ...[...levels, 'param'].map((level) => `pipe ${level}`),
      'method',
    ]);
  });

  it('count those set on the application too', async () => {
    app = await NestApp.start({
      providers: [Gateway],
      before: (nest) => nest.useGlobalGuards(guard('application', () => false)),
    });
    const client = await app.connect();
    expect(await client.ask('asynchronous')).toMatchObject({ error: { code: 'FORBIDDEN' } });
    expect(log).toEqual(['guard application']);
  });

  it('validate a bare (client, data: Dto) handler', async () => {
    app = await NestApp.start({ providers: [Gateway] });
    const client = await app.connect();
    expect(await client.ask('bare', { qty: 1 })).toEqual({ id: 1, data: true });
    const refused = await client.ask('bare', { qty: 'secret' });
    expect(refused).toEqual({
      id: 1,
      error: {
        code: 'VALIDATION_FAILED',
        message: 'validation failed',
        details: [{ path: 'qty', constraints: { isInt: 'qty must be an integer number' } }],
      },
    });
  });

  it('validate a decorated parameter', async () => {
    app = await NestApp.start({ providers: [Gateway] });
    const client = await app.connect();
    expect(await client.ask('decorated', { qty: 2 })).toEqual({ id: 1, data: 2 });
    expect(await client.ask('decorated', {})).toMatchObject({ error: { code: 'VALIDATION_FAILED' } });
  });

  it('extract parameters, also by decorators of the application', async () => {
    app = await NestApp.start({ providers: [Gateway] });
    const client = await app.connect();
    expect(await client.ask('int', { n: '4' })).toEqual({
      id: 1,
      data: [4, 'ws Gateway.int int !', 'function'],
    });
    expect(await client.ask('int', { n: 'x' })).toMatchObject({ error: { code: 'BAD_REQUEST' } });
    expect(await client.ask('int')).toMatchObject({ error: { code: 'BAD_REQUEST' } });
    expect(await client.ask('inherited', { name: 'you' })).toEqual({ id: 1, data: 'hello you' });
  });

  it('wait for asynchronous guards, and stop at the first no', async () => {
    app = await NestApp.start({ providers: [Gateway] });
    const client = await app.connect();
    expect(await client.ask('asynchronous')).toEqual({ id: 1, data: 'in' });
    expect(await client.ask('refused')).toEqual({
      id: 1,
      error: { code: 'FORBIDDEN', message: 'Forbidden resource' },
    });
    expect(log).toEqual(['guard promise', 'guard observable', 'guard first']);
  });

  it('may replace the arguments of the message', async () => {
    app = await NestApp.start({ providers: [Gateway] });
    expect(await (await app.connect()).ask('replaced', 'sent')).toEqual({ id: 1, data: 'replaced' });
  });

  it('may be transient', async () => {
    app = await NestApp.start({ providers: [Gateway] });
    expect(await (await app.connect()).ask('transient')).toEqual({ id: 1, data: 'in' });
    expect(log).toEqual(['transient guard constructed']);
  });
});
