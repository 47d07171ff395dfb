import { Exclude, Expose, Transform, Type } from 'class-transformer';
import * as cv from 'class-validator';
import type { ValidationOptions } from 'class-validator';
import fc from 'fast-check';
import { decoratorCases } from './decorator-cases.js';

type Gen = fc.GeneratorValue;

/** A class, and inputs for it. */
export interface RandomClass {
  readonly target: new () => object;
  /** A plain object, mostly one that satisfies the class. */
  input(gen: Gen): Record<string, unknown>;
}

interface RandomProperty {
  readonly name: string;
  /** What the property is called in an input. */
  readonly key: string;
  value(gen: Gen): unknown;
  readonly isOptional: boolean;
}

const names = ['alpha', 'beta', 'gamma', 'delta', 'size', 'value', 'name', 'x1', '7', 'constructorName'];
const caseNames = Object.keys(decoratorCases).filter(
  (name) => !['ValidateNested', 'IsOptional'].includes(name),
);

/** Without fast-check's bias to small and large numbers: how often things happen would be off. */
const upTo = (max: number): fc.Arbitrary<number> => fc.noBias(fc.integer({ min: 0, max }));

/** True in so many of a hundred cases. */
export function happens(gen: Gen, percent: number): boolean {
  return gen(upTo, 199) < percent * 2;
}

function pick<T>(gen: Gen, values: readonly T[]): T {
  return values[gen(upTo, values.length - 1)]!;
}

/** A class with properties, nested classes, a parent, accessors and defaults, made at random. */
export function randomClass(gen: Gen, made: Set<unknown>, depth = 0, base?: RandomClass): RandomClass {
  const parent = base ?? (depth === 0 && happens(gen, 20) ? randomClass(gen, made, 2) : undefined);
  const defaults: [string, unknown][] = [];
  const Parent = parent?.target ?? Object;
  const target = class extends Parent {
    constructor() {
      super();
      for (const [name, value] of defaults) (this as Record<string, unknown>)[name] = value;
    }
  };
  made.add(target);
  const properties: RandomProperty[] = [];
  const used = new Set<string>();
  for (let i = 1 + gen(upTo, 5); i > 0; i--) {
    const name = pick(gen, names);
    if (used.has(name)) continue;
    used.add(name);
    properties.push(randomProperty(gen, target, name, made, depth));
    if (happens(gen, 8)) defaults.push([name, pick(gen, [undefined, 1, 'set', []])]);
  }
  if (happens(gen, 6)) addAccessors(gen, target.prototype);
  if (happens(gen, 4)) pick(gen, [Exclude(), Expose()])(target);
  return {
    target,
    input: (values) => ({
      ...parent?.input(values),
      ...inputOf(values, properties),
      ...(happens(values, 8) ? extra(values) : {}),
    }),
  };
}

function inputOf(gen: Gen, properties: readonly RandomProperty[]): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const { key, value, isOptional } of properties) {
    if (happens(gen, isOptional ? 25 : 0.5)) {
      if (happens(gen, 40)) input[key] = null;
    } else if (happens(gen, 4))
      input[key] = gen(() => fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<unknown>);
    else input[key] = value(gen);
  }
  return input;
}

/** Keys that nobody has asked for; now and then one of those that are dangerous. */
function extra(gen: Gen): Record<string, unknown> {
  const key = happens(gen, 8)
    ? pick(gen, ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'method', 'given'])
    : pick(gen, ['unknown', '_private', 'other', 'zeta']);
  const value = gen(() => fc.jsonValue({ maxDepth: 1 }) as fc.Arbitrary<unknown>);
  return JSON.parse(`{${JSON.stringify(key)}:${JSON.stringify(value)}}`) as Record<string, unknown>;
}

function addAccessors(gen: Gen, prototype: object): void {
  Object.defineProperties(prototype, {
    given: { get: () => 'given', enumerable: false, configurable: true },
    method: { value: () => 1, configurable: true, writable: true },
  });
  if (happens(gen, 50)) cv.IsString()(prototype, 'given');
  if (happens(gen, 30)) Expose()(prototype, 'given');
}

function randomProperty(
  gen: Gen,
  target: new () => object,
  name: string,
  made: Set<unknown>,
  depth: number,
): RandomProperty {
  const apply = (...decorators: PropertyDecorator[]): void => {
    for (const decorate of decorators) decorate(target.prototype as object, name);
  };
  const isOptional = happens(gen, 20);
  if (isOptional)
    apply(pick(gen, [cv.IsOptional(), cv.ValidateIf((_, value) => value !== null && value !== undefined)]));
  if (happens(gen, 4)) apply(cv.ValidateIf((object: Record<string, unknown>) => object['size'] !== 3));
  const value =
    depth < 2 && happens(gen, 22)
      ? nested(gen, apply, target, name, made, depth)
      : flat(gen, apply, target, name);
  if (happens(gen, 6)) apply(Transform(...(pick(gen, transforms) as [never])));
  const isRenamed = happens(gen, 4);
  if (isRenamed) apply(Expose({ name: `${name}_in` }));
  else if (happens(gen, 6)) apply(Expose(pick(gen, exposures)));
  else if (happens(gen, 3)) apply(Exclude(pick(gen, [{}, { toPlainOnly: true }, { toClassOnly: true }])));
  return { name, key: isRenamed ? `${name}_in` : name, value, isOptional };
}

const transforms = [
  [({ value }: { value: unknown }) => value],
  [({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value)],
  [({ value, key, obj }: { value: unknown; key: string; obj: object }) => (key in obj ? value : undefined)],
  [({ value }: { value: unknown }) => value, { toPlainOnly: true }],
  [({ value }: { value: unknown }) => (typeof value === 'number' ? value + 1 : value), { groups: ['admin'] }],
] as const;

const exposures = [
  {},
  { groups: ['admin'] },
  { since: 2 },
  { until: 2 },
  { toPlainOnly: true },
  { toClassOnly: true },
];

function optionsFor(gen: Gen): ValidationOptions {
  return {
    ...(happens(gen, 8) ? { groups: [pick(gen, ['admin', 'user'])] } : {}),
    ...(happens(gen, 4) ? { always: happens(gen, 80) } : {}),
    ...(happens(gen, 4) ? { validateIf: (_: unknown, value: unknown) => value !== null } : {}),
    ...(happens(gen, 4) ? { message: 'no: $value' } : {}),
    ...(happens(gen, 2) ? { context: { code: 1 } } : {}),
  };
}

type Apply = (...decorators: PropertyDecorator[]) => void;

/** One decorator, or more of which one value satisfies all; on the value or on each of several. */
function flat(gen: Gen, apply: Apply, target: new () => object, name: string): (gen: Gen) => unknown {
  const { decorate, valid, type } = decoratorCases[pick(gen, caseNames)]!;
  const isEach = happens(gen, 15);
  const declared = isEach ? Array : (type ?? declaredType(valid[0]));
  Reflect.defineMetadata('design:type', declared, target.prototype as object, name);
  const options = optionsFor(gen);
  apply(...decorate(isEach ? { ...options, each: true } : options));
  if (isEach && happens(gen, 40)) apply(cv.IsArray());
  if (happens(gen, 15)) apply(cv.IsDefined());
  if (happens(gen, 3)) apply(pick(gen, [Type(() => String), Type(() => Object)]));
  // Its class is then the libraries': one in a hundred or so.
  if (happens(gen, 0.5)) apply(cv.ValidateBy({ name: 'ownRule', validator: { validate: () => true } }));
  if (!isEach) return (values) => pick(values, valid);
  return (values) => Array.from({ length: values(upTo, 3) }, () => pick(values, valid));
}

function declaredType(value: unknown): unknown {
  if (Array.isArray(value)) return Array;
  return { string: String, number: Number, boolean: Boolean }[typeof value as 'string'] ?? Object;
}

/** A class, an array of it, or one of several told apart by a property. */
function nested(
  gen: Gen,
  apply: Apply,
  target: new () => object,
  name: string,
  made: Set<unknown>,
  depth: number,
): (gen: Gen) => unknown {
  const inner = randomClass(gen, made, depth + 1);
  const isList = happens(gen, 35);
  Reflect.defineMetadata('design:type', isList ? Array : inner.target, target.prototype as object, name);
  if (happens(gen, 92)) apply(cv.ValidateNested(isList && happens(gen, 70) ? { each: true } : {}));
  if (happens(gen, 20)) {
    const other = randomClass(gen, made, depth + 1, happens(gen, 40) ? inner : undefined);
    const subTypes = [
      { name: 'inner', value: inner.target },
      { name: 'other', value: other.target },
    ];
    const keepDiscriminatorProperty = happens(gen, 50);
    apply(
      Type(() => inner.target, { discriminator: { property: 'kind', subTypes }, keepDiscriminatorProperty }),
    );
    const one = (values: Gen): unknown => {
      const [kind, of] = pick(values, [['inner', inner] as const, ['other', other] as const]);
      return happens(values, 95) ? { kind, ...of.input(values) } : inner.input(values);
    };
    return isList ? listOf(one) : one;
  }
  if (happens(gen, 92)) apply(happens(gen, 50) ? Type(() => inner.target) : Type((_type) => inner.target));
  return isList ? listOf(inner.input) : inner.input;
}

function listOf(one: (gen: Gen) => unknown): (gen: Gen) => unknown {
  return (gen) => Array.from({ length: gen(upTo, 2) }, () => one(gen));
}
