import * as nest from '@nestjs/common';
import { type ArgumentMetadata, type PipeTransform, UsePipes, ValidationPipe } from '@nestjs/common';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { type } from 'arktype';
import * as v from 'valibot';
import { z } from 'zod';
import { SchemaBody } from '../../lib/nest/decorators/schema-body.decorator.js';
import type { StandardSchema } from '../../lib/nest/standard-schema.js';
import { OptionError } from '../../lib/primitives/option-error.js';
import { NestApp } from './nest-app.js';

const zodOrder = z.object({
  id: z.string(),
  items: z.array(z.object({ price: z.coerce.number().positive() })),
});
const valibotOrder = v.object({
  id: v.string(),
  items: v.array(v.object({ price: v.pipe(v.unknown(), v.transform(Number), v.minValue(0.01)) })),
});
const arktypeOrder = type({ id: 'string', items: type({ price: 'string.numeric.parse' }).array() });
/** Waits, and is otherwise zod's. */
const asyncOrder = zodOrder.refine(async () => Promise.resolve(true));

const schemas: Record<string, StandardSchema> = {
  zod: zodOrder,
  valibot: valibotOrder,
  arktype: arktypeOrder,
  'an asynchronous schema': asyncOrder,
};

/** Nest 11 takes the object too, but its types do not. */
const Body = MessageBody as (options: string | object, more?: object) => ParameterDecorator;

const valid = { id: 'a', items: [{ price: '2' }] };
const parsed = { id: 'a', items: [{ price: 2 }] };
const invalid = { id: 5, items: [{ price: '2' }, { price: 'x' }] };

/** The answers to two orders, of a handler whose data has this decorator. */
async function answers(
  decorator: ParameterDecorator,
  pipes: PipeTransform[] = [],
  data = [valid, invalid],
): Promise<any[]> {
  @WebSocketGateway()
  class Gateway {
    @SubscribeMessage('order')
    order(data: unknown) {
      return data;
    }
  }
  decorator(Gateway.prototype, 'order', 0);
  UsePipes(...pipes)(
    Gateway.prototype,
    'order',
    Object.getOwnPropertyDescriptor(Gateway.prototype, 'order')!,
  );
  const app = await NestApp.start({ providers: [Gateway] });
  const client = await app.connect();
  try {
    const replies: unknown[] = [];
    for (const one of data) replies.push(await client.ask('order', one));
    return replies;
  } finally {
    await app.stop();
  }
}

describe.each(Object.entries(schemas))('%s', (_, schema) => {
  const refusal = {
    code: 'VALIDATION_FAILED',
    message: 'validation failed',
    details: [
      { path: 'id', constraints: { schema: expect.any(String) } },
      { path: 'items.1.price', constraints: { schema: expect.any(String) } },
    ],
  };

  it.each<[string, ParameterDecorator]>([
    ['@MessageBody({ schema })', Body({ schema })],
    ['@SchemaBody(schema)', SchemaBody(schema)],
  ])('in %s validates and transforms, and tells where it does not hold', async (_name, decorator) => {
    const [good, bad] = await answers(decorator);
    expect(good.data).toEqual(parsed);
    expect(bad.error).toEqual(refusal);
  });
});

describe('a schema', () => {
  it.each<[string, ParameterDecorator]>([
    ["@MessageBody('order', { schema })", Body('order', { schema: zodOrder })],
    ["@SchemaBody(schema, 'order')", SchemaBody(zodOrder, 'order')],
  ])('of one property: %s', async (_, decorator) => {
    const [good, bad] = await answers(decorator, [], [{ order: valid }, { order: 5 }] as any[]);
    expect(good.data).toEqual(parsed);
    expect(bad.error.details).toEqual([{ path: '', constraints: { schema: expect.any(String) } }]);
  });

  it('comes before the pipes beside it', async () => {
    const pipe = { transform: (order: typeof parsed) => order.items[0]!.price + 1 };
    const [good] = await answers(Body({ schema: zodOrder, pipes: [pipe] }));
    expect(good.data).toBe(3);
  });

  it('stands beside a ValidationPipe', async () => {
    const [good, bad] = await answers(SchemaBody(zodOrder), [new ValidationPipe({ transform: true })]);
    expect(good.data).toEqual(parsed);
    expect(bad.error.code).toBe('VALIDATION_FAILED');
  });

  it('never sees keys that could reach a prototype', async () => {
    const seen: string[] = [];
    const schema: StandardSchema = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value) => (seen.push(JSON.stringify(value)), { value: 'ok' }),
      },
    };
    const data = JSON.parse('{"a":[{"__proto__":1,"b":1}],"constructor":2,"prototype":3}');
    await answers(SchemaBody(schema), [], [data]);
    expect(seen).toEqual(['{"a":[{"b":1}]}']);
  });

  it('must be one', () => {
    expect(() => SchemaBody({} as never)).toThrow(OptionError);
  });
});

const NestsPipe = (nest as unknown as Record<string, new (options?: object) => PipeTransform>)[
  'StandardSchemaValidationPipe'
];

// Nest 11 has no such pipe.
(NestsPipe === undefined ? describe.skip : describe)("Nest's StandardSchemaValidationPipe", () => {
  it('is asked once, and its options hold', async () => {
    let asked = 0;
    const schema: StandardSchema = {
      '~standard': {
        ...zodOrder['~standard'],
        validate: (value) => (asked++, zodOrder['~standard'].validate(value)),
      },
    };
    const [good, bad] = await answers(Body({ schema }), [new NestsPipe!({ transform: false })]);
    expect(good.data).toEqual(valid);
    expect(bad.error.details[1].path).toBe('items.1.price');
    expect(asked).toBe(2);
  });

  it('may be overridden', async () => {
    const Own = class extends NestsPipe! {
      override transform(value: unknown, metadata: ArgumentMetadata): unknown {
        return metadata.type === 'body' ? 'own' : value;
      }
    };
    const [good] = await answers(Body({ schema: zodOrder }), [new Own()]);
    expect(good.data).toBe('own');
  });
});

describe("with compatibility: 'platform-ws'", () => {
  it('a schema without a pipe is not asked, as in Nest', async () => {
    @WebSocketGateway()
    class Gateway {
      @SubscribeMessage('order')
      order(@Body({ schema: zodOrder }) data: unknown) {
        return { data };
      }
    }
    const app = await NestApp.start({ providers: [Gateway], options: { compatibility: 'platform-ws' } });
    const client = await app.connect();
    client.send({ event: 'order', data: 5 });
    expect(await client.nextJson()).toEqual({ data: 5 });
    await app.stop();
  });
});
