import { generateKeyPairSync } from 'node:crypto';
import { msgpack } from '../../lib/codecs/msgpack.js';
import { Encryption } from '../../lib/nest/decorators/encrypted.decorator.js';
import type { GatewayMiddleware, MiddlewareFactory } from '../../lib/pipeline/middleware.js';
import { type X25519Key, x25519Key } from '../../lib/pipeline/stages/encryption/encryption-keys.js';
import type { EncryptionOptions } from '../../lib/pipeline/stages/encryption/encryption.options.js';
import { json } from '../../lib/protocol/codecs/json.js';
import { EngineFixture, type FixtureOptions } from './engine-fixture.js';
import { JoseClient } from './jose-client.js';

/** An encrypting endpoint, and clients of it. */
export class EncryptionFixture {
  static readonly key = x25519Key('s1', generateKeyPairSync('x25519').privateKey);
  readonly #also: FixtureOptions;
  #running: EngineFixture | undefined;

  constructor(also: FixtureOptions = {}) {
    this.#also = also;
  }

  async start(
    options: Partial<EncryptionOptions> = {},
    ...behind: (MiddlewareFactory | GatewayMiddleware)[]
  ): Promise<void> {
    const encryption = Encryption.of({ keys: [EncryptionFixture.key], ...options });
    this.#running = await EngineFixture.start({
      options: { codecs: [json(), msgpack()] },
      host: { middleware: [encryption, ...behind] },
      handlers: {
        echo: (data) => data,
        how: (_data, message) => message.protection,
        kind: (data) => data instanceof Uint8Array,
      },
      ...this.#also,
    });
  }

  get endpoint(): EngineFixture['endpoint'] {
    return (this.#running as EngineFixture).endpoint;
  }

  async connect(key: X25519Key = EncryptionFixture.key, ...protocols: string[]): Promise<JoseClient> {
    return new JoseClient(await (this.#running as EngineFixture).connect('/', protocols), key.publicJwk);
  }

  /** A client that has keys. */
  async agreed(...protocols: string[]): Promise<JoseClient> {
    return (await this.connect(undefined, ...protocols)).agree();
  }

  /** A client whose session is there: the server has seen that it has keys. */
  async session(): Promise<JoseClient> {
    const client = await this.agreed();
    await client.send({ event: '$ping' });
    await client.client.next();
    return client;
  }

  count(name: string): number | undefined {
    return this.#running?.engine.server.stats().stages[name];
  }

  async stop(): Promise<void> {
    await this.#running?.stop();
    this.#running = undefined;
  }
}
