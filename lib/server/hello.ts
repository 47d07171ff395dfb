import { isObject } from '../protocol/check-envelope.js';
import { ErrorCode } from '../protocol/error-code.js';
import { GatewireError } from '../protocol/gatewire-error.js';

/** What a `$hello` says that resumes a session. */
export interface HelloData {
  readonly session: string;
  readonly token: string;
  /** Number of the last message that the client has processed. */
  readonly seq: number;
}

/** Longer ids and tokens are not ours. */
const longest = 128;

const malformed = new GatewireError(
  ErrorCode.BadRequest,
  '$hello: "data" is {} for a new session, or {session, token, seq} to resume one',
);

/** Reads the `data` of a `$hello`; undefined: it asks for a new session. @throws {GatewireError} `BAD_REQUEST` */
export function readHello(data: unknown): HelloData | undefined {
  if (data === undefined || data === null) return undefined;
  if (!isObject(data)) throw malformed;
  const { session, token, seq } = data;
  if (session === undefined && token === undefined && seq === undefined) return undefined;
  if (!isShort(session) || !isShort(token) || !Number.isSafeInteger(seq) || (seq as number) < 0)
    throw malformed;
  return { session, token, seq: seq as number };
}

function isShort(value: unknown): value is string {
  return typeof value === 'string' && value.length <= longest;
}
