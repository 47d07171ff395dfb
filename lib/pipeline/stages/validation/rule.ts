import { isPromise } from '../../../primitives/is-promise.js';
import { builtInValidators } from './built-in-validators.js';
import { NotCompilable } from './undecided.js';
import type {
  RegisteredValidator,
  RuleArguments,
  RuleStorage,
  ValidationRule,
} from './validation-libraries.js';

/** One decorator on one property: whether a value satisfies it, by the library's own validator. */
export class Rule {
  readonly #validators: readonly RegisteredValidator['instance'][];
  readonly #isEach: boolean;
  readonly #condition: ValidationRule['validateIf'];
  readonly #property: string;
  readonly #constraints: readonly unknown[] | undefined;

  /** @throws {NotCompilable} for a validator that is not class-validator's own */
  constructor(rule: ValidationRule, storage: RuleStorage) {
    this.#validators = storage.getTargetValidatorConstraints(rule.constraintCls).map(builtIn);
    this.#isEach = Boolean(rule.each);
    this.#condition = rule.validateIf;
    this.#property = rule.propertyName;
    this.#constraints = rule.constraints;
  }

  /** False also where the library must look: at Sets and Maps. @throws {NotCompilable} */
  isSatisfied(object: object, value: unknown): boolean {
    if (this.#condition && !this.#condition(object, value)) return true;
    // Made for each call, as in the library: a validator of the application's under a built-in name may look at it.
    const args: RuleArguments = {
      targetName: object.constructor.name,
      property: this.#property,
      object,
      value,
      constraints: this.#constraints,
    };
    const items = this.#isEach ? itemsOf(value) : undefined;
    if (items === null) return false;
    if (items === undefined) return this.#validators.every((validator) => holds(validator, value, args));
    return this.#validators.every((validator) => items.every((item) => holds(validator, item, args)));
  }
}

/** Undefined where `each` means the value itself; null: a collection that the library must look at. */
function itemsOf(value: unknown): readonly unknown[] | undefined | null {
  if (Array.isArray(value)) return value as readonly unknown[];
  return value instanceof Set || value instanceof Map ? null : undefined;
}

function holds(validator: RegisteredValidator['instance'], value: unknown, args: RuleArguments): boolean {
  const result = validator.validate(value, args);
  if (result === true) return true;
  if (isPromise(result)) {
    // Asked again by the library, which then hears of a failure.
    result.then(undefined, () => undefined);
    throw new NotCompilable('an asynchronous validator');
  }
  return Boolean(result);
}

function builtIn({ name, async, instance }: RegisteredValidator): RegisteredValidator['instance'] {
  if (async || !builtInValidators.has(name)) throw new NotCompilable(`the validator ${name}`);
  return instance;
}
