import { MessageBody } from '@nestjs/websockets';
import { OptionError } from '../../primitives/option-error.js';
import { SchemaPipe } from '../schema.pipe.js';
import { isStandardSchema, type StandardSchema } from '../standard-schema.js';

/**
 * The data of the message, or one property of it, validated and transformed by a Standard Schema (zod, valibot,
 * arktype). The same as `@MessageBody({ schema })` of Nest 12, whose types Nest 11 does not know.
 *
 * @throws {OptionError} for what is no Standard Schema
 *
 * @example
 * \@SubscribeMessage('order')
 * order(@SchemaBody(z.object({ qty: z.number().int() })) order: { qty: number }) {}
 */
export function SchemaBody(schema: StandardSchema, property?: string): ParameterDecorator {
  if (!isStandardSchema(schema)) throw new OptionError('@SchemaBody', 'a Standard Schema', schema);
  const pipe = new SchemaPipe(schema);
  return property === undefined ? MessageBody(pipe) : MessageBody(property, pipe);
}
