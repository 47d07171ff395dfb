import type { Type } from '@nestjs/common';
import type { GatewayMiddleware } from '../pipeline/middleware.js';

/** A middleware that takes options for each of its uses. */
export interface ConfigurableMiddleware<Options> extends GatewayMiddleware {
  /** Called once for each use, after injection and before anything else. Throw for options that cannot work. */
  configure(options: Options): void;
}

/** A class with the options of one use. */
export interface ConfiguredMiddleware {
  readonly metatype: Type<ConfigurableMiddleware<unknown>>;
  readonly options: unknown;
}

/**
 * A middleware class with options: an instance for each use, made with injection in the module that provides the
 * class, else where it is used.
 *
 * @example
 * \@UseMiddleware(withOptions(AuditTrail, { level: 'full' }))
 */
export function withOptions<Options>(
  metatype: Type<ConfigurableMiddleware<Options>>,
  options: Options,
): ConfiguredMiddleware {
  return { metatype: metatype, options };
}

/** Whether a reference comes from {@link withOptions}. */
export function isConfigured(reference: object): reference is ConfiguredMiddleware {
  return Object.hasOwn(reference, 'metatype');
}
