import { isBinary } from './binary-data.js';

/** Whether a value nests objects and arrays more than `limit` deep. Bytes are not looked into. */
export function valueExceedsDepth(value: unknown, limit: number): boolean {
  if (typeof value !== 'object' || value === null || isBinary(value)) return false;
  // Without a limit the walk could overflow the stack; with one it is as deep as the limit, also in a cycle.
  if (limit === Infinity) return false;
  if (limit <= 0) return true;
  if (Array.isArray(value)) return value.some((item) => valueExceedsDepth(item, limit - 1));
  for (const key in value) {
    if (valueExceedsDepth((value as Record<string, unknown>)[key], limit - 1)) return true;
  }
  return false;
}
