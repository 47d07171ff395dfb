import type { Principal } from '../../../connection/principal.js';

/** Reads what a principal has been granted from these of its claims: lists, or texts of words (RFC 6749 section 3.3). */
export class Grants {
  readonly #claims: readonly string[];
  /** A principal is read once: who changes it assigns another one. */
  readonly #read = new WeakMap<Principal, ReadonlySet<string>>();

  constructor(claims: readonly string[]) {
    this.#claims = claims;
  }

  of(principal: Principal): ReadonlySet<string> {
    let granted = this.#read.get(principal);
    if (granted === undefined) {
      granted = new Set(this.#claims.flatMap((claim) => words(principal[claim])));
      this.#read.set(principal, granted);
    }
    return granted;
  }
}

function words(claim: unknown): string[] {
  if (typeof claim === 'string') return claim.split(' ').filter((word) => word !== '');
  return Array.isArray(claim) ? claim.filter((word) => typeof word === 'string') : [];
}
