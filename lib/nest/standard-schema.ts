/** A place in a value, as a schema names it. */
export type SchemaPath = readonly (PropertyKey | { readonly key: PropertyKey })[];

/** What a schema says of a value. */
export type SchemaResult =
  | { readonly value: unknown; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string; readonly path?: SchemaPath | undefined }[] };

/** A [Standard Schema](https://standardschema.dev), version 1: of zod, valibot, arktype and others. */
export interface StandardSchema {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    validate(value: unknown): SchemaResult | Promise<SchemaResult>;
  };
}

/** arktype's schemas are functions. */
export function isStandardSchema(value: unknown): value is StandardSchema {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  const standard = (value as Partial<StandardSchema>)['~standard'];
  return typeof standard?.validate === 'function';
}

/**
 * The schema among what a parameter's decorator was given: `@MessageBody({ schema })`. Nest 12 keeps it apart; Nest 11
 * takes the object for a pipe, and passes over it.
 */
export function schemaAmong(pipes: readonly unknown[]): StandardSchema | undefined {
  for (const pipe of pipes) {
    if (typeof pipe !== 'object' || pipe === null || 'transform' in pipe) continue;
    const { schema } = pipe as { schema?: unknown };
    if (isStandardSchema(schema)) return schema;
  }
  return undefined;
}

/** The pipes in `@MessageBody({ schema, pipes })`, which Nest 12 keeps apart too. */
export function withoutOptions(pipes: readonly unknown[]): unknown[] {
  return pipes.flatMap((pipe) => {
    if (typeof pipe !== 'object' || pipe === null || 'transform' in pipe || !('schema' in pipe))
      return [pipe];
    const { pipes: inner } = pipe as { pipes?: unknown };
    return Array.isArray(inner) ? (inner as unknown[]) : [];
  });
}
