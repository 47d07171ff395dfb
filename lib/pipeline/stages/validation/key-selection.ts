import {
  type ClassReference,
  type ExposeMetadata,
  plainToClass,
  type TransformStorage,
} from './validation-libraries.js';
import type { TransformSettings } from './validation-settings.js';

/** Which keys of an input class-transformer takes over into an instance of a class: its `getKeys()`, decided once. */
export class KeySelection {
  /** Whether keys that no decorator names are taken too. */
  readonly takesOthers: boolean;
  /** Keys that are taken in any case, after those of the input, also where the input has none of them. */
  readonly listed: readonly string[];
  readonly #storage: TransformStorage;
  readonly #target: ClassReference;
  readonly #settings: TransformSettings;
  readonly #excluded: readonly string[];

  constructor(storage: TransformStorage, target: ClassReference, settings: TransformSettings) {
    this.#storage = storage;
    this.#target = target;
    this.#settings = settings;
    const { ignoreDecorators, excludeExtraneousValues } = settings;
    const own = storage.getStrategy(target);
    const strategy = own === 'none' ? (settings.strategy ?? 'exposeAll') : own;
    this.takesOthers = strategy === 'exposeAll' && !excludeExtraneousValues;
    const exposed = storage.getExposedProperties(target, plainToClass);
    const excluded = storage.getExcludedProperties(target, plainToClass);
    this.#excluded = ignoreDecorators ? [] : excluded;
    this.listed = [...new Set(this.#list(exposed, excluded))].filter((key) => this.isTaken(key));
  }

  /** Whether a key is taken where the input has it. */
  takes(key: string): boolean {
    return (this.takesOthers && this.isTaken(key)) || this.listed.includes(key);
  }

  /** What decorators, versions, groups and prefixes leave of the keys. */
  isTaken(key: string): boolean {
    if (this.#settings.excludePrefixes.some((prefix) => key.startsWith(prefix))) return false;
    if (this.#settings.ignoreDecorators) return true;
    if (this.#excluded.includes(key)) return false;
    return isInEffect(this.#storage.findExposeMetadata(this.#target, key)?.options, this.#settings);
  }

  #list(exposed: readonly string[], excluded: readonly string[]): string[] {
    const { ignoreDecorators, excludeExtraneousValues } = this.#settings;
    if (ignoreDecorators) return excludeExtraneousValues ? [...exposed, ...excluded] : [];
    return exposed.map((key) => nameOf(this.#storage.findExposeMetadata(this.#target, key)) ?? key);
  }
}

/** The name that an input has for the property; an empty one is none. */
function nameOf(metadata: ExposeMetadata | undefined): string | undefined {
  const name = metadata?.options?.name;
  return name === '' ? undefined : name;
}

/** Whether the versions and groups in a decorator's options let it apply. */
export function isInEffect(
  options: ExposeMetadata['options'],
  { version, groups }: TransformSettings,
): boolean {
  if (!options) return true;
  if (version !== undefined) {
    // As the library compares: a version that is no number is never refused by mistake of ours.
    if (options.since && !(version >= options.since)) return false;
    if (options.until && !(version < options.until)) return false;
  }
  const own = options.groups;
  if (groups?.length) return !own || groups.some((group) => own.includes(group));
  return !own?.length;
}
