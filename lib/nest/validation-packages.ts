import type { ValidationPipe } from '@nestjs/common';
import {
  plainToClass,
  type RuleStorage,
  type TransformStorage,
  type ValidationLibraries,
} from '../pipeline/stages/validation/validation-libraries.js';
import { importPackage, loadClassTransformer, type TransformerPackage } from './class-transformer.js';

/** class-validator, as far as it is used. */
interface ValidatorPackage {
  getMetadataStorage(): unknown;
  ValidateBy(options: object, validationOptions: object): PropertyDecorator;
}

type ProbeClass = new () => object;

/** A name that no `excludePrefixes` begins with. */
const probeName = 'gatewireProbe';

/**
 * class-validator and class-transformer where the application has them: both are optional. A pipe may use others (its
 * options `validatorPackage` and `transformerPackage`, or a second copy in node_modules), which keep metadata of their
 * own: {@link areUsedBy} finds out by asking the pipe.
 */
export class ValidationPackages implements ValidationLibraries {
  readonly rules: RuleStorage;
  readonly transforms: TransformStorage;
  readonly instanceToPlain: ValidationLibraries['instanceToPlain'];
  readonly #probe: ProbeClass;
  /** What functions of the probe have been called with. */
  readonly #seen = new Set<string>();
  #probes = 0;

  private constructor(
    validator: ValidatorPackage,
    transformer: TransformerPackage,
    storage: TransformStorage,
  ) {
    this.rules = validator.getMetadataStorage() as RuleStorage;
    this.transforms = storage;
    this.instanceToPlain = transformer.instanceToPlain;
    this.#probe = probeClass(validator, transformer, this.#seen);
  }

  /** Undefined where one of them is missing, or is not built as we know it. */
  static async load(): Promise<ValidationPackages | undefined> {
    try {
      const [validator, [transformer, storage]] = await Promise.all([
        importPackage('class-validator'),
        loadClassTransformer(),
      ]);
      const packages = new ValidationPackages(validator as ValidatorPackage, transformer, storage);
      return packages.#areWhole() ? packages : undefined;
    } catch {
      return undefined;
    }
  }

  /** Whether this pipe validates with these packages: it calls the functions of a class decorated with them. */
  async areUsedBy(pipe: ValidationPipe): Promise<boolean> {
    const token = `probe ${++this.#probes}`;
    const asking = Object.create(pipe, {
      expectedType: { value: this.#probe },
      exceptionFactory: { value: () => new Error('other packages') },
    }) as ValidationPipe;
    try {
      await asking.transform({ [probeName]: token }, { type: 'body', metatype: this.#probe });
      return this.#seen.has(`transform ${token}`) && this.#seen.has(`validate ${token}`);
    } catch {
      return false;
    } finally {
      this.#seen.delete(`transform ${token}`);
      this.#seen.delete(`validate ${token}`);
    }
  }

  /** The storages must be those that the decorators write to. */
  #areWhole(): boolean {
    const known = this.rules.getTargetValidationMetadatas(this.#probe, undefined, false, false, undefined);
    const transforms = this.transforms.findTransformMetadatas(this.#probe, probeName, plainToClass);
    return known.length === 1 && transforms.length === 1;
  }
}

function probeClass(
  { ValidateBy }: ValidatorPackage,
  { Expose, Transform }: TransformerPackage,
  seen: Set<string>,
): ProbeClass {
  const note = (what: string, value: unknown): true => (seen.add(`${what} ${String(value)}`), true);
  const Probe = class {
    [probeName]: unknown;
  };
  const decorators = [
    Expose(),
    Transform((params) => {
      const { value } = params as { value: unknown };
      note('transform', value);
      return value;
    }),
    ValidateBy(
      { name: probeName, validator: { validate: (value: unknown) => note('validate', value) } },
      { always: true },
    ),
  ];
  for (const decorate of decorators) decorate(Probe.prototype, probeName);
  return Probe;
}
