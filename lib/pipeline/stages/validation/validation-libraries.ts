/** A class, as the libraries name what they hold metadata about. */
export type ClassReference = abstract new (...args: never[]) => object;

/** What one decorator of class-validator has left on a property. */
export interface ValidationRule {
  readonly type: string;
  readonly propertyName: string;
  readonly constraints?: readonly unknown[];
  readonly constraintCls?: unknown;
  readonly each?: boolean;
  readonly validateIf?: (object: unknown, value: unknown) => boolean;
}

/** What a validator is told beside the value. */
export interface RuleArguments {
  readonly targetName: string | undefined;
  readonly property: string;
  readonly object: object;
  readonly value: unknown;
  readonly constraints: readonly unknown[] | undefined;
}

/** A validator that a decorator has registered. */
export interface RegisteredValidator {
  readonly name: string;
  readonly async: boolean;
  readonly instance: { validate(value: unknown, args: RuleArguments): unknown };
}

/** class-validator's metadata storage, as far as it is read. */
export interface RuleStorage {
  getTargetValidationMetadatas(
    target: unknown,
    schema: string | undefined,
    always: boolean,
    strictGroups: boolean,
    groups: readonly string[] | undefined,
  ): ValidationRule[];
  getTargetValidatorConstraints(target: unknown): RegisteredValidator[];
}

/** Which classes a value may become, by the value of one property. */
export interface Discriminator {
  readonly property: string;
  readonly subTypes: readonly { readonly name: unknown; readonly value: unknown }[];
}

/** What `@Type()` has left. */
export interface TypeMetadata {
  readonly reflectedType: unknown;
  readonly typeFunction?: ((options: unknown) => unknown) | undefined;
  readonly options?: {
    readonly discriminator?: Discriminator;
    readonly keepDiscriminatorProperty?: boolean;
  };
}

/** What `@Expose()` has left. */
export interface ExposeMetadata {
  readonly propertyName: string;
  readonly options?: {
    readonly name?: string;
    readonly since?: number;
    readonly until?: number;
    readonly groups?: readonly string[];
  };
}

/** What `@Transform()` has left. */
export interface TransformMetadata {
  readonly transformFn: (params: object) => unknown;
  readonly options?: ExposeMetadata['options'];
}

type PropertiesOf = ReadonlyMap<unknown, ReadonlyMap<string | undefined, unknown>>;

/** class-transformer's metadata storage, as far as it is read. */
export interface TransformStorage {
  readonly _typeMetadatas: PropertiesOf;
  readonly _transformMetadatas: PropertiesOf;
  readonly _exposeMetadatas: PropertiesOf;
  readonly _excludeMetadatas: PropertiesOf;
  getStrategy(target: unknown): 'none' | 'exposeAll' | 'excludeAll';
  getExposedProperties(target: unknown, transformationType: number): string[];
  getExcludedProperties(target: unknown, transformationType: number): string[];
  findExposeMetadata(target: unknown, property: string): ExposeMetadata | undefined;
  findExposeMetadataByCustomName(target: unknown, name: string): ExposeMetadata | undefined;
  findTypeMetadata(target: unknown, property: string): TypeMetadata | undefined;
  findTransformMetadatas(target: unknown, property: string, transformationType: number): TransformMetadata[];
}

/** The libraries whose work is compiled: handed in, since both are optional. */
export interface ValidationLibraries {
  readonly rules: RuleStorage;
  readonly transforms: TransformStorage;
  /** class-transformer's `instanceToPlain`. */
  readonly instanceToPlain: (value: unknown, options: object | undefined) => unknown;
}

/** class-transformer's `TransformationType.PLAIN_TO_CLASS`. */
export const plainToClass = 0;
