import { createHmac } from 'node:crypto';
import { isPromise } from '../../../primitives/is-promise.js';
import { durationMs } from '../../../primitives/option-checks.js';
import { OptionError } from '../../../primitives/option-error.js';
import { ErrorCode } from '../../../protocol/error-code.js';
import { GatewireError } from '../../../protocol/gatewire-error.js';
import { constantTimeEqual } from '../../constant-time-equal.js';
import type { StageHost } from '../../middleware.js';
import { accepted } from './accepted.js';
import type { Authentication, AuthenticationStrategy, Found, Verified } from './authentication.js';
import { AuthenticationError } from './authentication-error.js';
import { recheckAt } from './recheck.js';
import type { ConnectCredentials } from './credentials.js';

/** A session as its store keeps it. */
export interface StoredSession {
  /** When the cookie ends, as `express-session` and `@fastify/session` note it. */
  readonly cookie?: { readonly expires?: Date | string | number | null | undefined };
  readonly [key: string]: unknown;
}

/**
 * The application's own session store: every store written for `express-session` or `@fastify/session`.
 *
 * MUST call back once: with an error, with the session, or with nothing where there is none (any more).
 */
export interface SessionStorePort {
  get(id: string, callback: (error: unknown, session?: StoredSession | null) => void): unknown;
}

/** Where sessions are, and who they stand for. */
export interface CookieSessionOptions {
  readonly store: SessionStorePort;
  /** What the cookie is signed with; the first of several signs, the others are still taken. */
  readonly secret: string | readonly string[];
  /** Name of the cookie: `@fastify/session` calls it `sessionId`. @default 'connect.sid' */
  readonly name?: string;
  /** Who has logged in; nobody refuses. */
  readonly toPrincipal: (session: StoredSession) => Verified | Promise<Verified>;
  /** How often the store is asked whether the session still is there, so that a logout ends connections too. `false`: never. @default 60_000 */
  readonly recheckMs?: number | false;
}

/**
 * The session of the application's pages: a cookie that `express-session` or `@fastify/session` has signed, taken only
 * with an allowed `Origin` header.
 *
 * @throws {OptionError}
 */
export function cookieSession(options: CookieSessionOptions): AuthenticationStrategy {
  return new CookieSessionStrategy(options);
}

class CookieSessionStrategy implements AuthenticationStrategy {
  readonly name = 'cookieSession';
  readonly challenge: string;
  readonly #store: SessionStorePort;
  readonly #secrets: readonly string[];
  readonly #name: string;
  readonly #toPrincipal: CookieSessionOptions['toPrincipal'];
  readonly #recheckMs: number;

  constructor({
    store,
    secret,
    name = 'connect.sid',
    toPrincipal,
    recheckMs = 60_000,
  }: CookieSessionOptions) {
    if (typeof (store as Partial<SessionStorePort> | undefined)?.get !== 'function')
      throw new OptionError('cookieSession.store', 'a session store', typeof store);
    if (typeof toPrincipal !== 'function')
      throw new OptionError('cookieSession.toPrincipal', 'a function', toPrincipal);
    if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name))
      throw new OptionError('cookieSession.name', 'the name of a cookie', name);
    this.#secrets = [secret].flat();
    const isSecret = (one: unknown): boolean => typeof one === 'string' && one !== '';
    if (this.#secrets.length === 0 || !this.#secrets.every(isSecret))
      throw new OptionError('cookieSession.secret', 'a secret, or several', 'none');
    this.#store = store;
    this.#name = name;
    this.#toPrincipal = toPrincipal;
    this.#recheckMs = durationMs('cookieSession.recheckMs', recheckMs);
    this.challenge = `Cookie cookie-name="${name}"`;
  }

  authenticate(credentials: ConnectCredentials, host: StageHost): Found | Promise<Found> {
    const cookie = credentials.cookie(this.#name);
    if (cookie === undefined) {
      if (credentials.header('cookie')?.includes(`${this.#name}=`))
        host.log.warn('COOKIE_ORIGIN', () => 'a session cookie is taken only with an allowed Origin header');
      return undefined;
    }
    const id = this.#idOf(cookie);
    if (id === undefined) throw new AuthenticationError('the session cookie is not good');
    return this.#ask(id);
  }

  /** `s:<id>.<signature>`, as `cookie-signature` makes it; `@fastify/session` leaves out the `s:`. */
  #idOf(cookie: string): string | undefined {
    const signed = cookie.startsWith('s:') ? cookie.slice(2) : cookie;
    const dot = signed.lastIndexOf('.');
    if (dot < 1) return undefined;
    const id = signed.slice(0, dot);
    const signature = signed.slice(dot + 1);
    const isGood = this.#secrets.map((secret) => constantTimeEqual(signature, sign(id, secret)));
    return isGood.includes(true) ? id : undefined;
  }

  async #ask(id: string): Promise<Authentication> {
    const session = await this.#read(id);
    if (session === null || session === undefined) throw new AuthenticationError('the session is over');
    const endsAt = endOf(session);
    const askAgainAt = recheckAt(this.#recheckMs);
    return accepted(this.#toPrincipal(session), {
      expiresAt: Math.min(endsAt, askAgainAt) === Infinity ? undefined : Math.min(endsAt, askAgainAt),
      // Also at its end: a session that is used elsewhere may have been prolonged.
      renew: () => this.#ask(id),
    });
  }

  #read(id: string): Promise<StoredSession | null | undefined> {
    return new Promise((resolve, reject) => {
      const unavailable = (cause: unknown): void =>
        reject(new GatewireError(ErrorCode.Unavailable, 'sessions cannot be read for the moment', { cause }));
      try {
        const pending = this.#store.get(id, (error, session) => {
          if (error === null || error === undefined) resolve(session);
          else unavailable(error);
        });
        // A store that is an async function reports its own faults so.
        if (isPromise(pending)) pending.then(undefined, unavailable);
      } catch (error) {
        unavailable(error);
      }
    });
  }
}

function sign(id: string, secret: string): string {
  return createHmac('sha256', secret).update(id).digest('base64').replace(/=+$/, '');
}

function endOf({ cookie }: StoredSession): number {
  if (cookie?.expires === undefined || cookie.expires === null) return Infinity;
  const at = new Date(cookie.expires).getTime();
  return Number.isNaN(at) ? Infinity : at;
}
