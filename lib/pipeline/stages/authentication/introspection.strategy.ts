import { createHash } from 'node:crypto';
import { OptionError } from '../../../primitives/option-error.js';
import { durationMs, limit } from '../../../primitives/option-checks.js';
import { ErrorCode } from '../../../protocol/error-code.js';
import { GatewireError } from '../../../protocol/gatewire-error.js';
import type { StageHost } from '../../middleware.js';
import { accepted } from './accepted.js';
import type {
  Authentication,
  AuthenticationStrategy,
  FirstMessage,
  Found,
  Verified,
} from './authentication.js';
import { AuthenticationError, isRealm } from './authentication-error.js';
import { ExpiringCache } from './expiring-cache.js';
import { recheckAt } from './recheck.js';
import type { ConnectCredentials, TokenSources } from './credentials.js';

/** What an authorization server says about a token (RFC 7662 section 2.2). */
export interface Introspection {
  readonly active: boolean;
  readonly sub?: string;
  readonly username?: string;
  readonly client_id?: string;
  readonly scope?: string;
  /** Seconds since the epoch. */
  readonly exp?: number;
  readonly [member: string]: unknown;
}

/** How tokens are asked about. */
export interface IntrospectionOptions extends TokenSources {
  /** The authorization server's introspection endpoint. */
  readonly url: string | URL;
  /** This resource server's own credentials there, sent as Basic authentication (RFC 6749 section 2.3.1). */
  readonly clientId: string;
  readonly clientSecret: string;
  /** How long an answer is believed, never beyond the token's `exp`. Until then a token that was revoked is still taken. `false`: not at all. @default 30_000 */
  readonly cacheMs?: number | false;
  /** Most answers that are remembered; the oldest goes first. @default 1_000 */
  readonly cacheSize?: number;
  /** How long the endpoint may take. @default 5_000 */
  readonly timeoutMs?: number;
  /** How often a connection's token is asked about again, so that a revocation ends it. `false`: never. @default 300_000 */
  readonly recheckMs?: number | false;
  /** `aud` has to hold one of these. @default any */
  readonly audience?: string | readonly string[];
  /** Makes the principal; nobody refuses. @default all members, with `sub`, else `username`, else `client_id` as `id` */
  readonly toPrincipal?: (introspection: Introspection) => Verified | Promise<Verified>;
  /** As with `jwt()`. @default 'gatewire.v1' */
  readonly firstMessage?: FirstMessage;
  /** Told to clients that have no token. @default 'gatewire' */
  readonly realm?: string;
}

/**
 * Bearer tokens that only their authorization server can read (RFC 7662). Takes tokens of every form: goes last.
 *
 * @throws {OptionError}
 */
export function introspection(options: IntrospectionOptions): AuthenticationStrategy {
  return new IntrospectionStrategy(options);
}

class IntrospectionStrategy implements AuthenticationStrategy {
  readonly name = 'introspection';
  readonly challenge: string;
  readonly firstMessage: FirstMessage;
  readonly secretQuery: string | undefined;
  readonly #options: IntrospectionOptions;
  readonly #url: URL;
  readonly #audience: readonly string[];
  readonly #timeoutMs: number;
  readonly #recheckMs: number;
  readonly #authorization: string;
  readonly #known: ExpiringCache<Introspection>;
  /** Requests under way, so that a token is asked about once. */
  readonly #asking = new Map<string, Promise<Introspection>>();

  constructor(options: IntrospectionOptions) {
    const { url, clientId, clientSecret, realm = 'gatewire' } = options;
    if (!URL.canParse(String(url))) throw new OptionError('introspection.url', 'a URL', url);
    if (typeof clientId !== 'string' || typeof clientSecret !== 'string')
      throw new OptionError('introspection', '"clientId" and "clientSecret"', 'something else');
    if (!isRealm(realm))
      throw new OptionError('introspection.realm', 'ASCII without quotes and backslashes', realm);
    this.#options = options;
    this.#url = new URL(String(url));
    this.#audience = options.audience === undefined ? [] : [options.audience].flat();
    this.#timeoutMs = durationMs('introspection.timeoutMs', options.timeoutMs ?? 5_000);
    const { cacheMs = 30_000, cacheSize = 1_000 } = options;
    this.#known = new ExpiringCache(
      cacheMs === false ? 0 : durationMs('introspection.cacheMs', cacheMs, 0),
      limit('introspection.cacheSize', cacheSize),
    );
    this.#recheckMs = durationMs('introspection.recheckMs', options.recheckMs ?? 300_000);
    const pair = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`;
    this.#authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
    this.challenge = `Bearer realm="${realm}"`;
    this.secretQuery = options.query;
    this.firstMessage = options.firstMessage ?? 'gatewire.v1';
  }

  authenticate(credentials: ConnectCredentials, host: StageHost): Found | Promise<Found> {
    const token = credentials.token(this.#options);
    return token === undefined || token === '' ? undefined : this.verifyToken(token, host);
  }

  async verifyToken(token: string, host: StageHost): Promise<Authentication> {
    // Nothing that is remembered is a secret.
    const key = createHash('sha256').update(token).digest('base64');
    const known = this.#known.get(key, host.clock.now());
    if (known !== undefined) return this.#authentication(token, known, host);
    let asking = this.#asking.get(key);
    if (asking === undefined) {
      asking = this.#ask(token, key, host).finally(() => this.#asking.delete(key));
      this.#asking.set(key, asking);
    }
    return this.#authentication(token, await asking, host);
  }

  #authentication(
    token: string,
    answer: Introspection,
    host: StageHost,
  ): Authentication | Promise<Authentication> {
    if (!answer.active || isOver(answer)) throw this.#invalid('the token is not active');
    if (!this.#isForUs(answer)) throw this.#invalid('the token is for somebody else');
    const { toPrincipal = principalOf } = this.#options;
    const endsAt = answer.exp === undefined ? Infinity : answer.exp * 1000;
    const askAgainAt = recheckAt(this.#recheckMs);
    if (askAgainAt < endsAt)
      return accepted(toPrincipal(answer), {
        expiresAt: askAgainAt,
        renew: () => this.verifyToken(token, host),
      });
    return accepted(toPrincipal(answer), endsAt === Infinity ? {} : { expiresAt: endsAt });
  }

  async #ask(token: string, key: string, { clock, log }: StageHost): Promise<Introspection> {
    let answer: Introspection;
    try {
      answer = await this.#fetch(token);
    } catch (cause) {
      log.warn('INTROSPECTION', () => `${this.#url.origin} cannot be asked about tokens: ${String(cause)}`);
      throw new GatewireError(ErrorCode.Unavailable, 'tokens cannot be verified for the moment', { cause });
    }
    if (answer.active) this.#known.set(key, answer, clock.now());
    return answer;
  }

  async #fetch(token: string): Promise<Introspection> {
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: { Authorization: this.#authorization, Accept: 'application/json' },
      body: new URLSearchParams({ token, token_type_hint: 'access_token' }),
      redirect: 'error',
      signal: AbortSignal.timeout(this.#timeoutMs),
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new Error(`it answered ${response.status}`);
    }
    const answer: unknown = await response.json();
    if (typeof (answer as { active?: unknown } | null)?.active !== 'boolean')
      throw new Error('its answer has no "active"');
    return answer as Introspection;
  }

  #isForUs({ aud }: Introspection): boolean {
    if (this.#audience.length === 0) return true;
    return [aud].flat().some((one) => typeof one === 'string' && this.#audience.includes(one));
  }

  /** RFC 6750 section 3.1. */
  #invalid(message: string): AuthenticationError {
    const challenge = `${this.challenge}, error="invalid_token", error_description="${message}"`;
    return new AuthenticationError(message, { challenge });
  }
}

function isOver({ exp }: Introspection): boolean {
  return exp !== undefined && exp * 1000 <= Date.now();
}

function principalOf(answer: Introspection): Verified {
  const id = answer.sub ?? answer.username ?? answer.client_id;
  return id === undefined || id === '' ? undefined : { ...answer, id };
}
