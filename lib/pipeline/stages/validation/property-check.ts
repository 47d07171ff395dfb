import type { CheckerOf } from './classes.js';
import { Rule } from './rule.js';
import { NotCompilable } from './undecided.js';
import type { RuleStorage, ValidationRule } from './validation-libraries.js';
import type { RuleSettings } from './validation-settings.js';

type Condition = (object: unknown, value: unknown) => unknown;

/** class-validator's `ValidationTypes`. */
const kinds = {
  custom: 'customValidation',
  nested: 'nestedValidation',
  promise: 'promiseValidation',
  conditional: 'conditionalValidation',
  whitelist: 'whitelistValidation',
  defined: 'isDefined',
} as const;

/** All rules of one property, in the order of class-validator: conditions, definedness, validators, what is nested. */
export class PropertyCheck {
  readonly property: string;
  readonly #settings: RuleSettings;
  readonly #conditions: readonly Condition[];
  readonly #defined: readonly Rule[];
  readonly #rules: readonly Rule[];
  readonly #isNested: boolean;
  readonly #checkerOf: CheckerOf;

  /** @throws {NotCompilable} */
  constructor(
    targetName: string,
    property: string,
    rules: readonly ValidationRule[],
    storage: RuleStorage,
    settings: RuleSettings,
    checkerOf: CheckerOf,
  ) {
    const unknown = rules.find(({ type }) => !(Object.values(kinds) as string[]).includes(type));
    if (unknown !== undefined) throw new NotCompilable(`rules of the type ${unknown.type}`);
    const of = (kind: keyof typeof kinds): ValidationRule[] =>
      rules.filter(({ type }) => type === kinds[kind]);
    this.property = property;
    this.#settings = settings;
    this.#conditions = of('conditional').map(({ constraints }) => constraints![0] as Condition);
    this.#defined = of('defined').map((rule) => new Rule(rule, targetName, storage));
    this.#rules = of('custom').map((rule) => new Rule(rule, targetName, storage));
    this.#isNested = of('nested').length > 0;
    this.#checkerOf = checkerOf;
  }

  /** False where a rule is not satisfied, or where the library must look. */
  isSatisfied(object: Record<string, unknown>): boolean {
    const value = object[this.property];
    // Not plain data: a transform function made it. It may be waited for.
    if (typeof value === 'object' && value instanceof Promise) return false;
    let isActive = true;
    for (const condition of this.#conditions) if (!condition(object, value)) isActive = false;
    if (!isActive) return true;
    for (const rule of this.#defined) if (!rule.isSatisfied(object, value)) return false;
    if (value === undefined && this.#settings.skipUndefined) return true;
    if (value === null && this.#settings.skipNull) return true;
    for (const rule of this.#rules) if (!rule.isSatisfied(object, value)) return false;
    return !this.#isNested || this.isNestedValid(value);
  }

  /** The same as {@link isSatisfied} of `o`, written out as source code that returns false, or goes on. */
  source(self: string, prefix: string, values: Record<string, unknown>): string {
    const { skipUndefined, skipNull } = this.#settings;
    const conditions = this.#conditions.map((condition, index) => {
      values[`${prefix}c${index}`] = condition;
      return `if (!${prefix}c${index}(o, v)) isActive = false;`;
    });
    const rules = (list: readonly Rule[], kind: string): string =>
      list.map((rule, index) => rule.source(`${prefix}${kind}${index}`, values)).join(' ');
    const skips = [skipUndefined ? 'v !== undefined' : 'true', skipNull ? 'v !== null' : 'true'].join(' && ');
    return `v = o[${JSON.stringify(this.property)}];
      if (typeof v === "object" && v instanceof Promise) return false;
      isActive = true; ${conditions.join(' ')}
      if (isActive) {
        ${rules(this.#defined, 'd')}
        if (${skips}) {
          ${rules(this.#rules, 'r')}
          ${this.#isNested ? `if (!${self}.isNestedValid(v)) return false;` : ''}
        }
      }`;
  }

  /** Whether what `@ValidateNested()` stands on is valid: an object, or each item of a list. */
  isNestedValid(value: unknown): boolean {
    if (value === undefined) return true;
    if (typeof value !== 'object' || value === null) return false;
    if (Array.isArray(value)) return value.every((item) => this.#isItemValid(item));
    return this.#checkerOf(value)?.isValid(value as Record<string, unknown>) === true;
  }

  #isItemValid(item: unknown): boolean {
    if (item === null && this.#settings.skipNull) return true;
    return this.isNestedValid(item);
  }
}
