import { isPromise } from '../primitives/is-promise.js';

/** On an exception: what the validation found that it is about. For a symbol no serialiser and no filter sees it. */
const found = Symbol.for('gatewire:validation.found');
/** On a factory of exceptions that is watched already. */
const isWatched = Symbol.for('gatewire:validation.watched');

type ExceptionFactory = ((errors: unknown) => unknown) & { [isWatched]?: true };

/**
 * Lets the exceptions of a validating pipe be asked what was found: Nest's own hold texts only. Whoever catches one sees
 * what Nest would have thrown.
 *
 * Its `exceptionFactory` is wrapped where it is: a copy of the pipe would break subclasses with private fields.
 */
export function watchFailures(pipe: object): void {
  const watched = pipe as { exceptionFactory?: ExceptionFactory };
  const factory = watched.exceptionFactory;
  if (typeof factory !== 'function' || factory[isWatched]) return;
  const noting = function (this: unknown, errors: unknown): unknown {
    const exception = factory.call(this, errors);
    if (isPromise(exception)) return exception.then((settled) => noteFailure(settled, errors));
    return noteFailure(exception, errors);
  };
  // A frozen pipe stays as it is: its failures are told as its texts say.
  Reflect.set(watched, 'exceptionFactory', Object.assign(noting, { [isWatched]: true }));
}

/** What the validation found that an exception is about. Undefined for any other exception. */
export function failureOf(exception: unknown): unknown {
  if (typeof exception !== 'object' || exception === null) return undefined;
  return (exception as { [found]?: unknown })[found];
}

/** Lets an exception be asked what was found. */
export function noteFailure(exception: unknown, errors: unknown): unknown {
  if (typeof exception === 'object' && exception !== null && Object.isExtensible(exception)) {
    // One exception for several messages: whose errors it is about is not known.
    const value = Object.hasOwn(exception, found) ? undefined : errors;
    Object.defineProperty(exception, found, { value, configurable: true });
  }
  return exception;
}
