import type { ValidationPipeOptions } from '@nestjs/common';
import { Exclude, Expose, Transform, Type } from 'class-transformer';
import {
  Allow,
  IsArray,
  IsBoolean,
  IsDate,
  IsDefined,
  IsEmail,
  IsInt,
  IsNotEmpty,
  IsOptional,
  IsString,
  MaxLength,
  Min,
  ValidateBy,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { byCompiled, byLibraries, compiledFor, pipeOf } from './validation/libraries.js';
import { isSameValue } from './validation/same-value.js';

class Tag {
  @IsString() @MaxLength(5) name!: string;
}

class Photo {
  @IsString() url!: string;
  @Type(() => Tag) @ValidateNested({ each: true }) tags!: Tag[];
  @Exclude() secret?: string;
}

class Landscape extends Photo {
  @IsBoolean() panorama!: boolean;
}

class Portrait extends Photo {
  @IsInt() @Min(1) faces!: number;
}

class Album {
  @Type(() => Photo, {
    discriminator: {
      property: '__type',
      subTypes: [
        { value: Landscape, name: 'landscape' },
        { value: Portrait, name: 'portrait' },
      ],
    },
  })
  @ValidateNested()
  top!: Photo;
}

class Tree {
  @IsString() name!: string;
  @IsOptional() @Type(() => Tree) @ValidateNested({ each: true }) children?: Tree[];
}

class Converted {
  @IsInt() count!: number;
  @IsString() text!: string;
  @IsBoolean() flag!: boolean;
  @IsDate() when!: Date;
}

class Person {
  @IsString() @Expose({ name: 'first_name' }) firstName!: string;
  @IsEmail() @Transform(({ value }) => String(value).trim().toLowerCase()) email!: string;
  @Expose({ groups: ['admin'] }) @Allow() role?: string;

  get initial() {
    return this.firstName[0];
  }

  greet() {
    return `hello ${this.firstName}`;
  }
}

class WithDefaults {
  @IsInt() size = 10;
  @IsArray() list: unknown[] = [];
}

class Conditional {
  @IsOptional() @IsString() kind?: string;
  @ValidateIf((self: Conditional) => self.kind === 'strict') @IsNotEmpty() value?: string;
}

class Grouped {
  @IsString({ groups: ['create'] }) name!: string;
  @IsInt({ groups: ['update'] }) id!: number;
  @IsDefined({ always: true }) kind!: unknown;
}

class Impostor {
  // A validator of the application's under a name of the library's: it looks at the object.
  @ValidateBy({
    name: 'equals',
    validator: { validate: (value, args) => value === (args!.object as Impostor).other },
  })
  same!: string;
  @IsString() other!: string;
}

class Waiting {
  @ValidateBy({ name: 'isInt', async: false, validator: { validate: () => Promise.resolve(true) } })
  id!: number;
}

type Case = [
  name: string,
  target: new () => object,
  options: ValidationPipeOptions,
  input: string,
  isCompiled: boolean,
];

const transform = { transform: true };
const cases: Case[] = [
  ['nested lists', Photo, transform, '{"url":"u","tags":[{"name":"a"},{"name":"b"}]}', true],
  ['an item too long', Photo, transform, '{"url":"u","tags":[{"name":"a"},{"name":"too long"}]}', false],
  ['one object where a list is declared', Photo, transform, '{"url":"u","tags":{"name":"a"}}', true],
  ['a string where an object belongs', Photo, transform, '{"url":"u","tags":"a"}', false],
  ['null in a list of objects', Photo, transform, '{"url":"u","tags":[null]}', false],
  ['an excluded property', Photo, transform, '{"url":"u","tags":[],"secret":"s"}', true],
  [
    'a subclass by its discriminator',
    Album,
    transform,
    '{"top":{"__type":"portrait","url":"u","tags":[],"faces":2}}',
    true,
  ],
  [
    'the rules of that subclass',
    Album,
    transform,
    '{"top":{"__type":"portrait","url":"u","tags":[],"faces":0}}',
    false,
  ],
  ['an unknown discriminator', Album, transform, '{"top":{"__type":"painting","url":"u","tags":[]}}', true],
  [
    'a discriminator in a bare pipe',
    Album,
    {},
    '{"top":{"__type":"landscape","url":"u","tags":[],"panorama":true}}',
    true,
  ],
  [
    'a class in itself',
    Tree,
    transform,
    '{"name":"a","children":[{"name":"b","children":[{"name":"c"}]}]}',
    true,
  ],
  ['a broken leaf', Tree, transform, '{"name":"a","children":[{"name":"b","children":[{"name":5}]}]}', false],
  [
    'implicit conversion',
    Converted,
    { transform: true, transformOptions: { enableImplicitConversion: true } },
    '{"count":"5","text":7,"flag":"yes","when":"2020-01-01"}',
    true,
  ],
  [
    'no implicit conversion',
    Converted,
    transform,
    '{"count":"5","text":7,"flag":"yes","when":"2020"}',
    false,
  ],
  ['another name', Person, transform, '{"first_name":"Ada","email":" A@B.org "}', true],
  [
    'keys of accessors and methods',
    Person,
    transform,
    '{"first_name":"Ada","email":"a@b.org","initial":"X"}',
    false,
  ],
  [
    'only what is exposed',
    Person,
    { transform: true, transformOptions: { excludeExtraneousValues: true, groups: ['admin'] } },
    '{"first_name":"Ada","role":"root","email":"a@b.org"}',
    false,
  ],
  ['defaults', WithDefaults, transform, '{}', true],
  ['null over a default', WithDefaults, transform, '{"size":null}', false],
  ['a whitelist', Tag, { transform: true, whitelist: true }, '{"name":"a","more":{"deep":[1]}}', true],
  [
    'a whitelist that forbids',
    Tag,
    { whitelist: true, forbidNonWhitelisted: true },
    '{"name":"a","more":1}',
    false,
  ],
  ['a whitelist without transform', Tag, { whitelist: true }, '{"name":"a","more":1}', true],
  ['a condition that does not hold', Conditional, transform, '{"kind":"lax"}', true],
  ['a condition that holds', Conditional, transform, '{"kind":"strict"}', false],
  ['groups', Grouped, { transform: true, groups: ['create'] }, '{"name":"a","id":"x","kind":1}', true],
  ['other groups', Grouped, { transform: true, groups: ['update'] }, '{"name":5,"id":"x","kind":1}', false],
  ['always', Grouped, { transform: true, groups: ['create'] }, '{"name":"a"}', false],
  ['missing properties', Tag, { skipMissingProperties: true }, '{}', true],
  ['a polluting key', Tag, transform, '{"name":"a","__proto__":{"admin":true}}', false],
  ['a polluting key deep inside', Tag, {}, '{"name":"a","more":[{"constructor":1}]}', false],
  ['a key of every object', Tag, transform, '{"name":"a","toString":1}', false],
  ['a validator that looks at the object', Impostor, transform, '{"same":"a","other":"a"}', false],
  ['a validator that waits, under a known name', Waiting, transform, '{"id":"x"}', false],
  ['a list', Tag, transform, '[{"name":"a"}]', false],
  ['a primitive', Tag, transform, '"a"', false],
];

describe.each([true, false])('the compiled validator (with generated code: %p)', (generatesCode) => {
  it.each(cases)('%s', async (_, target, options, input, isCompiled) => {
    const pipe = pipeOf(options);
    const expected = await byLibraries(pipe, target, JSON.parse(input));
    const compiled = compiledFor(pipe, target, generatesCode);
    // Twice: what it has learnt from the first must not change the second.
    for (let i = 0; i < 2; i++) {
      const actual = byCompiled(compiled, JSON.parse(input));
      expect(actual !== undefined).toBe(isCompiled);
      if (actual !== undefined) expect([actual, isSameValue(actual, expected)]).toEqual([expected, true]);
    }
  });

  it('gives the libraries an input that it has not touched', async () => {
    const text = '{"top":{"__type":"portrait","url":"u","tags":[{"name":"too long"}],"faces":1}}';
    const input: unknown = JSON.parse(text);
    expect(byCompiled(compiledFor(pipeOf(transform), Album, generatesCode), input)).toBeUndefined();
    expect(JSON.stringify(input)).toBe(text);
  });
});

it('decides also where the platform forbids code made of text', () => {
  const { Function: original } = globalThis;
  const forbidding = function (): never {
    throw new EvalError('Code generation from strings disallowed for this context');
  };
  forbidding.prototype = original.prototype;
  globalThis.Function = forbidding as never;
  try {
    const actual = byCompiled(compiledFor(pipeOf(transform), Tag), { name: 'a' });
    expect(actual).toMatchObject({ isValid: true, value: { name: 'a' } });
  } finally {
    globalThis.Function = original;
  }
});
