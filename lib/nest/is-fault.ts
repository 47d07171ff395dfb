import { errorTraits, type ErrorTraits } from '../protocol/error-code.js';
import { isGatewireError } from '../protocol/gatewire-error.js';
import { mapNestError } from './error-mapper.js';

/** Whether the same might succeed later: neither the sender's fault nor an answer of the application. */
export function isFault(error: unknown): boolean {
  const code = isGatewireError(error) ? error.code : mapNestError(error)?.code;
  if (code === undefined) return true;
  const advice = (errorTraits as Readonly<Record<string, ErrorTraits>>)[code]?.advice;
  return advice === 'retry' || advice === 'unsure';
}
