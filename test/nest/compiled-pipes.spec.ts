import { type ArgumentMetadata, type PipeTransform, ValidationPipe } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsInt, IsString, ValidateBy, ValidateNested } from 'class-validator';
import { CompiledPipes } from '../../lib/nest/compiled-pipes.js';

class ItemDto {
  @IsString() sku!: string;
}

class OrderDto {
  @IsInt() qty!: number;
  @ValidateNested() @Type(() => ItemDto) item!: ItemDto;
}

class FlatDto {
  @IsInt() qty!: number;
}

class OwnRuleDto {
  @ValidateBy({ name: 'own', validator: { validate: () => true } }) name!: string;
}

const valid = { qty: 1, item: { sku: 'tea' } };

function body(...[metatype = OrderDto]: [metatype?: unknown]): ArgumentMetadata {
  return { type: 'body', metatype: metatype as never, data: undefined };
}

/** The pipe with what stands in front of it, once that is ready. */
async function inFrontOf(pipe: PipeTransform, metadata = body()): Promise<PipeTransform> {
  const front = new CompiledPipes(true).inFrontOf(pipe, metadata);
  if (front !== pipe) await front.transform(structuredClone(valid), metadata);
  await settled();
  return front;
}

/** The packages are loaded, the pipe is known, the class is compiled. */
async function settled(): Promise<void> {
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
}

const isPromise = (value: unknown): boolean => value instanceof Promise;

describe('a compiled ValidationPipe', () => {
  it('gives the transformed value at once', async () => {
    const front = await inFrontOf(new ValidationPipe({ transform: true }));
    const order = front.transform({ ...valid }, body()) as OrderDto;
    expect(order).toBeInstanceOf(OrderDto);
    expect(order.item).toBeInstanceOf(ItemDto);
  });

  it('gives back the very object where nothing is to be transformed', async () => {
    const front = await inFrontOf(new ValidationPipe());
    const input = { ...valid };
    expect(front.transform(input, body())).toBe(input);
  });

  it('leaves what is invalid to the pipe, with its error', async () => {
    const front = await inFrontOf(new ValidationPipe());
    await expect(front.transform({ qty: 'x', item: { sku: 5 } }, body())).rejects.toMatchObject({
      response: { message: ['qty must be an integer number', 'item.sku must be a string'] },
    });
  });

  it.each([null, undefined, 'text', 5, [], [valid], new Map(), new Date(0), Buffer.from('x')])(
    'leaves %p to the pipe',
    async (value) => {
      const front = await inFrontOf(new ValidationPipe());
      expect(isPromise(Promise.resolve(front.transform(value, body())).catch(() => undefined))).toBe(true);
    },
  );

  it('gives back at once what the pipe is not for: clients, primitives, untyped data', async () => {
    const pipe = new ValidationPipe({ transform: true });
    const pipes = new CompiledPipes(true);
    for (const metadata of [
      { ...body(), type: 'custom' as const },
      body(String),
      body(Object),
      { type: 'body' as const },
    ]) {
      expect(pipes.inFrontOf(pipe, metadata).transform('5', metadata)).toBe('5');
    }
  });

  it('honours expectedType', async () => {
    const front = await inFrontOf(
      new ValidationPipe({ transform: true, expectedType: OrderDto }),
      body(Object),
    );
    expect(front.transform({ ...valid }, body(Object))).toBeInstanceOf(OrderDto);
  });

  it('does not stand in front of a pipe that validates in its own way', async () => {
    class OwnPipe extends ValidationPipe {
      protected override validate(): [] {
        return [];
      }
    }
    const patched = new ValidationPipe();
    patched.transform = (value) => Promise.resolve(value);
    for (const pipe of [new OwnPipe(), patched, { transform: (value: unknown) => value }]) {
      expect(new CompiledPipes(true).inFrontOf(pipe, body())).toBe(pipe);
    }
  });

  it('stands in front of a subclass that only makes other exceptions', async () => {
    class TeapotPipe extends ValidationPipe {
      override createExceptionFactory() {
        return () => new Error('teapot');
      }
    }
    const front = await inFrontOf(new TeapotPipe({ transform: true }));
    expect(front.transform({ ...valid }, body())).toBeInstanceOf(OrderDto);
    await expect(front.transform({}, body())).rejects.toThrow('teapot');
  });

  it('leaves a class with a validator of the application to the pipe', async () => {
    const front = await inFrontOf(new ValidationPipe({ transform: true }), body(OwnRuleDto));
    const result = front.transform({ name: 'x' }, body(OwnRuleDto));
    expect(isPromise(result)).toBe(true);
    expect(await result).toBeInstanceOf(OwnRuleDto);
  });

  it('leaves everything to a pipe that was given packages of its own', async () => {
    const transformerPackage = {
      plainToInstance: (target: new () => object, value: object) => Object.assign(new target(), value),
      plainToClass: (_: unknown, value: object) => value,
      classToPlain: (value: object) => value,
    };
    const pipe = new ValidationPipe({ transform: true, transformerPackage: transformerPackage as never });
    const other = new CompiledPipes(true).inFrontOf(pipe, body(FlatDto));
    await other.transform({ qty: 1 }, body(FlatDto));
    await settled();
    expect(isPromise(other.transform({ qty: 1 }, body(FlatDto)))).toBe(true);
    // Nest keeps the packages of the pipe that was made last.
    new ValidationPipe();
  });
});
