/** `class-validator`'s error, as far as a peer may see it: not the object, not the value. */
interface ValidationErrorLike {
  readonly property: string;
  readonly constraints?: Record<string, string>;
  readonly children?: readonly unknown[];
}

/**
 * What a validation found, as a list of texts: from the list of texts that `ValidationPipe` makes, or from
 * `class-validator`'s errors, which an `exceptionFactory` may hand on. Undefined for anything else.
 */
export function validationMessages(found: unknown): string[] | undefined {
  if (!Array.isArray(found) || found.length === 0) return undefined;
  const messages = found.flatMap((one: unknown) => textsOf(one, ''));
  return messages.length > 0 ? messages : undefined;
}

function textsOf(found: unknown, parent: string): string[] {
  if (typeof found === 'string') return [found];
  if (!isValidationError(found)) return [];
  const path = parent + found.property;
  const own = Object.values(found.constraints ?? {}).map((text) =>
    parent === '' ? text : `${parent}${text}`,
  );
  return [...own, ...(found.children ?? []).flatMap((child) => textsOf(child, `${path}.`))];
}

function isValidationError(found: unknown): found is ValidationErrorLike {
  return (
    typeof found === 'object' &&
    found !== null &&
    typeof (found as { property?: unknown }).property === 'string'
  );
}
