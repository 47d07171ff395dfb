import type { ClassReference } from './validation-libraries.js';

/** Whether something is a class, and not one of the platform's own. */
export function isUserClass(type: unknown): type is ClassReference {
  return (
    typeof type === 'function' &&
    typeof type.prototype === 'object' &&
    !/\{\s*\[native code\]\s*\}\s*$/.test(Function.prototype.toString.call(type))
  );
}
