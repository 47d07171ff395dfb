import { AsyncResource } from 'node:async_hooks';
import type { CallHandler, NestInterceptor } from '@nestjs/common';
import { from, isObservable, Observable, type Subscriber, type TeardownLogic } from 'rxjs';
import { isPromise } from '../primitives/is-promise.js';
import { isStreamSource } from '../server/stream-source.js';
import { ChainOutcome } from './chain-outcome.js';
import type { MessageContext } from './execution-context.js';

/** Pipes and method. Called once per subscription. */
export type CallMethod = (context: MessageContext) => unknown;

/**
 * Runs interceptors around a method and says what came out: the value itself where they gave exactly one (at once,
 * or as a promise), an Observable where they gave several or the method returned a stream.
 */
export function runInterceptors(
  interceptors: readonly NestInterceptor[],
  context: MessageContext,
  call: CallMethod,
): unknown {
  const run = new InterceptorRun(interceptors, context, call);
  const source = run.enter(0);
  if (isPromise(source)) return source.then((settled) => run.outcome.of(toObservable(settled)));
  return run.outcome.of(toObservable(source));
}

class InterceptorRun {
  readonly outcome = new ChainOutcome();
  readonly #interceptors: readonly NestInterceptor[];
  readonly #context: MessageContext;
  readonly #call: CallMethod;

  constructor(interceptors: readonly NestInterceptor[], context: MessageContext, call: CallMethod) {
    this.#interceptors = interceptors;
    this.#context = context;
    this.#call = call;
  }

  /** Calls the interceptor at an index, or behind the last one the method. */
  enter(index: number): unknown {
    const interceptor = this.#interceptors[index];
    if (interceptor === undefined) return this.#call(this.#context);
    return interceptor.intercept(this.#context, new Rest(this, index + 1));
  }

  /** Passes what `enter(index)` returned on. */
  pass(index: number, result: unknown, subscriber: Subscriber<unknown>): TeardownLogic {
    if (isPromise(result)) {
      const fail = (error: unknown): void => subscriber.error(error);
      // Who has left meanwhile must not start anything.
      result
        .then((settled) => {
          if (!subscriber.closed) subscriber.add(this.pass(index, settled, subscriber));
        })
        .then(undefined, fail);
      return undefined;
    }
    if (index < this.#interceptors.length) return toObservable(result).subscribe(subscriber);
    if (isStreamSource(result)) {
      this.outcome.isStream = true;
      return (isObservable(result) ? result : from(result)).subscribe(subscriber);
    }
    subscriber.next(result);
    subscriber.complete();
    return undefined;
  }
}

/** What an interceptor is given as `next`. */
class Rest implements CallHandler {
  readonly #run: InterceptorRun;
  readonly #index: number;

  constructor(run: InterceptorRun, index: number) {
    this.#run = run;
    this.#index = index;
  }

  /**
   * Nothing happens until somebody subscribes. What is called then sees the `AsyncLocalStorage` of this call, not that
   * of the subscription; values are passed on outside of it. All as in Nest.
   */
  handle(): Observable<any> {
    const scope = new AsyncResource('GatewireInterceptor');
    const run = this.#run;
    const index = this.#index;
    return new Observable((subscriber) =>
      run.pass(index, scope.runInAsyncScope(run.enter, run, index), subscriber),
    );
  }
}

/** An interceptor may return whatever RxJS takes; for anything else the error is RxJS's own. */
function toObservable(result: unknown): Observable<unknown> {
  return isObservable(result) ? result : from(result as Iterable<unknown>);
}
