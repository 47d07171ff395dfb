import type { Principal } from '../../../connection/principal.js';
import type { StageHost } from '../../middleware.js';
import type { ConnectCredentials } from './credentials.js';

/** What a strategy has found out. */
export interface Authentication {
  readonly principal: Principal;
  /** Until when it holds: milliseconds since the epoch. Absent: as long as the connection. */
  readonly expiresAt?: number | undefined;
  /**
   * Finds out again instead of ending the connection at {@link expiresAt}: for what may be renewed, or taken back,
   * elsewhere, as a session is. Rejects where it no longer holds.
   */
  readonly renew?: (() => Promise<Authentication>) | undefined;
}

/** Nothing: the credentials are of another kind, and the next strategy is asked. */
export type Found = Authentication | undefined;

/** What the application says about credentials: who it is, or that it is nobody. */
export type Verified = Principal | null | undefined | false;

/** Who may connect without credentials and has to give a token in a first message. */
export type FirstMessage = boolean | 'gatewire.v1';

/**
 * A way to authenticate. `basic()`, `jwt()` and the others make one; one of your own may be a class that the container
 * makes.
 *
 * MUST return undefined for credentials of another kind: the first strategy that finds its own decides.
 * MUST throw `AuthenticationError` (401) or a `GatewireError` with `FORBIDDEN` (403) for credentials that are not good,
 * and `UNAVAILABLE` (503) where it cannot know.
 * MUST NOT put anything of the credentials into an error or a log line.
 */
export interface AuthenticationStrategy {
  /** For the printed composition: `jwt`. */
  readonly name: string;
  /** What `WWW-Authenticate` says of it: `Bearer realm="orders"` (RFC 9110 section 11.6.1). */
  readonly challenge: string;
  /** Who may connect without credentials, and give a token in a first message. @default false */
  readonly firstMessage?: FirstMessage;
  /** A query parameter that holds a secret: it is redacted before anything else of the pipeline sees the URL. */
  readonly secretQuery?: string | undefined;
  /** Credentials of the upgrade request. */
  authenticate(credentials: ConnectCredentials, host: StageHost): Found | Promise<Found>;
  /** A token that came in a message: `$auth`, or `meta.token`. Absent: the strategy takes none. */
  verifyToken?(token: string, host: StageHost): Found | Promise<Found>;
}
