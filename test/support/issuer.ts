import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, SignJWT, type CryptoKey, type JWTPayload } from 'jose';

interface IssuedKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

/** An issuer of tokens as a test starts it: publishes its keys over HTTP, and changes them when told. */
export class Issuer {
  /** How often its keys were fetched. */
  fetches = 0;
  /** What it answers instead of its keys, while it is set. */
  failing: number | 'never' | null = null;
  /** Whether tokens say which key has signed them. */
  namesKeys = true;
  readonly #server: Server;
  readonly #keys: IssuedKey[] = [];
  #made = 0;

  private constructor() {
    this.#server = createServer((_request, response) => {
      this.fetches++;
      if (this.failing === 'never') return;
      response.statusCode = this.failing ?? 200;
      response.setHeader('Content-Type', 'application/jwk-set+json');
      response.end(JSON.stringify({ keys: this.#keys.map(({ publicJwk }) => publicJwk) }));
    });
  }

  static async start(): Promise<Issuer> {
    const issuer = new Issuer();
    await issuer.rotate();
    issuer.#server.listen(0, '127.0.0.1');
    await once(issuer.#server, 'listening');
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get jwksUrl(): string {
    return `${this.url}/jwks`;
  }

  /** From now on another key signs. @param kept how many of those before are still published */
  async rotate(kept = 0): Promise<void> {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    const kid = `key-${++this.#made}`;
    const publicJwk = { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' };
    this.#keys.splice(kept);
    this.#keys.unshift({ kid, privateKey, publicJwk });
  }

  /** A token signed with the key of now. @param expiresInSeconds undefined: without `exp` */
  token(claims: JWTPayload = {}, expiresInSeconds: number | undefined = 600): Promise<string> {
    const { kid, privateKey } = this.#keys[0] as IssuedKey;
    const token = new SignJWT({ sub: 'u1', iss: this.url, ...claims }).setProtectedHeader({
      alg: 'ES256',
      ...(this.namesKeys ? { kid } : {}),
    });
    if (expiresInSeconds !== undefined)
      token.setExpirationTime(Math.floor(Date.now() / 1000) + expiresInSeconds);
    return token.sign(privateKey);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
