import { NotCompilable } from './undecided.js';

/** How checks are compiled. */
export interface CompileSettings {
  /** Whether code may be generated where the platform allows it. */
  readonly generatesCode: boolean;
}

/** Options of class-validator's `validate()` that decide about a valid value. */
export interface RuleSettings extends CompileSettings {
  readonly groups: readonly string[] | undefined;
  readonly always: boolean;
  readonly strictGroups: boolean;
  /** Whether a class without rules is invalid. */
  readonly forbidUnknownValues: boolean;
  readonly whitelist: boolean;
  readonly forbidNonWhitelisted: boolean;
  readonly skipUndefined: boolean;
  readonly skipNull: boolean;
}

/** Options of class-transformer's `plainToInstance()` that decide about its result. */
export interface TransformSettings extends CompileSettings {
  readonly strategy: 'exposeAll' | 'excludeAll' | undefined;
  readonly groups: readonly string[] | undefined;
  readonly version: number | undefined;
  readonly excludePrefixes: readonly string[];
  readonly ignoreDecorators: boolean;
  readonly enableImplicitConversion: boolean;
  readonly excludeExtraneousValues: boolean;
  readonly exposeDefaultValues: boolean;
  readonly exposeUnsetFields: boolean;
  /** The options as the library hands them to transform functions. */
  readonly given: object;
}

/** Those that say something about errors only. */
const aboutErrors = ['dismissDefaultMessages', 'validationError', 'stopAtFirstError', 'enableDebugMessages'];
const ruleOptions = [
  'groups',
  'always',
  'strictGroups',
  'whitelist',
  'forbidNonWhitelisted',
  'skipUndefinedProperties',
  'skipNullProperties',
  'skipMissingProperties',
  'forbidUnknownValues',
  ...aboutErrors,
];

/** The defaults of class-transformer. */
const transformDefaults: Readonly<Record<string, unknown>> = {
  enableCircularCheck: false,
  enableImplicitConversion: false,
  excludeExtraneousValues: false,
  excludePrefixes: undefined,
  exposeDefaultValues: false,
  exposeUnsetFields: true,
  groups: undefined,
  ignoreDecorators: false,
  strategy: undefined,
  targetMaps: undefined,
  version: undefined,
};

/** @throws {NotCompilable} for an option nobody here knows */
export function ruleSettings(
  options: Readonly<Record<string, unknown>>,
  { generatesCode }: CompileSettings,
): RuleSettings {
  refuseUnknown(options, ruleOptions);
  const isSkipped = options['skipMissingProperties'] === true;
  return {
    generatesCode,
    groups: options['groups'] as readonly string[] | undefined,
    always: Boolean(options['always']),
    strictGroups: Boolean(options['strictGroups']),
    forbidUnknownValues: options['forbidUnknownValues'] !== false,
    whitelist: Boolean(options['whitelist']),
    forbidNonWhitelisted: Boolean(options['forbidNonWhitelisted']),
    skipUndefined: isSkipped || options['skipUndefinedProperties'] === true,
    skipNull: isSkipped || options['skipNullProperties'] === true,
  };
}

/** @throws {NotCompilable} for an option nobody here knows, and for those that are left to the library */
export function transformSettings(
  options: Readonly<Record<string, unknown>> = {},
  { generatesCode }: CompileSettings,
): TransformSettings {
  refuseUnknown(options, Object.keys(transformDefaults));
  const given = { ...transformDefaults, ...options };
  if (given['targetMaps'] || given['enableCircularCheck'])
    throw new NotCompilable('an option of class-transformer');
  return {
    generatesCode,
    strategy: given['strategy'] as TransformSettings['strategy'],
    groups: given['groups'] as readonly string[] | undefined,
    version: given['version'] as number | undefined,
    excludePrefixes: (given['excludePrefixes'] ?? []) as readonly string[],
    ignoreDecorators: Boolean(given['ignoreDecorators']),
    enableImplicitConversion: Boolean(given['enableImplicitConversion']),
    excludeExtraneousValues: Boolean(given['excludeExtraneousValues']),
    exposeDefaultValues: Boolean(given['exposeDefaultValues']),
    exposeUnsetFields: Boolean(given['exposeUnsetFields']),
    given,
  };
}

function refuseUnknown(options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new NotCompilable(`the option ${unknown} is not known`);
}
