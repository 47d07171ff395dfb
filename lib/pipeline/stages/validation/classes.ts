import type { Deletion } from './plain-data.js';
import type { undecided } from './undecided.js';
import type { ClassReference } from './validation-libraries.js';

/** Makes instances of one class. */
export interface Builder {
  /** Whether functions of the user may look at the input of this class. */
  readonly showsInput: boolean;
  /** @param without a key that counts as absent */
  build(input: Record<string, unknown>, deletions: Deletion[], without?: string): object | typeof undecided;
}

/** Gives the builder of a class; of each class there is one. */
export type Builders = (target: ClassReference) => Builder;

/** Decides whether instances of one class are valid. */
export interface Checker {
  isValid(instance: Record<string, unknown>): boolean;
}

/** Gives the checker of an instance's class; undefined where the library must decide. */
export type CheckerOf = (instance: object) => Checker | undefined;
