import { inspect } from 'node:util';
import { type ArgumentMetadata, type PipeTransform, ValidationPipe } from '@nestjs/common';
import { CompiledValidator, type CompiledOptions } from '../pipeline/stages/validation/compiled-validator.js';
import { undecided } from '../pipeline/stages/validation/undecided.js';
import type { ClassReference } from '../pipeline/stages/validation/validation-libraries.js';
import type { HandlerParam } from './enhancer-resolver.js';
import { inFrontOfSchemaPipe, isSchemaPipe, SchemaPipe } from './schema.pipe.js';
import { isStandardSchema } from './standard-schema.js';
import { watchFailures } from './validation-failures.js';
import { ValidationPackages } from './validation-packages.js';

/** What a `ValidationPipe` keeps of its options; the same in Nest 11 and 12. */
interface PipeState extends CompiledOptions {
  readonly expectedType: ArgumentMetadata['metatype'];
  toValidate(metadata: ArgumentMetadata): boolean;
}

/** What decides about a valid value: a pipe that overrides one of these decides itself. */
const decisive = [
  'transform',
  'toValidate',
  'transformPrimitive',
  'toEmptyIfNil',
  'isPrimitive',
  'isBinary',
  'stripProtoKeys',
  'closeArrayGaps',
  'validate',
  'findNestedBinaryValues',
  'toNestedBinaryError',
  'hasValidationRules',
  'loadValidator',
  'loadTransformer',
];

/** Puts compiled checks in front of Nest's `ValidationPipe`s, one for each class and set of options. */
export class CompiledPipes {
  readonly #runsSchemas: boolean;
  readonly #compiled = new Map<unknown, Map<string, CompiledValidator | null>>();
  readonly #packagesOf = new WeakMap<ValidationPipe, Promise<ValidationPackages | undefined>>();
  #packages: Promise<ValidationPackages | undefined> | undefined;

  /** @param runsSchemas whether the schema of a parameter is asked also where no pipe does so */
  constructor(runsSchemas: boolean) {
    this.#runsSchemas = runsSchemas;
  }

  /** The pipes of a parameter: those around it, its schema, its own. */
  inOrder(
    around: readonly PipeTransform[],
    param: HandlerParam,
    metadata: ArgumentMetadata,
  ): PipeTransform[] {
    const { schema, pipes: own } = param;
    const isOurs = isStandardSchema(schema) && this.#runsSchemas && ![...around, ...own].some(isSchemaPipe);
    const pipes = [...around, ...(isOurs ? [new SchemaPipe(schema)] : []), ...own];
    return pipes.map((pipe) => this.inFrontOf(pipe, metadata));
  }

  /** The pipe, or what stands in front of it: the same results, without a promise where it can. */
  inFrontOf(pipe: PipeTransform, metadata: ArgumentMetadata): PipeTransform {
    if (!(pipe instanceof ValidationPipe)) return inFrontOfSchemaPipe(pipe, metadata);
    watchFailures(pipe);
    if (!isNestsOwn(pipe)) return pipe;
    const state = pipe as unknown as PipeState;
    const metatype = state.expectedType ?? metadata.metatype;
    // The pipe gives back what is not for it; of primitives it converts those of HTTP only.
    const isForPipe = metatype !== undefined && state.toValidate({ ...metadata, metatype });
    if (!isForPipe) return isConverted(metadata) ? pipe : unchanged;
    if (typeof metatype !== 'function') return pipe;
    return new CompiledPipe(pipe, async () => {
      const packages = await this.#usedBy(pipe);
      return packages === undefined ? null : this.#compile(metatype, packages, state);
    });
  }

  #usedBy(pipe: ValidationPipe): Promise<ValidationPackages | undefined> {
    let packages = this.#packagesOf.get(pipe);
    if (packages === undefined) this.#packagesOf.set(pipe, (packages = this.#find(pipe)));
    return packages;
  }

  async #find(pipe: ValidationPipe): Promise<ValidationPackages | undefined> {
    const packages = await (this.#packages ??= ValidationPackages.load());
    return packages !== undefined && (await packages.areUsedBy(pipe)) ? packages : undefined;
  }

  #compile(metatype: unknown, packages: ValidationPackages, state: PipeState): CompiledValidator | null {
    const { isTransformEnabled, validatorOptions, transformOptions } = state;
    const options = { isTransformEnabled, validatorOptions, transformOptions };
    const key = inspect(options, { depth: null, maxArrayLength: null, maxStringLength: null, sorted: true });
    let ofClass = this.#compiled.get(metatype);
    if (ofClass === undefined) this.#compiled.set(metatype, (ofClass = new Map()));
    let validator = ofClass.get(key);
    if (validator === undefined) ofClass.set(key, (validator = compile(metatype, packages, options)));
    return validator;
  }
}

/** Compiled when the first message needs it: then every class is complete. That message is the pipe's. */
class CompiledPipe implements PipeTransform {
  readonly #pipe: ValidationPipe;
  readonly #prepare: () => Promise<CompiledValidator | null>;
  #validator: CompiledValidator | null = null;
  #isPrepared = false;

  constructor(pipe: ValidationPipe, prepare: () => Promise<CompiledValidator | null>) {
    this.#pipe = pipe;
    this.#prepare = prepare;
  }

  transform(value: unknown, metadata: ArgumentMetadata): unknown {
    const result = this.#validator === null ? undecided : this.#validator.run(value);
    if (result !== undecided) return result;
    if (!this.#isPrepared) {
      this.#isPrepared = true;
      void this.#prepare().then((validator) => (this.#validator = validator));
    }
    return this.#pipe.transform(value, metadata);
  }
}

const unchanged: PipeTransform = { transform: (value: unknown) => value };

function compile(
  metatype: unknown,
  packages: ValidationPackages,
  options: CompiledOptions,
): CompiledValidator | null {
  try {
    return new CompiledValidator(metatype as ClassReference, packages, options);
  } catch {
    // Not compilable; or a type function throws, which it then does for the library too, where it can be told.
    return null;
  }
}

function isNestsOwn(pipe: ValidationPipe): boolean {
  const own = pipe as unknown as Record<string, unknown>;
  const nests = ValidationPipe.prototype as unknown as Record<string, unknown>;
  return decisive.every((name) => own[name] === nests[name]);
}

function isConverted({ type, data }: ArgumentMetadata): boolean {
  return Boolean(data) && (type === 'param' || type === 'query');
}
