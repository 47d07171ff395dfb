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
  readonly #validators: readonly Validator[];
  readonly #isEach: boolean;
  readonly #condition: ValidationRule['validateIf'];

  /** @throws {NotCompilable} for a validator that is not class-validator's own */
  constructor(rule: ValidationRule, targetName: string, storage: RuleStorage) {
    this.#validators = storage
      .getTargetValidatorConstraints(rule.constraintCls)
      .map((registered) => new Validator(registered, new RuleFacts(rule, targetName)));
    this.#isEach = Boolean(rule.each);
    this.#condition = rule.validateIf;
  }

  /** The same as {@link isSatisfied} of `o` and `v`, written out as source code that returns false, or goes on. */
  source(name: string, values: Record<string, unknown>): string {
    values[name] = this;
    if (this.#isEach || this.#condition) return `if (!${name}.isSatisfied(o, v)) return false;`;
    return this.#validators.map((validator, index) => validator.source(`${name}v${index}`, values)).join(' ');
  }

  /** False also where the library must look: at Sets and Maps. @throws {NotCompilable} */
  isSatisfied(object: object, value: unknown): boolean {
    if (this.#condition && !this.#condition(object, value)) return true;
    const isEach = this.#isEach && typeof value === 'object';
    if (isEach && (value instanceof Set || value instanceof Map)) return false;
    for (const validator of this.#validators) {
      const isValid = isEach && Array.isArray(value) ? validator.holdsForEach(value) : validator.holds(value);
      if (!isValid) return false;
    }
    return true;
  }
}

/** A validator of class-validator's own, called as the library calls it. */
class Validator {
  readonly #instance: RegisteredValidator['instance'];
  // Taken out of the instance: of each rule it has another class, and looking it up each time is dear.
  readonly #validate: RegisteredValidator['instance']['validate'];
  readonly #facts: RuleFacts;

  constructor({ name, async, instance }: RegisteredValidator, facts: RuleFacts) {
    if (async || !builtInValidators.has(name)) throw new NotCompilable(`the validator ${name}`);
    this.#instance = instance;
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its instance
    this.#validate = instance.validate;
    this.#facts = facts;
  }

  holds(value: unknown): boolean {
    return this.judge(this.#validate.call(this.#instance, value, this.#facts));
  }

  /** What a validator's answer means. @throws {NotCompilable} */
  judge(result: unknown): boolean {
    if (this.#facts.isObjectRead) throw new NotCompilable('a validator that looks at the object');
    if (result === true) return true;
    if (!isPromise(result)) return Boolean(result);
    // Asked again by the library, which then hears of a failure.
    result.then(undefined, () => undefined);
    throw new NotCompilable('an asynchronous validator');
  }

  /** The same as {@link holds} of `v`, written out: what is not simply true is for {@link judge}. */
  source(name: string, values: Record<string, unknown>): string {
    values[name] = this;
    values[`${name}i`] = this.#instance;
    values[`${name}f`] = this.#facts;
    return `if ((r = ${name}i.validate(v, ${name}f)) !== true || ${name}f.isObjectRead) { if (!${name}.judge(r)) return false; }`;
  }

  holdsForEach(values: readonly unknown[]): boolean {
    for (const value of values) if (!this.holds(value)) return false;
    return true;
  }
}

/**
 * What a validator is told beside the value. Those of the library look at the constraints only, so there is one such
 * object a rule. One of the application's, under a built-in name, may look further: its class is then given up.
 */
class RuleFacts implements RuleArguments {
  readonly targetName: string;
  readonly property: string;
  readonly constraints: readonly unknown[] | undefined;
  /** Whether somebody has looked further, whatever became of the exception. */
  isObjectRead = false;

  constructor({ propertyName, constraints }: ValidationRule, targetName: string) {
    this.targetName = targetName;
    this.property = propertyName;
    this.constraints = constraints;
  }

  get object(): object {
    return this.#notHere();
  }

  get value(): unknown {
    return this.#notHere();
  }

  #notHere(): never {
    this.isObjectRead = true;
    throw new NotCompilable('a validator that looks at the object');
  }
}
