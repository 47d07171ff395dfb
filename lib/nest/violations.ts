/** One part of the data that is not as the handler declares it. */
export interface Violation {
  /** Where: property names and indices, joined by dots (`items.0.price`); empty for the data itself, or where it is not known. */
  readonly path: string;
  /** What does not hold there, by the name of the rule (`isInt`, `whitelistValidation`); of a schema: `schema`. */
  readonly constraints: Readonly<Record<string, string>>;
}

/** Of one message; a list of a thousand broken items says no more in a thousand entries. */
const maxViolations = 100;

/** One text about one rule. */
interface Finding {
  readonly path: string;
  readonly rule: string;
  readonly text: string;
  /** How Nest writes it in its list of messages. */
  readonly line: string;
}

/**
 * What an exception shows of a failed validation, in order: of a list of texts as Nest's pipes write them, of
 * class-validator's errors, of issues of a schema, or of texts by path. Undefined for anything else.
 *
 * @param found what the validation found: it gives each text that the exception shows its path and rule back. What the
 * exception does not show stays untold: an `exceptionFactory` has the last word.
 */
export function violationsOf(shown: unknown, found?: unknown): Violation[] | undefined {
  const findings = Array.isArray(shown) ? listed(shown, found) : grouped(shown, found);
  if (findings.length === 0) return undefined;
  const byPath = new Map<string, Record<string, string>>();
  for (const { path, rule, text } of findings) {
    const constraints = byPath.get(path) ?? {};
    // Texts without a known rule must not hide one another.
    let name = rule;
    for (let i = 2; name in constraints && constraints[name] !== text; i++) name = `${rule}${i}`;
    constraints[name] = text;
    if (!byPath.has(path) && byPath.size === maxViolations) break;
    byPath.set(path, constraints);
  }
  return [...byPath].map(([path, constraints]) => ({ path, constraints }));
}

function listed(shown: readonly unknown[], found: unknown): Finding[] {
  const known = new Map(findingsIn(found).map((finding) => [finding.line, finding]));
  return shown.flatMap((one) =>
    typeof one === 'string'
      ? (known.get(one) ?? { path: '', rule: 'message', text: one, line: one })
      : findingsIn([one]),
  );
}

/** `errorFormat: 'grouped'` of Nest 12. */
function grouped(shown: unknown, found: unknown): Finding[] {
  if (typeof shown !== 'object' || shown === null || found === undefined) return [];
  const known = findingsIn(found);
  return Object.entries(shown).flatMap(([path, texts]) =>
    (Array.isArray(texts) ? texts : [])
      .filter((text) => typeof text === 'string')
      .map((text) => {
        const rule = known.find((finding) => finding.path === path && finding.text === text)?.rule;
        return {
          path: rule === undefined && path === '...' ? '' : path,
          rule: rule ?? 'message',
          text,
          line: text,
        };
      }),
  );
}

function findingsIn(found: unknown, parent = ''): Finding[] {
  if (!Array.isArray(found)) return [];
  return found.flatMap((one: unknown) => {
    if (isValidationError(one)) return ofError(one, parent);
    return isIssue(one) ? [ofIssue(one)] : [];
  });
}

/** class-validator's error, as far as a peer may see it: not the object, not the value. */
interface ValidationErrorLike {
  readonly property: string;
  readonly constraints?: Readonly<Record<string, string>>;
  readonly children?: readonly unknown[];
}

function ofError({ property, constraints = {}, children }: ValidationErrorLike, parent: string): Finding[] {
  const path = parent === '' ? property : `${parent}.${property}`;
  const own = Object.entries(constraints).map(([rule, text]) => {
    const line = parent === '' ? text : `${parent}.${text}`;
    return { path, rule, text, line };
  });
  return [...own, ...findingsIn(children, path)];
}

/** An issue of a Standard Schema. */
interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

function ofIssue({ message, path: segments = [] }: Issue): Finding {
  const path = segments.map((one) => String(typeof one === 'object' ? one.key : one)).join('.');
  return { path, rule: 'schema', text: message, line: path === '' ? message : `${path}: ${message}` };
}

function isValidationError(found: unknown): found is ValidationErrorLike {
  return isObject(found) && typeof found['property'] === 'string';
}

function isIssue(found: unknown): found is Issue {
  return isObject(found) && typeof found['message'] === 'string';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
