import { durationMs } from '../primitives/option-checks.js';

/** Longest waits, in milliseconds; `false` waits for ever. */
export interface TimeoutOptions {
  /** From the upgrade request to the 101; then 408. @default 10_000 */
  readonly handshakeMs?: number | false;
  /** For `handleConnection`; then the connection is closed with 4408. @default 10_000 */
  readonly connectMs?: number | false;
  /** For the first message of a peer that authenticates by it; then the connection is closed with 4408. @default 10_000 */
  readonly authenticateMs?: number | false;
  /** Before credentials expire, `$auth {expiresInMs}` tells peers that know it. `false`: none are told. @default 60_000 */
  readonly expiryWarningMs?: number | false;
  /** Without a message from the peer; then the connection is closed with 4408. @default false */
  readonly idleMs?: number | false;
  /** For the closing handshake; then the socket is terminated. @default 5_000 */
  readonly closeMs?: number;
  /** For an answer to a request of ours, unless the request says otherwise. @default 10_000 */
  readonly requestMs?: number;
}

export const timeoutDefaults = {
  handshakeMs: 10_000,
  connectMs: 10_000,
  authenticateMs: 10_000,
  expiryWarningMs: 60_000,
  idleMs: false,
  closeMs: 5_000,
  requestMs: 10_000,
} as const satisfies Required<TimeoutOptions>;

/** `Infinity` where there is none. */
export type ResolvedTimeouts = Readonly<Record<keyof TimeoutOptions, number>>;

/** Fills in defaults. @throws {OptionError} */
export function resolveTimeouts(input: TimeoutOptions = {}): ResolvedTimeouts {
  const resolved = {} as Record<keyof TimeoutOptions, number>;
  for (const name of Object.keys(timeoutDefaults) as (keyof TimeoutOptions)[]) {
    resolved[name] = durationMs(`timeouts.${name}`, input[name] ?? timeoutDefaults[name]);
  }
  return resolved;
}
