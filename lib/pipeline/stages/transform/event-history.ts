import { wholeNumber } from '../../../primitives/option-checks.js';
import { OptionError } from '../../../primitives/option-error.js';
import { isGatewireError } from '../../../protocol/gatewire-error.js';
import { isPromise } from '../../../primitives/is-promise.js';
import type { AnyMessage, ApplicationData } from '../message-subject.js';

/** Makes data of one version into data of the next one, or of the one before. It MUST NOT change what it is given. */
export type VersionCaster = (data: ApplicationData, message: AnyMessage) => unknown;

/** The versions of one event. */
export interface EventVersionOptions {
  /** The version that handlers take and emits have. */
  readonly current: number;
  /** From the version named to the next one, for each that clients may send: without gaps up to `current`. */
  readonly up?: Readonly<Record<number, VersionCaster>>;
  /** From the version named to the one before, for emits and replies. A step that is not here changes nothing. */
  readonly down?: Readonly<Record<number, VersionCaster>>;
  /** The version of a message that says none. @default current */
  readonly unversioned?: number;
}

/** Casts the data of one event from version to version, step by step. */
export class EventHistory {
  readonly event: string;
  readonly current: number;
  readonly unversioned: number;
  /** Oldest version that clients may send. */
  readonly oldest: number;
  readonly #up: ReadonlyMap<number, VersionCaster>;
  readonly #down: ReadonlyMap<number, VersionCaster>;

  /** @throws {OptionError} for a version that cannot be, and a step that leads nowhere */
  constructor(event: string, { current, up = {}, down = {}, unversioned = current }: EventVersionOptions) {
    this.event = event;
    this.current = wholeNumber(`${event}.current`, current);
    this.#up = steps(`${event}.up`, up, 1, current - 1);
    this.#down = steps(`${event}.down`, down, 2, current);
    this.oldest = Math.min(current, ...this.#up.keys());
    for (let version = this.oldest; version < current; version++) {
      if (!this.#up.has(version))
        throw new OptionError(`${event}.up`, `a step from version ${version}, as there is one below`, 'none');
    }
    this.unversioned = wholeNumber(`${event}.unversioned`, unversioned);
    if (!this.takes(unversioned))
      throw new OptionError(`${event}.unversioned`, `${this.oldest} to ${current}`, unversioned);
  }

  /** Whether clients may send it. */
  takes(version: unknown): version is number {
    return (
      Number.isSafeInteger(version) &&
      (version as number) >= this.oldest &&
      (version as number) <= this.current
    );
  }

  /** What clients may send, for those who have sent something else. */
  get supported(): number[] {
    return Array.from({ length: this.current - this.oldest + 1 }, (_, i) => this.oldest + i);
  }

  /** To the current version. Throws what a caster throws, if that is for the peer; else an error that names the step. */
  upcast(data: unknown, version: number, message: AnyMessage): unknown {
    return this.#cast(data, version, this.current, message);
  }

  /** From the current version. */
  downcast(data: unknown, version: number, message: AnyMessage): unknown {
    return this.#cast(data, this.current, version, message);
  }

  #cast(data: unknown, from: number, to: number, message: AnyMessage): unknown {
    const step = to > from ? 1 : -1;
    const casters = to > from ? this.#up : this.#down;
    for (let version = from; version !== to; version += step) {
      const caster = casters.get(version);
      if (caster === undefined) continue;
      const fail = (error: unknown): never => this.#fail(error, version, version + step);
      let cast: unknown;
      try {
        cast = caster(data, message);
      } catch (error) {
        return fail(error);
      }
      if (isPromise(cast)) {
        return Promise.resolve(cast).then((result) => this.#cast(result, version + step, to, message), fail);
      }
      data = cast;
    }
    return data;
  }

  #fail(error: unknown, from: number, to: number): never {
    if (isGatewireError(error)) throw error;
    throw new Error(`the caster of event "${this.event}" from version ${from} to ${to} has failed`, {
      cause: error,
    });
  }
}

function steps(
  option: string,
  given: Readonly<Record<number, VersionCaster>>,
  min: number,
  max: number,
): ReadonlyMap<number, VersionCaster> {
  return new Map(
    Object.entries(given).map(([name, caster]) => {
      const version = Number(name);
      if (!Number.isSafeInteger(version) || version < min || version > max)
        throw new OptionError(option, max < min ? 'no steps' : `steps from versions ${min} to ${max}`, name);
      if (typeof caster !== 'function') throw new OptionError(`${option}.${name}`, 'a function', caster);
      return [version, caster];
    }),
  );
}
