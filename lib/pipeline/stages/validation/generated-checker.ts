import { generated } from './generated-code.js';
import type { PropertyCheck } from './property-check.js';
import type { RuleSettings } from './validation-settings.js';

/** Whether an instance is valid, stripped of what a whitelist does not allow. */
export type CheckFunction = (instance: Record<string, unknown>) => boolean;

/** The steps of `InstanceChecker.isValid()` for one class, written out; undefined where code cannot be generated. */
export function generateCheck(
  checks: readonly PropertyCheck[],
  settings: RuleSettings,
): CheckFunction | undefined {
  const values: Record<string, unknown> = {
    checks,
    strip: (o: object, key: string) => Reflect.deleteProperty(o, key),
  };
  const body = checks.map((check, index) => check.source(`checks[${index}]`, `p${index}`, values));
  return generated(
    values,
    `function isValid(o) {
      let v, r, isActive;
      ${settings.whitelist ? whitelist(checks, settings) : ''}
      ${body.join('\n      ')}
      return true;
    }`,
  ) as CheckFunction | undefined;
}

function whitelist(checks: readonly PropertyCheck[], { forbidNonWhitelisted }: RuleSettings): string {
  const allowed = checks.map(({ property }) => `case ${JSON.stringify(property)}:`).join(' ');
  const other = forbidNonWhitelisted ? 'return false;' : 'strip(o, key);';
  return `for (const key of Object.keys(o)) switch (key) { ${allowed} break; default: ${other} }`;
}
