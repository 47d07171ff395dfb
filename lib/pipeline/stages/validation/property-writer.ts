import type { Builders } from './classes.js';
import { isInEffect } from './key-selection.js';
import { type Convert, type Deletion, isClean } from './plain-data.js';
import { discriminated, isDiscriminated, typed, untyped } from './property-types.js';
import { NotCompilable, undecided } from './undecided.js';
import {
  type ClassReference,
  plainToClass,
  type TransformMetadata,
  type TransformStorage,
  type TypeMetadata,
} from './validation-libraries.js';
import type { TransformSettings } from './validation-settings.js';

/** What the writers of a class are made with. */
export interface WriterContext {
  readonly target: ClassReference;
  readonly storage: TransformStorage;
  readonly settings: TransformSettings;
  readonly builders: Builders;
}

/** Takes one key of an input over into an instance, as class-transformer does it in the order of its steps. */
export class PropertyWriter {
  /** Of the input. */
  readonly key: string;
  /** Whether functions of the user are called, which may look at the input. */
  readonly hasTransforms: boolean;
  /** Of the instance. */
  readonly property: string;
  readonly #isReadonly: boolean;
  readonly #takesArrays: boolean;
  readonly #convert: Convert;
  readonly #transforms: readonly TransformMetadata['transformFn'][];
  readonly #settings: TransformSettings;

  /** @throws {NotCompilable} */
  constructor(key: string, context: WriterContext) {
    const { target, storage, settings } = context;
    const renamed = settings.ignoreDecorators
      ? undefined
      : storage.findExposeMetadataByCustomName(target, key);
    const type = storage.findTypeMetadata(target, renamed?.propertyName ?? key);
    this.key = key;
    this.#settings = settings;
    this.property = renamed?.propertyName ?? key;
    this.#isReadonly = isReadonly(target, this.property);
    this.#takesArrays = type === undefined || makesArrays(type.reflectedType);
    this.#convert = this.#isReadonly ? untyped(settings) : conversion(this.property, type, context);
    this.#transforms = storage
      .findTransformMetadatas(target, this.property, plainToClass)
      .filter(({ options }) => isInEffect(options, settings))
      .map(({ transformFn }) => transformFn);
    this.hasTransforms = this.#transforms.length > 0;
  }

  /**
   * The check after which a value is taken over as it is, as source code about `v`; the rest is for {@link write}. Undefined
   * where there is none.
   */
  get simpleCheck(): string | undefined {
    if (this.#isReadonly || this.hasTransforms) return undefined;
    const { keeps } = this.#convert;
    if (keeps === undefined) return undefined;
    return keeps === 'scalars'
      ? `typeof v === "string" || typeof v === "number" || typeof v === "boolean"`
      : `typeof v === ${JSON.stringify(keeps)}`;
  }

  /** False: undecided. */
  write(
    instance: Record<string, unknown>,
    input: Record<string, unknown>,
    value: unknown,
    deletions: Deletion[],
  ): boolean {
    if (this.#isReadonly) return isClean(value);
    const property = this.property;
    const before = instance[property];
    if (typeof before === 'function') return isClean(value);
    let after: unknown = before;
    if (value !== undefined || !this.#settings.exposeDefaultValues) {
      if (!this.#takesArrays && Array.isArray(value)) return false;
      after = this.#convert(value, deletions);
      if (after === undecided) return false;
      if (this.hasTransforms) after = this.#transform(after, input);
    }
    if (after !== undefined || this.#settings.exposeUnsetFields) instance[property] = after;
    return true;
  }

  #transform(converted: unknown, obj: object): unknown {
    const options = this.#settings.given;
    let value = converted;
    for (const transform of this.#transforms)
      value = transform({ value, key: this.property, obj, type: plainToClass, options });
    return value;
  }
}

const dependent = (): never => {
  throw new NotCompilable('a type that depends on the value');
};

/** What a type function is given: one that looks at it has no one answer. */
const untouchable = Object.create(null, {
  newObject: { get: dependent },
  object: { get: dependent },
  property: { get: dependent },
}) as object;

function conversion(
  property: string,
  type: TypeMetadata | undefined,
  { target, settings, builders }: WriterContext,
): Convert {
  if (type === undefined) {
    const declared = settings.enableImplicitConversion
      ? (Reflect.getMetadata('design:type', target.prototype as object, property) as unknown)
      : undefined;
    return typed(declared, settings, builders);
  }
  const { typeFunction, reflectedType, options } = type;
  if (reflectedType === Map) throw new NotCompilable('a Map');
  const named = typeFunction === undefined ? reflectedType : typeFunction(untouchable);
  return isDiscriminated(options)
    ? discriminated(options, named, builders)
    : typed(named, settings, builders);
}

/** Whether the class itself has a property of this name that only gives: the library then writes nothing. */
function isReadonly(target: ClassReference, property: string): boolean {
  const prototype = target.prototype as object;
  const own = Object.getOwnPropertyDescriptor(prototype, property);
  if (own !== undefined) return own.set === undefined;
  for (
    let up = Object.getPrototypeOf(prototype) as object | null;
    up !== null;
    up = Object.getPrototypeOf(up) as object | null
  ) {
    const inherited = Object.getOwnPropertyDescriptor(up, property);
    if (inherited?.get !== undefined || inherited?.set !== undefined)
      throw new NotCompilable('an accessor of a parent class');
  }
  return false;
}

/** Whether class-transformer makes a plain array for this declared type, without calling a constructor that may matter. */
function makesArrays(declared: unknown): boolean {
  return [undefined, Array, Object, String, Number, Boolean].includes(declared as undefined);
}
