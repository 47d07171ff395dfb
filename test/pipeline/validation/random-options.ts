import type { ValidationPipeOptions } from '@nestjs/common';
import type fc from 'fast-check';
import { happens } from './random-classes.js';

/** Options of a pipe: the usual ones often, each of the others now and then. */
export function randomOptions(gen: fc.GeneratorValue): ValidationPipeOptions {
  const some = (percent: number, options: object): object => (happens(gen, percent) ? options : {});
  const transformOptions = {
    ...some(12, { enableImplicitConversion: true }),
    ...some(4, { excludeExtraneousValues: true }),
    ...some(4, { exposeDefaultValues: true }),
    ...some(4, { exposeUnsetFields: false }),
    ...some(3, { strategy: 'excludeAll' }),
    ...some(3, { strategy: 'exposeAll' }),
    ...some(4, { groups: ['admin'] }),
    ...some(4, { version: 2 }),
    ...some(3, { excludePrefixes: ['_', 'be'] }),
    ...some(3, { ignoreDecorators: true }),
    // Left to the library.
    ...some(1, { enableCircularCheck: true }),
  };
  return {
    ...some(75, { transform: true }),
    ...some(40, { whitelist: true, ...some(25, { forbidNonWhitelisted: true }) }),
    ...some(20, { forbidUnknownValues: happens(gen, 50) }),
    ...some(4, { skipMissingProperties: true }),
    ...some(4, { skipNullProperties: true }),
    ...some(4, { skipUndefinedProperties: true }),
    ...some(8, { groups: ['admin'] }),
    ...some(4, { always: true }),
    ...some(4, { strictGroups: true }),
    ...some(4, { stopAtFirstError: true }),
    ...some(4, { validationError: { target: true } }),
    ...some(4, { dismissDefaultMessages: true }),
    ...(Object.keys(transformOptions).length > 0 ? { transformOptions } : {}),
  };
}
