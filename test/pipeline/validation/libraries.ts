import { ValidationPipe, type ValidationPipeOptions } from '@nestjs/common';
import {
  CompiledValidator,
  type CompiledOptions,
} from '../../../lib/pipeline/stages/validation/compiled-validator.js';
import { NotCompilable, undecided } from '../../../lib/pipeline/stages/validation/undecided.js';
import type { ClassReference } from '../../../lib/pipeline/stages/validation/validation-libraries.js';
import { ValidationPackages } from '../../../lib/nest/validation-packages.js';

export const packages = (await ValidationPackages.load())!;

/** What one side says of an input, and what the input is afterwards. */
export type Verdict =
  | { readonly isValid: true; readonly value: unknown; readonly input: unknown }
  | { readonly isValid: false; readonly error: unknown };

/** The real pipe. */
export async function byLibraries(pipe: ValidationPipe, metatype: unknown, input: unknown): Promise<Verdict> {
  try {
    const value: unknown = await pipe.transform(input, { type: 'body', metatype: metatype as never });
    return { isValid: true, value, input };
  } catch (error) {
    return { isValid: false, error };
  }
}

/** The compiled check of a pipe for a class; null where the class is left to the libraries. */
export function compiledFor(
  pipe: ValidationPipe,
  metatype: unknown,
  generatesCode = true,
): CompiledValidator | null {
  try {
    return new CompiledValidator(metatype as ClassReference, packages, pipe as unknown as CompiledOptions, {
      generatesCode,
    });
  } catch (error) {
    if (error instanceof NotCompilable) return null;
    throw error;
  }
}

/** The compiled check; undefined where it leaves the input to the libraries. */
export function byCompiled(compiled: CompiledValidator | null, input: unknown): Verdict | undefined {
  const value = compiled === null ? undecided : compiled.run(input);
  return value === undecided ? undefined : { isValid: true, value, input };
}

export function pipeOf(options: ValidationPipeOptions = {}): ValidationPipe {
  return new ValidationPipe(options);
}
