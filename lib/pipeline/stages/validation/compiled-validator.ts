import { InstanceBuilder } from './instance-builder.js';
import { Checkers } from './instance-checker.js';
import { type Deletion, isClean, isPlainObject } from './plain-data.js';
import { NotCompilable, undecided } from './undecided.js';
import type { ClassReference, ValidationLibraries } from './validation-libraries.js';
import { type CompileSettings, ruleSettings, transformSettings } from './validation-settings.js';

/** Options of Nest's `ValidationPipe`, as the pipe keeps them. */
export interface CompiledOptions {
  readonly isTransformEnabled: boolean;
  readonly validatorOptions: Readonly<Record<string, unknown>>;
  readonly transformOptions: Readonly<Record<string, unknown>> | undefined;
}

/**
 * What Nest's `ValidationPipe` does to one class, read from the metadata of class-transformer and class-validator once.
 *
 * It answers "valid, and transformed like this" with the value that the pipe would have given, or that it is undecided:
 * for anything invalid, and for whatever it does not know. Then the pipe itself decides, on the input as it came.
 * Functions that decorators were given (`@Transform`, `@ValidateIf`) are called in the libraries' order; for an invalid
 * input the pipe calls them again.
 *
 * Where the platform allows it, the steps of a class are written out as code of its own (`generated-code.ts`).
 */
export class CompiledValidator {
  readonly #builder: InstanceBuilder;
  readonly #checkers: Checkers;
  readonly #result: (instance: object, input: object) => unknown;
  #isGivenUp = false;

  /** @throws {NotCompilable} for a decorator or an option that only the libraries know */
  constructor(
    target: ClassReference,
    libraries: ValidationLibraries,
    options: CompiledOptions,
    compile: CompileSettings = { generatesCode: true },
  ) {
    const settings = transformSettings(options.transformOptions, compile);
    const storage = libraries.transforms;
    this.#checkers = new Checkers(libraries.rules, ruleSettings(options.validatorOptions, compile));
    const byClass = new Map<ClassReference, InstanceBuilder>();
    const builders = (one: ClassReference): InstanceBuilder => {
      let builder = byClass.get(one);
      if (builder === undefined) {
        byClass.set(one, (builder = new InstanceBuilder({ target: one, storage, settings, builders })));
        builder.prepare(this.#checkers.ofClass(one)?.properties ?? []);
      }
      return builder;
    };
    this.#checkers.require(target);
    this.#builder = builders(target);
    this.#result = resultOf(libraries, options);
  }

  /** What the pipe would have returned, or {@link undecided}. Never throws. */
  run(input: unknown): unknown {
    if (this.#isGivenUp || typeof input !== 'object' || input === null) return undecided;
    if (!isPlainObject(input)) return undecided;
    const deletions: Deletion[] = [];
    try {
      const instance = this.#builder.build(input, deletions);
      if (instance === undecided) return undecided;
      const isValid = this.#checkers.of(instance)?.isValid(instance as Record<string, unknown>) === true;
      if (!isValid) return undecided;
      const result = this.#result(instance, input);
      if (result !== undecided) for (const [object, key] of deletions) Reflect.deleteProperty(object, key);
      return result;
    } catch (error) {
      // Whatever a function of a decorator throws, it throws for the libraries too, and they say what becomes of it.
      if (error instanceof NotCompilable) this.#isGivenUp = true;
      return undecided;
    }
  }
}

/** The instance, or what the pipe makes of it where nothing is to be transformed. */
function resultOf(
  { instanceToPlain }: ValidationLibraries,
  { isTransformEnabled, validatorOptions, transformOptions }: CompiledOptions,
): (instance: object, input: object) => unknown {
  if (isTransformEnabled) return (instance) => instance;
  if (Object.keys(validatorOptions).length > 1)
    return (instance) => instanceToPlain(instance, transformOptions);
  // The input itself, unless it has keys that the pipe would have stripped from it.
  return (_, input) => (isClean(input) ? input : undecided);
}
