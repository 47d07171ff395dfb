/** class-transformer, as far as it is used: handed in, since it is optional. */
export interface SerializerLibrary {
  instanceToPlain(value: unknown, options: object): unknown;
  /** Whether the library's decorators have been used on a class, or on one that it extends. */
  knows(target: unknown): boolean;
}
