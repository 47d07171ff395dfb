import { OptionError } from '../../primitives/option-error.js';

/** The names of what sessions are kept in. @see session-lua.ts */
export class SessionKeys {
  /** What all of them begin with. */
  readonly base: string;
  /** What every script works with: of this process, all sessions, all owners. */
  readonly shared: readonly string[];

  constructor(prefix: string, process: string) {
    this.base = `${prefix}:`;
    this.shared = [`${this.base}writer:${process}`, `${this.base}sessions`, `${this.base}owners`];
  }

  session(name: string): string {
    return `${this.base}session:${name}`;
  }

  lease(owner: string): string {
    return `${this.base}lease:${owner}`;
  }

  untold(owner: string): string {
    return `${this.base}untold:${owner}`;
  }
}

/** In a cluster all keys with one hash tag are on one node, as scripts need them. @throws {OptionError} */
export function taggedPrefix(prefix: unknown): string {
  if (typeof prefix !== 'string' || prefix === '' || !isWellFormed(prefix)) {
    throw new OptionError('prefix', 'a text of at least one character', prefix);
  }
  return /^[^{]*\{[^}]+\}/.test(prefix) ? prefix : `{${prefix}}`;
}

/** A text as a part of a key. Halves of surrogate pairs, which UTF-8 has no bytes for, stay what they are. */
export function nameOf(text: string): string {
  return isWellFormed(text) && !text.startsWith('"') ? text : JSON.stringify(text);
}

function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}
