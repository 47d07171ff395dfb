import type { Next } from '../../../exchange/compose.js';
import type { GatewayMiddleware, StageHost } from '../../middleware.js';
import type { OutboundMessage } from '../../outbound-message.js';
import { PlainCopy } from './plain-copy.js';
import type { SerializerLibrary } from './serializer-library.js';

/** Options of class-transformer's `instanceToPlain()`. */
export interface SerializeOptions {
  /** What is written for these groups (`@Expose({ groups })`). */
  readonly groups?: string[];
  /** What is written for this version (`@Expose({ since, until })`). */
  readonly version?: number;
  /** Whether properties without a decorator are written. @default 'exposeAll' */
  readonly strategy?: 'excludeAll' | 'exposeAll';
  /** Leaves out what `@Expose()` does not name. @default false */
  readonly excludeExtraneousValues?: boolean;
  /** Leaves out properties whose names begin so. @default [] */
  readonly excludePrefixes?: string[];
  /** Whether `undefined` is written. @default true */
  readonly exposeUnsetFields?: boolean;
}

/** Writes class instances as `@Expose()`, `@Exclude()` and `@Transform()` say: in emits, broadcasts and replies alike. */
export class SerializeStage implements GatewayMiddleware {
  readonly #options: SerializeOptions;
  readonly #loading: Promise<SerializerLibrary>;
  #copy: PlainCopy | null = null;

  /** @param loading rejects where class-transformer is missing: then nothing is sent, rather than what should be hidden */
  constructor(options: SerializeOptions, loading: Promise<SerializerLibrary>, host: StageHost) {
    this.#options = options;
    this.#loading = loading;
    loading.then(
      (library) => (this.#copy = new PlainCopy(library, this.#options)),
      (error: unknown) => host.log.warn('serialize', () => `Serialize: ${(error as Error).message}`),
    );
  }

  outbound(message: OutboundMessage, next: Next): void | Promise<void> {
    if (typeof message.data !== 'object' || message.data === null) return next();
    if (this.#copy === null) return this.#afterLoading(message, next);
    message.data = this.#copy.of(message.data);
    return next();
  }

  async #afterLoading(message: OutboundMessage, next: Next): Promise<void> {
    this.#copy ??= new PlainCopy(await this.#loading, this.#options);
    message.data = this.#copy.of(message.data);
    await next();
  }
}
