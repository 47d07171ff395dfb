import * as nest from '@nestjs/common';
import { type ArgumentMetadata, BadRequestException, type PipeTransform } from '@nestjs/common';
import { isPromise } from '../primitives/is-promise.js';
import { noteFailure, watchFailures } from './validation-failures.js';
import type { SchemaResult, StandardSchema } from './standard-schema.js';

/**
 * Validates and transforms with a Standard Schema: on every version what the `StandardSchemaValidationPipe` of Nest 12
 * does by default, with the same exception. Synchronous if the schema is.
 */
export class SchemaPipe implements PipeTransform {
  readonly #schema: StandardSchema;

  constructor(schema: StandardSchema) {
    this.#schema = schema;
  }

  transform(value: unknown): unknown {
    stripPrototypeKeys(value);
    const result = this.#schema['~standard'].validate(value);
    return isPromise(result) ? result.then(valueOf) : valueOf(result);
  }
}

/** `StandardSchemaValidationPipe` of Nest 12, as far as it is called. */
interface NestsSchemaPipe extends PipeTransform {
  readonly isTransformEnabled: boolean;
  readonly validateOptions: unknown;
  exceptionFactory(issues: unknown): Error;
  toValidate(metadata: ArgumentMetadata): boolean;
  stripProtoKeys(value: unknown): void;
  validate(value: unknown, schema: unknown, options: unknown): SchemaResult | Promise<SchemaResult>;
}

const NestsSchemaPipe = (nest as unknown as Record<string, (abstract new () => NestsSchemaPipe) | undefined>)[
  'StandardSchemaValidationPipe'
];

/** Whether a pipe validates by the schema of a parameter. */
export function isSchemaPipe(pipe: PipeTransform): boolean {
  return pipe instanceof SchemaPipe || (NestsSchemaPipe !== undefined && pipe instanceof NestsSchemaPipe);
}

/** What stands in front of Nest's pipe: its own steps, without a promise if the schema needs none. */
export function inFrontOfSchemaPipe(pipe: PipeTransform, metadata: ArgumentMetadata): PipeTransform {
  if (NestsSchemaPipe === undefined || !(pipe instanceof NestsSchemaPipe)) return pipe;
  watchFailures(pipe);
  const nests = pipe;
  if (nests.transform !== (NestsSchemaPipe.prototype as NestsSchemaPipe).transform) return pipe;
  const { schema } = metadata as { schema?: unknown };
  if (!schema || !nests.toValidate(metadata)) return { transform: (value: unknown) => value };
  const settle = (value: unknown, result: SchemaResult): unknown => {
    if (result.issues) throw nests.exceptionFactory(result.issues);
    return nests.isTransformEnabled ? result.value : value;
  };
  return {
    transform: (value: unknown) => {
      nests.stripProtoKeys(value);
      const result = nests.validate(value, schema, nests.validateOptions);
      return isPromise(result) ? result.then((settled) => settle(value, settled)) : settle(value, result);
    },
  };
}

function valueOf(result: SchemaResult): unknown {
  if (!result.issues) return result.value;
  const lines = result.issues.map(({ message, path = [] }) => {
    const place = path.map((one) => String(typeof one === 'object' ? one.key : one)).join('.');
    return place === '' ? message : `${place}: ${message}`;
  });
  throw noteFailure(new BadRequestException(lines), result.issues) as Error;
}

/** As Nest does before it validates: keys that could reach a prototype are deleted, whatever the schema makes of them. */
function stripPrototypeKeys(value: unknown): void {
  const pending: unknown[] = [value];
  const seen = new Set<unknown>();
  while (pending.length > 0) {
    const one = pending.pop();
    if (typeof one !== 'object' || one === null || seen.has(one)) continue;
    if (!Array.isArray(one) && Object.getPrototypeOf(one) !== Object.prototype) continue;
    seen.add(one);
    for (const key of ['__proto__', 'prototype', 'constructor']) {
      if (Object.hasOwn(one, key)) Reflect.deleteProperty(one, key);
    }
    pending.push(...(Object.values(one) as unknown[]));
  }
}
