import type { Principal } from '../../../connection/principal.js';
import { isPromise } from '../../../primitives/is-promise.js';
import type { Authentication, Verified } from './authentication.js';
import { AuthenticationError } from './authentication-error.js';

/** Reads what the application says about credentials. @throws {AuthenticationError} when it knows nobody by them */
export function accepted(
  verified: Verified | Promise<Verified>,
  authentication: Omit<Authentication, 'principal'> = {},
): Authentication | Promise<Authentication> {
  if (isPromise(verified)) return verified.then((settled) => toAuthentication(settled, authentication));
  return toAuthentication(verified, authentication);
}

function toAuthentication(
  verified: Verified,
  authentication: Omit<Authentication, 'principal'>,
): Authentication {
  if (verified === null || verified === undefined || verified === false) {
    throw new AuthenticationError('the credentials are not good');
  }
  return { ...authentication, principal: checkPrincipal(verified) };
}

/** @throws {TypeError} for what is no principal: a fault of the application */
function checkPrincipal(principal: Principal): Principal {
  if (typeof principal !== 'object' || typeof principal.id !== 'string' || principal.id === '') {
    throw new TypeError('a principal must be an object with a string "id"');
  }
  return principal;
}
