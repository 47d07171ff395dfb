import type { KeyObject } from 'node:crypto';
import type * as jose from 'jose';
import { ErrorCode } from '../../../protocol/error-code.js';
import { GatewireError, isGatewireError } from '../../../protocol/gatewire-error.js';
import type { StageHost } from '../../middleware.js';
import { accepted } from './accepted.js';
import type { AuthenticationStrategy, FirstMessage, Found } from './authentication.js';
import { AuthenticationError } from './authentication-error.js';
import type { ConnectCredentials } from './credentials.js';
import {
  type JwtClaims,
  type JwtOptions,
  type ResolvedJwtOptions,
  resolveJwtOptions,
  toPrivateKey,
} from './jwt.options.js';
import { tryKeys } from './try-keys.js';

/** What is used of the package `jose`. In no declaration that users see: it may be absent. */
type Jose = typeof jose;

/** Compact serialisations: three parts are signed (RFC 7515 section 7.1), five encrypted (RFC 7516 section 7.1). */
const signedToken = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
const encryptedToken = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+$/;

const defaultEncryptions = ['A128GCM', 'A256GCM', 'A128CBC-HS256', 'A256CBC-HS512'];

/** Errors of `jose` that are not the token's fault: what the issuer answers cannot be read. */
const issuerFaults: readonly unknown[] = ['ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JOSE_GENERIC'];

/**
 * Bearer tokens that are JWTs (RFC 7519, RFC 8725), verified with the package `jose`. A token of another form is left to
 * the next strategy.
 *
 * @example
 * \@Authenticate(jwt({ jwksUrl: 'https://id.example.com/jwks', algorithms: ['ES256'], audience: 'orders' }))
 *
 * @throws {OptionError}
 */
export function jwt(options: JwtOptions): AuthenticationStrategy {
  return new JwtStrategy(resolveJwtOptions(options));
}

class JwtStrategy implements AuthenticationStrategy {
  readonly name = 'jwt';
  readonly challenge: string;
  readonly firstMessage: FirstMessage;
  readonly secretQuery: string | undefined;
  readonly #options: ResolvedJwtOptions;
  readonly #verification: jose.JWTVerifyOptions;
  readonly #privateKey: Uint8Array | KeyObject | null;
  #jose: Jose | null = null;
  #keys: jose.JWTVerifyGetKey | null = null;

  constructor(options: ResolvedJwtOptions) {
    this.#options = options;
    this.challenge = `Bearer realm="${options.realm}"`;
    this.secretQuery = options.query;
    this.firstMessage = options.firstMessage;
    const { algorithms, issuer, audience, requiredClaims, typ, clockToleranceMs, decryption } = options;
    this.#verification = {
      algorithms: [...algorithms],
      clockTolerance: clockToleranceMs / 1000,
      ...(issuer === undefined ? {} : { issuer: [issuer].flat() }),
      ...(audience === undefined ? {} : { audience: [audience].flat() }),
      ...(requiredClaims === undefined ? {} : { requiredClaims: [...requiredClaims] }),
      ...(typ === undefined ? {} : { typ }),
    };
    this.#privateKey = decryption === undefined ? null : toPrivateKey(decryption.key);
  }

  authenticate(credentials: ConnectCredentials, host: StageHost): Found | Promise<Found> {
    const token = credentials.token(this.#options);
    return token === undefined ? undefined : this.verifyToken(token, host);
  }

  verifyToken(token: string, host: StageHost): Found | Promise<Found> {
    if (signedToken.test(token) || encryptedToken.test(token)) return this.#verify(token, host);
    return undefined;
  }

  async #verify(token: string, host: StageHost): Promise<Found> {
    const claims = await this.#claims(token, host);
    const { toPrincipal, clockToleranceMs } = this.#options;
    const expiresAt = claims.exp === undefined ? undefined : claims.exp * 1000 + clockToleranceMs;
    return accepted(toPrincipal(claims), { expiresAt });
  }

  async #claims(token: string, host: StageHost): Promise<JwtClaims> {
    const jose = (this.#jose ??= await loadJose());
    try {
      const signed = encryptedToken.test(token) ? await this.#decrypt(jose, token) : token;
      return await this.#verifySigned(jose, signed);
    } catch (error) {
      throw this.#refusal(error, host);
    }
  }

  async #verifySigned(jose: Jose, token: string): Promise<JwtClaims> {
    const { JWKSMultipleMatchingKeys, JWSSignatureVerificationFailed } = jose.errors;
    try {
      return (await jose.jwtVerify(token, this.#keysOf(jose), this.#verification)).payload;
    } catch (error) {
      if (!(error instanceof JWKSMultipleMatchingKeys)) throw error;
      // It does not say which key: while an issuer changes them, several may fit.
      const verified = await tryKeys(
        error,
        (key) => jose.jwtVerify(token, key, this.#verification),
        (wrong) => wrong instanceof JWSSignatureVerificationFailed,
      );
      if (verified === undefined) throw error;
      return verified.payload;
    }
  }

  async #decrypt(jose: Jose, token: string): Promise<string> {
    const { decryption } = this.#options;
    if (decryption === undefined || this.#privateKey === null) throw this.#invalid('the token is encrypted');
    const { plaintext } = await jose.compactDecrypt(token, this.#privateKey, {
      keyManagementAlgorithms: [...decryption.keyManagementAlgorithms],
      contentEncryptionAlgorithms: [...(decryption.contentEncryptionAlgorithms ?? defaultEncryptions)],
    });
    return new TextDecoder().decode(plaintext);
  }

  #keysOf(jose: Jose): jose.JWTVerifyGetKey {
    const { source, jwks } = this.#options;
    if (this.#keys !== null) return this.#keys;
    if (!('jwksUrl' in source)) {
      const key = source.key as Uint8Array | jose.CryptoKey;
      return (this.#keys = () => key);
    }
    return (this.#keys = jose.createRemoteJWKSet(source.jwksUrl, {
      cacheMaxAge: jwks.cacheMs,
      cooldownDuration: jwks.cooldownMs,
      timeoutDuration: jwks.timeoutMs,
      [jose.customFetch]: fetchKeys,
    }));
  }

  /** What the peer is told. What `jose` says may hold parts of the token: it is kept as the cause. */
  #refusal(error: unknown, { log }: StageHost): GatewireError {
    const { code } = error as { code?: unknown };
    if (error instanceof AuthenticationError) return error;
    if (issuerFaults.includes(code) || isGatewireError(error)) {
      log.warn('JWKS', () => `keys of ${this.#issuer} cannot be had: ${reasonOf(error)}`);
      return new GatewireError(ErrorCode.Unavailable, 'tokens cannot be verified for the moment', {
        cause: error,
      });
    }
    return this.#invalid(
      code === 'ERR_JWT_EXPIRED' ? 'the token has expired' : 'the token is not good',
      error,
    );
  }

  /** RFC 6750 section 3.1. */
  #invalid(message: string, cause?: unknown): AuthenticationError {
    const challenge = `${this.challenge}, error="invalid_token", error_description="${message}"`;
    return new AuthenticationError(message, { challenge, cause });
  }

  get #issuer(): string {
    const { source } = this.#options;
    return 'jwksUrl' in source ? source.jwksUrl.origin : 'the issuer';
  }
}

/** The package `jose`, which only those need who verify tokens. @throws {GatewireError} that says what to install */
async function loadJose(): Promise<Jose> {
  try {
    return await import('jose');
  } catch (cause) {
    throw new GatewireError(ErrorCode.Internal, 'jwt() needs the package "jose": npm install jose', {
      remediation: 'npm install jose',
      cause,
    });
  }
}

/** Tells what the network does from what is wrong with a token. */
async function fetchKeys(url: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (cause) {
    throw new GatewireError(ErrorCode.Unavailable, 'the issuer cannot be reached', { cause });
  }
  if (response.status === 200) return response;
  throw new GatewireError(ErrorCode.Unavailable, `the issuer answered ${response.status}`);
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as { message?: unknown; cause?: { cause?: { code?: unknown } } };
  const detail = cause?.cause?.code;
  return typeof detail === 'string' ? `${String(message)} (${detail})` : String(message);
}
