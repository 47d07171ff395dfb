import type { Builder } from './classes.js';
import { type BuildFunction, generateBuild } from './generated-builder.js';
import { KeySelection } from './key-selection.js';
import { type Convert, type Deletion, isClean, isSpecialKey } from './plain-data.js';
import { untyped } from './property-types.js';
import { PropertyWriter, type WriterContext } from './property-writer.js';
import { NotCompilable, undecided } from './undecided.js';
import type { ClassReference, ExposeMetadata, TransformStorage } from './validation-libraries.js';

/** Makes instances of one class of plain data: class-transformer's `plainToInstance()`, decided once. */
export class InstanceBuilder implements Builder {
  readonly #class: new () => Record<string, unknown>;
  readonly #context: WriterContext;
  /** By key of the input; null: left out. */
  readonly #writers = new Map<string, PropertyWriter | null>();
  readonly #listed: PropertyWriter[] = [];
  readonly #keys: KeySelection;
  readonly #copy: Convert;
  #generated: BuildFunction | undefined;

  /** Builders may need one another: {@link prepare} comes when this one can be found. */
  constructor(context: WriterContext) {
    this.#context = context;
    this.#class = context.target as unknown as new () => Record<string, unknown>;
    this.#keys = new KeySelection(context.storage, context.target, context.settings);
    this.#copy = untyped(context.settings);
  }

  /**
   * @param rules properties that validation has rules for
   * @throws {NotCompilable}
   */
  prepare(rules: readonly string[]): void {
    const { storage, target } = this.#context;
    for (const key of new Set([...rules, ...decorated(storage, target), ...this.#keys.listed])) {
      if (isSpecialKey(key)) throw new NotCompilable('a property of a special name');
      this.#writers.set(key, this.#keys.takes(key) ? new PropertyWriter(key, this.#context) : null);
    }
    for (const key of this.#keys.listed) this.#listed.push(this.#writers.get(key)!);
    const { settings } = this.#context;
    if (!settings.generatesCode || !this.#keys.takesOthers || this.#listed.length > 0) return;
    this.#generated = generateBuild(this.#class, this.#writers, (...other) => this.#writeOther(...other));
  }

  get showsInput(): boolean {
    return [...this.#writers.values()].some((writer) => writer?.hasTransforms === true);
  }

  build(input: Record<string, unknown>, deletions: Deletion[], without?: string): object | typeof undecided {
    if (this.#generated !== undefined && without === undefined) return this.#generated(input, deletions);
    const instance = new this.#class();
    if (instance.constructor !== this.#class) return undecided;
    const isTaken = this.#keys.takesOthers
      ? Object.keys(input).every((key) => key === without || this.#take(instance, key, input, deletions))
      : isClean(input);
    if (!isTaken) return undecided;
    for (const writer of this.#listed) {
      const isPresent = Object.hasOwn(input, writer.key) && writer.key !== without;
      if (isPresent && this.#keys.takesOthers) continue;
      if (!writer.write(instance, input, isPresent ? input[writer.key] : undefined, deletions))
        return undecided;
    }
    return instance;
  }

  #take(
    instance: Record<string, unknown>,
    key: string,
    input: Record<string, unknown>,
    deletions: Deletion[],
  ): boolean {
    const writer = this.#writers.get(key);
    if (writer === undefined) return this.#writeOther(instance, key, input[key], deletions);
    return writer === null ? isClean(input[key]) : writer.write(instance, input, input[key], deletions);
  }

  /** A key that no decorator names. */
  #writeOther(
    instance: Record<string, unknown>,
    key: string,
    value: unknown,
    deletions: Deletion[],
  ): boolean {
    if (isSpecialKey(key) || value === undefined) return false;
    if (!this.#keys.isTaken(key)) return isClean(value);
    if (key in instance && (!Object.hasOwn(instance, key) || typeof instance[key] === 'function'))
      return false;
    const { enableImplicitConversion } = this.#context.settings;
    if (enableImplicitConversion && Reflect.hasMetadata('design:type', this.#class.prototype as object, key))
      return false;
    const copy = this.#copy(value, deletions);
    if (copy === undecided) return false;
    instance[key] = copy;
    return true;
  }
}

/** Every name that class-transformer's decorators on a class and its ancestors mention. */
function decorated(storage: TransformStorage, target: ClassReference): string[] {
  const { _typeMetadatas, _transformMetadatas, _exposeMetadatas, _excludeMetadatas } = storage;
  const names: (string | undefined)[] = [];
  for (let one: unknown = target; typeof one === 'function'; one = Object.getPrototypeOf(one)) {
    for (const all of [_typeMetadatas, _transformMetadatas, _exposeMetadatas, _excludeMetadatas])
      names.push(...(all.get(one)?.keys() ?? []));
  }
  return [...names, ...customNames(storage, target)].filter((name) => name !== undefined);
}

/** Also those of properties that a subclass has decorated anew: the library knows them all. */
function customNames({ _exposeMetadatas }: TransformStorage, target: ClassReference): (string | undefined)[] {
  const names: (string | undefined)[] = [];
  for (let one: unknown = target; typeof one === 'function'; one = Object.getPrototypeOf(one)) {
    const exposed = [...(_exposeMetadatas.get(one)?.values() ?? [])] as ExposeMetadata[];
    names.push(...exposed.map(({ options }) => options?.name));
  }
  return names;
}
