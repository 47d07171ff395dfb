import {
  type ArgumentsHost,
  BadRequestException,
  Catch,
  type ExceptionFilter,
  Injectable,
  NotFoundException,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import {
  BaseWsExceptionFilter,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  WsException,
} from '@nestjs/websockets';
import { concat, of, throwError } from 'rxjs';
import { ErrorCode } from '../../lib/protocol/error-code.js';
import { GatewireError } from '../../lib/protocol/gatewire-error.js';
import { NestApp } from './nest-app.js';

class Special extends Error {}

function tell(host: ArgumentsHost, text: string): void {
  const ws = host.switchToWs();
  ws.getClient().send(JSON.stringify({ filter: text, pattern: ws.getPattern(), data: ws.getData() }));
}

@Catch(Special)
class SpecialFilter implements ExceptionFilter {
  catch(_: Special, host: ArgumentsHost) {
    tell(host, 'special');
    return 'ignored';
  }
}

@Injectable()
class Texts {
  readonly caught = 'any, by injection';
}

@Catch()
class AnyFilter implements ExceptionFilter {
  constructor(private readonly texts: Texts) {}
  catch(_: unknown, host: ArgumentsHost) {
    tell(host, this.texts.caught);
  }
}

@Catch(WsException)
class WsFilter implements ExceptionFilter {
  catch(_: unknown, host: ArgumentsHost) {
    tell(host, 'ws');
  }
}

@Catch()
class FailingFilter implements ExceptionFilter {
  catch() {
    throw new Error('the filter is broken');
  }
}

@Catch()
class RejectingFilter implements ExceptionFilter {
  async catch() {
    throw new Error('the filter is broken');
  }
}

@Catch()
class NestFilter extends BaseWsExceptionFilter {}

@UseFilters(AnyFilter)
@WebSocketGateway({ path: '/filtered' })
class FilteredGateway {
  @UseFilters(new SpecialFilter())
  @SubscribeMessage('special')
  special() {
    throw new Special();
  }

  @UseFilters(new SpecialFilter())
  @SubscribeMessage('other')
  async other() {
    throw new Error('other');
  }

  @UseFilters(new WsFilter())
  @UseGuards({ canActivate: () => false })
  @SubscribeMessage('guarded')
  guarded() {}

  @UseFilters(new SpecialFilter())
  @SubscribeMessage('stream')
  stream() {
    return concat(
      of('item'),
      throwError(() => new Special()),
    );
  }
}

@WebSocketGateway()
class Gateway {
  @SubscribeMessage('text')
  text() {
    throw new WsException('a text');
  }

  @SubscribeMessage('object')
  object() {
    throw new WsException({ reason: 'an object' });
  }

  @SubscribeMessage('unknown')
  unknown() {
    throw new Error('secret');
  }

  @SubscribeMessage('http')
  http() {
    throw new NotFoundException('no such order');
  }

  @SubscribeMessage('own')
  own() {
    throw new GatewireError(ErrorCode.Conflict, 'taken', { details: { by: 'you' } });
  }

  @SubscribeMessage('mapped')
  mapped(@MessageBody() kind: string) {
    if (kind === 'object') throw new WsException({ code: 'OUT_OF_STOCK', message: 'sold out' });
    throw new BadRequestException(['a', 'b']);
  }

  @UseFilters(new FailingFilter())
  @SubscribeMessage('failing')
  failing() {
    throw new WsException('failing');
  }

  @UseFilters(new RejectingFilter())
  @SubscribeMessage('rejecting')
  rejecting() {
    throw new WsException('rejecting');
  }

  @UseFilters(new NestFilter())
  @SubscribeMessage('nest')
  nest() {
    throw new WsException('nest');
  }
}

describe('exception filters', () => {
  let app: NestApp;
  const errors: unknown[] = [];
  const logger = { log: () => {}, warn: () => {}, error: (...args: unknown[]) => errors.push(args[0]) };
  beforeEach(async () => {
    errors.splice(0);
    app = await NestApp.start({ providers: [Gateway, FilteredGateway, Texts], logger });
  });
  afterEach(() => app.stop());

  it('are asked method first; the first that catches the type answers, and what it returns is ignored', async () => {
    const client = await app.connect('/filtered');
    client.send({ event: 'special', data: 1 });
    expect(await client.nextJson()).toEqual({ filter: 'special', pattern: 'special', data: 1 });
    client.send({ event: 'other' });
    expect(await client.nextJson()).toMatchObject({ filter: 'any, by injection' });
    client.send({ event: 'guarded' });
    expect(await client.nextJson()).toMatchObject({ filter: 'ws' });
  });

  it('see the errors of a returned Observable', async () => {
    const client = await app.connect('/filtered');
    client.send({ event: 'stream' });
    expect(await client.next()).toBe('"item"');
    expect(await client.nextJson()).toMatchObject({ filter: 'special' });
  });

  it('run for requests too, whose outcome is the error all the same', async () => {
    const client = await app.connect('/filtered');
    client.send({ event: 'special', id: 9 });
    expect(await client.nextJson()).toMatchObject({ filter: 'special' });
    expect(await client.nextJson()).toEqual({
      id: 9,
      error: { code: 'INTERNAL', message: 'Internal server error' },
    });
  });

  it('are answered for by the exception event in the shape of Nest 12', async () => {
    const client = await app.connect();
    client.send({ event: 'text', data: { n: 1 } });
    const cause = { pattern: 'text', data: { n: 1 } };
    expect(await client.nextJson()).toEqual({
      event: 'exception',
      data: { status: 'error', message: 'a text', cause },
    });
    client.send({ event: 'object' });
    expect(await client.nextJson()).toEqual({ event: 'exception', data: { reason: 'an object' } });
    expect(errors).toEqual([]);
    client.send({ event: 'unknown', data: 5 });
    expect(await client.nextJson()).toEqual({
      event: 'exception',
      data: { status: 'error', message: 'Internal server error', cause: { pattern: 'unknown', data: 5 } },
    });
    expect(String(errors[0])).toContain('secret');
    client.send({ event: 'http' });
    expect(await client.nextJson()).toMatchObject({ data: { message: 'Internal server error' } });
    client.send({ event: 'own' });
    expect(await client.nextJson()).toMatchObject({
      data: { message: 'taken', code: 'CONFLICT', details: { by: 'you' } },
    });
  });

  it.each(['failing', 'rejecting'])(
    'that fail (%s) are logged, and the default answer is sent',
    async (event) => {
      const client = await app.connect();
      client.send({ event });
      expect(await client.nextJson()).toMatchObject({ event: 'exception', data: { message: event } });
      expect(errors.map(String).join()).toContain('filter');
    },
  );

  it('may extend those of Nest', async () => {
    const client = await app.connect();
    client.send({ event: 'nest' });
    expect(await client.nextJson()).toMatchObject({
      event: 'exception',
      data: { status: 'error', message: 'nest' },
    });
  });

  it('leave requesters with a code, never with their own data', async () => {
    const client = await app.connect();
    const errorOf = async (event: string, data?: unknown): Promise<unknown> =>
      (await client.ask(event, data))['error'];
    expect(await errorOf('text', 'mine')).toEqual({ code: 'BAD_REQUEST', message: 'a text' });
    expect(await errorOf('http')).toEqual({ code: 'NOT_FOUND', message: 'no such order' });
    expect(await errorOf('own')).toEqual({ code: 'CONFLICT', message: 'taken', details: { by: 'you' } });
    expect(await errorOf('mapped', 'object')).toEqual({ code: 'OUT_OF_STOCK', message: 'sold out' });
    expect(await errorOf('mapped', 'list')).toMatchObject({
      code: 'VALIDATION_FAILED',
      details: [{ path: '', constraints: { message: 'a', message2: 'b' } }],
    });
    errors.splice(0);
    expect(await errorOf('unknown')).toEqual({ code: 'INTERNAL', message: 'Internal server error' });
    expect(String(errors[0])).toContain('secret');
    expect(client.unread).toEqual([]);
  });
});

describe('global filters', () => {
  const httpCatchAll = { provide: APP_FILTER, useValue: { catch: () => undefined } };

  it('do not swallow the errors of gateways', async () => {
    const app = await NestApp.start({ providers: [Gateway, httpCatchAll] });
    const client = await app.connect();
    client.send({ event: 'text' });
    expect(await client.nextJson()).toMatchObject({ event: 'exception' });
    await app.stop();
  });

  it('see them with globalFilters, behind those of class and method', async () => {
    const providers = [FilteredGateway, Texts, Gateway, { provide: APP_FILTER, useClass: WsFilter }];
    const app = await NestApp.start({ providers, options: { globalFilters: true } });
    const client = await app.connect();
    client.send({ event: 'text' });
    expect(await client.nextJson()).toMatchObject({ filter: 'ws' });
    const filtered = await app.connect('/filtered');
    filtered.send({ event: 'other' });
    expect(await filtered.nextJson()).toMatchObject({ filter: 'any, by injection' });
    await app.stop();
  });
});
