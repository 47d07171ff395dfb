import type { Builders } from './classes.js';
import {
  type Convert,
  type Deletion,
  copyItems,
  copyPlain,
  copyScalars,
  isPlainObject,
  keeping,
} from './plain-data.js';
import { NotCompilable, undecided } from './undecided.js';
import type { ClassReference, Discriminator, TypeMetadata } from './validation-libraries.js';
import { isUserClass } from './user-class.js';
import type { TransformSettings } from './validation-settings.js';

/** How values without a class are taken over. */
export function untyped(settings: TransformSettings): Convert {
  const keepsAllKeys = settings.strategy !== 'excludeAll' && settings.excludePrefixes.length === 0;
  return keepsAllKeys ? copyPlain : copyScalars;
}

/** How values are taken over that class-transformer has this type for. @throws {NotCompilable} */
export function typed(type: unknown, settings: TransformSettings, builders: Builders): Convert {
  if (type === undefined || type === null) return untyped(settings);
  // Without keys of its own in class-transformer's storage, Object is no more than no type.
  if (type === Object) return settings.excludeExtraneousValues ? copyScalars : untyped(settings);
  if (type === String) return scalar(String, 'string');
  if (type === Number) return scalar(Number, 'number');
  if (type === Boolean) return scalar(Boolean, 'boolean');
  if (type === Date) return scalar((value) => new Date(value as string));
  if (type === Array) return copyScalars;
  if (!isUserClass(type)) throw new NotCompilable('a type of the platform');
  const builder = builders(type);
  return instances((value, deletions) => builder.build(value, deletions));
}

/** How values are taken over whose class is in one of their properties. @throws {NotCompilable} */
export function discriminated(
  { discriminator, keepDiscriminatorProperty }: DiscriminatedOptions,
  fallback: unknown,
  builders: Builders,
): Convert {
  const { property, subTypes } = discriminator;
  const classes = subTypes.map(({ value }) => value);
  if (![fallback, ...classes].every(isUserClass))
    throw new NotCompilable('a discriminated type of the platform');
  const byDefault = builders(fallback as ClassReference);
  const ofNames = subTypes.map(({ name, value }) => ({ name, builder: builders(value as ClassReference) }));
  const build = (value: Record<string, unknown>, deletions: Deletion[]): unknown => {
    if (!Object.hasOwn(value, property)) return byDefault.build(value, deletions);
    const builder = ofNames.find(({ name }) => name === value[property])?.builder ?? byDefault;
    if (keepDiscriminatorProperty) return builder.build(value, deletions);
    // A transform function would find the property in its `obj`, where the library has deleted it.
    if (builder.showsInput) return undecided;
    deletions.push([value, property]);
    return builder.build(value, deletions, property);
  };
  // In a list the library asks every item for its property, also null, and throws.
  return instances(build, (item, deletions) =>
    typeof item === 'object' && item !== null && isPlainObject(item) ? build(item, deletions) : undecided,
  );
}

/** What `@Type()` was given, where that names a discriminator. */
export interface DiscriminatedOptions {
  readonly discriminator: Discriminator;
  readonly keepDiscriminatorProperty?: boolean;
}

/** Whether the library looks for a discriminator. */
export function isDiscriminated(options: TypeMetadata['options']): options is DiscriminatedOptions {
  return Boolean(options?.discriminator?.property && options.discriminator.subTypes);
}

/** Objects are built, items of arrays each; anything else stays what it is, for the rules to judge. */
function instances(
  build: (value: Record<string, unknown>, deletions: Deletion[]) => unknown,
  item?: Convert,
): Convert {
  const convert: Convert = keeping('scalars', (value, deletions) => {
    if (typeof value !== 'object') return typeof value === 'function' ? undecided : value;
    if (value === null) return null;
    if (Array.isArray(value)) return copyItems(value, item ?? convert, deletions);
    return isPlainObject(value) ? build(value, deletions) : undecided;
  });
  return convert;
}

/** `String(value)` and the like, of scalars only: what an object gives depends on its methods. */
function scalar(make: (value: unknown) => unknown, keeps?: Convert['keeps']): Convert {
  const convert: Convert = keeping(keeps, (value, deletions) => {
    if (value === undefined || value === null) return value;
    if (typeof value !== 'object' && typeof value !== 'function') return make(value);
    return Array.isArray(value) ? copyItems(value, convert, deletions) : undecided;
  });
  return convert;
}
