import { isPromise } from '../../../primitives/is-promise.js';
import type { StageHost } from '../../middleware.js';
import type { Authentication, AuthenticationStrategy, Found } from './authentication.js';
import { AuthenticationError } from './authentication-error.js';
import type { ConnectCredentials } from './credentials.js';

/** Longest token that is looked at: what proxies and Node itself let through as a header. */
const longestToken = 16_384;

/** The strategies of a gateway, in order: the first that finds its kind of credentials decides. */
export class Authenticator {
  readonly #strategies: readonly AuthenticationStrategy[];
  readonly #host: StageHost;

  constructor(strategies: readonly AuthenticationStrategy[], host: StageHost) {
    this.#strategies = strategies;
    this.#host = host;
  }

  /** Names of the strategies, in order. */
  get names(): string[] {
    return this.#strategies.map(({ name }) => name);
  }

  /** What `WWW-Authenticate` says. */
  get challenge(): string {
    return [...new Set(this.#strategies.map(({ challenge }) => challenge))].join(', ');
  }

  /** Query parameters that hold secrets. */
  get secretQueries(): string[] {
    return this.#strategies.flatMap(({ secretQuery }) => secretQuery ?? []);
  }

  /** Whether another one asks the same strategies. */
  equals(other: Authenticator): boolean {
    const others = other.#strategies;
    return (
      others.length === this.#strategies.length &&
      others.every((strategy, index) => strategy === this.#strategies[index])
    );
  }

  /**
   * Who sends an upgrade request. Undefined: it has no credentials, and may give a token in its first message.
   *
   * @throws {GatewireError} `UNAUTHENTICATED`, `FORBIDDEN`, or `UNAVAILABLE` where that cannot be known now
   */
  connect(credentials: ConnectCredentials): Found | Promise<Found> {
    return this.#ask(
      (strategy) => strategy.authenticate(credentials, this.#host),
      () => {
        if (this.#mayComeLater(credentials)) return undefined;
        throw new AuthenticationError('credentials are needed');
      },
    );
  }

  /** Who a token of a message belongs to. @throws {GatewireError} as {@link connect} */
  verifyToken(token: string): Authentication | Promise<Authentication> {
    if (token.length > longestToken) throw new AuthenticationError('the token is too long');
    return this.#ask(
      (strategy) => strategy.verifyToken?.(token, this.#host),
      () => {
        throw new AuthenticationError('no strategy takes this kind of token');
      },
    ) as Authentication | Promise<Authentication>;
  }

  /** Asks one after the other, from `index`. Synchronous as long as they are. */
  #ask(
    ask: (strategy: AuthenticationStrategy) => Found | Promise<Found>,
    none: () => Found,
    index = 0,
  ): Found | Promise<Found> {
    for (let i = index; i < this.#strategies.length; i++) {
      const found = ask(this.#strategies[i] as AuthenticationStrategy);
      if (isPromise(found)) {
        return found.then((settled) =>
          settled === undefined ? this.#ask(ask, none, i + 1) : stillGood(settled),
        );
      }
      if (found !== undefined) return stillGood(found);
    }
    return none();
  }

  #mayComeLater(credentials: ConnectCredentials): boolean {
    // A token that nobody could read is wrong, not missing.
    if (credentials.areOffered) return false;
    return this.#strategies.some(
      ({ firstMessage = false }) =>
        firstMessage === true || (firstMessage === 'gatewire.v1' && credentials.speaksProtocol),
    );
  }
}

/** Whatever a strategy thinks of it. */
function stillGood(authentication: Authentication): Authentication {
  const { expiresAt = Infinity } = authentication;
  if (expiresAt > Date.now()) return authentication;
  throw new AuthenticationError('the credentials have expired');
}
