import type { ArgumentsHost, Logger } from '@nestjs/common';
import { isPromise } from '../primitives/is-promise.js';
import type { BoundFilter } from './enhancer-resolver.js';

/** What answers where no filter does. MUST NOT throw. */
export type DefaultAnswer = (error: unknown, host: ArgumentsHost) => void;

/** Gives errors to the first filter that catches their type; what that returns is ignored, as in Nest. */
export class FilterChain {
  readonly #filters: readonly BoundFilter[];
  readonly #fallback: DefaultAnswer;
  readonly #afterFailure: DefaultAnswer;
  readonly #logger: Logger;

  /**
   * @param filters in the order in which they are asked
   * @param afterFailure answers where a filter has failed
   */
  constructor(
    filters: readonly BoundFilter[],
    fallback: DefaultAnswer,
    afterFailure: DefaultAnswer,
    logger: Logger,
  ) {
    this.#filters = filters;
    this.#fallback = fallback;
    this.#afterFailure = afterFailure;
    this.#logger = logger;
  }

  /** Never throws: a filter that fails is logged. */
  handle(error: unknown, host: ArgumentsHost): void {
    const filter = this.#filters.find(({ exceptionMetatypes }) => catches(exceptionMetatypes, error));
    if (filter === undefined) return this.#fallback(error, host);
    const failed = (failure: unknown): void => {
      this.#logger.error('an exception filter failed', failure);
      this.#afterFailure(error, host);
    };
    try {
      const result: unknown = filter.func(error, host);
      if (isPromise(result)) result.then(undefined, failed);
    } catch (failure) {
      failed(failure);
    }
  }
}

function catches(types: BoundFilter['exceptionMetatypes'], error: unknown): boolean {
  return types.length === 0 || types.some((type) => error instanceof type);
}
