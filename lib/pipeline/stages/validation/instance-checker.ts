import type { Checker, CheckerOf } from './classes.js';
import { type CheckFunction, generateCheck } from './generated-checker.js';
import { PropertyCheck } from './property-check.js';
import { NotCompilable } from './undecided.js';
import { isUserClass } from './user-class.js';
import type { ClassReference, RuleStorage, ValidationRule } from './validation-libraries.js';
import type { RuleSettings } from './validation-settings.js';

/** Decides whether instances of one class are valid: class-validator's `validate()`, its metadata read once. */
export class InstanceChecker implements Checker {
  /** Properties that there are rules for. */
  readonly properties: readonly string[];
  readonly #checks: readonly PropertyCheck[];
  readonly #settings: RuleSettings;
  readonly #generated: CheckFunction | undefined;
  readonly #allowed: ReadonlySet<string>;

  /** @throws {NotCompilable} */
  constructor(target: ClassReference, storage: RuleStorage, settings: RuleSettings, checkerOf: CheckerOf) {
    const { always, strictGroups, groups } = settings;
    const rules = storage.getTargetValidationMetadatas(target, undefined, always, strictGroups, groups);
    if (rules.length === 0 && settings.forbidUnknownValues) throw new NotCompilable('a class without rules');
    const byProperty = grouped(rules);
    this.#settings = settings;
    this.properties = [...byProperty.keys()];
    this.#allowed = new Set(this.properties);
    this.#checks = [...byProperty].map(
      ([property, own]) => new PropertyCheck(target.name, property, own, storage, settings, checkerOf),
    );
    this.#generated = settings.generatesCode ? generateCheck(this.#checks, settings) : undefined;
  }

  /** Strips what a whitelist does not allow, like the library. False: invalid, or for the library to decide. */
  isValid(instance: Record<string, unknown>): boolean {
    if (this.#generated !== undefined) return this.#generated(instance);
    if (this.#settings.whitelist) {
      for (const key of Object.keys(instance)) {
        if (this.#allowed.has(key)) continue;
        if (this.#settings.forbidNonWhitelisted) return false;
        Reflect.deleteProperty(instance, key);
      }
    }
    for (const check of this.#checks) if (!check.isSatisfied(instance)) return false;
    return true;
  }
}

/** The checkers of all classes that have been met, each made once. */
export class Checkers {
  readonly #byClass = new Map<unknown, InstanceChecker | null>();
  readonly #storage: RuleStorage;
  readonly #settings: RuleSettings;

  constructor(storage: RuleStorage, settings: RuleSettings) {
    this.#storage = storage;
    this.#settings = settings;
  }

  /** By the class of an instance; undefined where the library must decide. */
  of(instance: object): InstanceChecker | undefined {
    return this.ofClass(instance.constructor);
  }

  /** @see {@link of} */
  ofClass(target: unknown): InstanceChecker | undefined {
    const known = this.#byClass.get(target);
    if (known !== undefined) return known ?? undefined;
    try {
      return this.require(target);
    } catch (error) {
      if (!(error instanceof NotCompilable)) throw error;
      this.#byClass.set(target, null);
      return undefined;
    }
  }

  /** @throws {NotCompilable} saying why */
  require(target: unknown): InstanceChecker {
    if (target !== Object && !isUserClass(target)) throw new NotCompilable('a class of the platform');
    const checker = new InstanceChecker(target as ClassReference, this.#storage, this.#settings, (instance) =>
      this.of(instance),
    );
    this.#byClass.set(target, checker);
    return checker;
  }
}

/** In the order in which the library goes through them: that of an object's keys. */
function grouped(rules: readonly ValidationRule[]): Map<string, ValidationRule[]> {
  const byProperty: Record<string, ValidationRule[]> = {};
  for (const rule of rules) {
    if (rule.propertyName in Object.prototype) throw new NotCompilable('a property of a special name');
    (byProperty[rule.propertyName] ??= []).push(rule);
  }
  return new Map(Object.entries(byProperty));
}
