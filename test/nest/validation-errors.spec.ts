import {
  type ArgumentsHost,
  BadRequestException,
  Catch,
  type ExceptionFilter,
  HttpStatus,
  UseFilters,
  UsePipes,
  ValidationPipe,
  type ValidationPipeOptions,
} from '@nestjs/common';
import { MessageBody, SubscribeMessage, WebSocketGateway, WsException } from '@nestjs/websockets';
import { Type } from 'class-transformer';
import { IsInt, IsPositive, IsString, ValidateNested } from 'class-validator';
import { NestApp } from './nest-app.js';

class LineDto {
  @IsString() sku!: string;
  @IsInt() @IsPositive() price!: number;
}

class OrderDto {
  @IsString() id!: string;
  @ValidateNested({ each: true }) @Type(() => LineDto) items!: LineDto[];
}

const invalid = { id: 1, items: [{ sku: 'tea', price: -0.5 }, { sku: 'x', price: 1 }, { price: 1 }] };
const violations = [
  { path: 'id', constraints: { isString: 'id must be a string' } },
  {
    path: 'items.0.price',
    constraints: { isPositive: 'price must be a positive number', isInt: 'price must be an integer number' },
  },
  { path: 'items.2.sku', constraints: { isString: 'sku must be a string' } },
];

/** The answer to an invalid order, from a gateway with a pipe of these options. */
async function errorWith(options: ValidationPipeOptions, Pipe = ValidationPipe): Promise<unknown> {
  const pipe = new Pipe(options);
  @WebSocketGateway()
  class Gateway {
    @UsePipes(pipe)
    @SubscribeMessage('order')
    order(@MessageBody() order: OrderDto) {
      return order.id;
    }
  }
  const app = await NestApp.start({ providers: [Gateway] });
  try {
    return (await (await app.connect()).ask('order', invalid))['error'];
  } finally {
    await app.stop();
  }
}

const failed = { code: 'VALIDATION_FAILED', message: 'validation failed', details: violations };

describe('a failed validation', () => {
  it.each<[string, ValidationPipeOptions]>([
    ['the defaults', {}],
    ['transform and whitelist', { transform: true, whitelist: true }],
    ['another status', { errorHttpStatusCode: HttpStatus.UNPROCESSABLE_ENTITY }],
    ['a status of the server', { errorHttpStatusCode: HttpStatus.INTERNAL_SERVER_ERROR }],
    ['errors in a WsException', { exceptionFactory: (errors) => new WsException(errors) }],
    ['errors in a BadRequestException', { exceptionFactory: (errors) => new BadRequestException(errors) }],
  ])('is told as paths and constraints, with %s', async (_, options) => {
    expect(await errorWith(options)).toEqual(failed);
  });

  it('is told of a subclass of ValidationPipe with private fields', async () => {
    class PrivatePipe extends ValidationPipe {
      readonly #calls: unknown[] = [];
      override transform(value: unknown, metadata: never): Promise<unknown> {
        this.#calls.push(value);
        return super.transform(value, metadata);
      }
    }
    expect(await errorWith({}, PrivatePipe)).toEqual(failed);
  });

  it('keeps its secrets with disableErrorMessages', async () => {
    expect(await errorWith({ disableErrorMessages: true })).toEqual({
      code: 'VALIDATION_FAILED',
      message: 'Bad Request',
    });
  });

  it.each<[string, unknown, object]>([
    ['a text', new WsException('no'), { code: 'VALIDATION_FAILED', message: 'no' }],
    ['an HTTP text', new BadRequestException('no'), { code: 'VALIDATION_FAILED', message: 'no' }],
    ['a code', new WsException({ code: 'OWN', message: 'no' }), { code: 'OWN', message: 'no' }],
    [
      'one text of many',
      new BadRequestException(['items.2.sku must be a string']),
      { ...failed, details: [violations[2]] },
    ],
    [
      'texts of its own',
      new BadRequestException(['no', 'never']),
      { ...failed, details: [{ path: '', constraints: { message: 'no', message2: 'never' } }] },
    ],
    [
      'an error of any kind',
      new Error('secret'),
      { code: 'VALIDATION_FAILED', message: 'validation failed' },
    ],
  ])('tells what an exceptionFactory shows, and no more: %s', async (_, exception, expected) => {
    expect(await errorWith({ exceptionFactory: () => exception })).toEqual(expected);
  });

  it('tells a hundred violations at most', async () => {
    class ListDto {
      @ValidateNested({ each: true }) @Type(() => LineDto) items!: LineDto[];
    }
    @WebSocketGateway()
    class Gateway {
      @UsePipes(new ValidationPipe())
      @SubscribeMessage('list')
      list(@MessageBody() _list: ListDto) {}
    }
    const app = await NestApp.start({ providers: [Gateway] });
    const client = await app.connect();
    const broken = (count: number): object => ({
      items: Array.from({ length: count }, () => ({ price: 1 })),
    });
    const tell = async (count: number): Promise<unknown[]> =>
      ((await client.ask('list', broken(count))) as { error: { details: unknown[] } }).error.details;
    expect(await tell(100)).toHaveLength(100);
    expect(await tell(101)).toHaveLength(100);
    await app.stop();
  });
});

describe('a failed validation without an id', () => {
  const caught: unknown[] = [];

  @Catch()
  class Watching implements ExceptionFilter {
    catch(exception: unknown, host: ArgumentsHost) {
      caught.push(exception);
      host.switchToWs().getClient<{ send(text: string): void }>().send(JSON.stringify(exception));
    }
  }

  @WebSocketGateway()
  class Gateway {
    @UseFilters(Watching)
    @UsePipes(new ValidationPipe())
    @SubscribeMessage('order')
    order(@MessageBody() order: OrderDto) {
      return order.id;
    }
  }

  it('reaches filters as the exception that Nest makes', async () => {
    const app = await NestApp.start({ providers: [Gateway] });
    const client = await app.connect();
    client.send({ event: 'order', data: invalid });
    const seen = (await client.nextJson()) as { response: unknown };
    expect(caught[0]).toBeInstanceOf(BadRequestException);
    expect(seen.response).toEqual({
      message: [
        'id must be a string',
        'items.0.price must be a positive number',
        'items.0.price must be an integer number',
        'items.2.sku must be a string',
      ],
      error: 'Bad Request',
      statusCode: 400,
    });
    expect(Object.keys(caught[0] as object)).not.toContain('found');
    await app.stop();
  });
});
