import { nameOf } from './session-keys.js';

const escapes: Readonly<Record<string, string>> = { '{': '%7B', '}': '%7D', '%': '%25' };

/** What keys of one thing begin with, so that a cluster has them on one node. @param prefix without braces, not empty */
export function hashTag(prefix: string, name: string): string {
  return `{${prefix}${nameOf(name).replace(/[{}%]/g, (sign) => escapes[sign]!)}}`;
}
