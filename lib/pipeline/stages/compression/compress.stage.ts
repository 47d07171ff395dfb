import type { Next } from '../../../exchange/compose.js';
import { isPromise } from '../../../primitives/is-promise.js';
import { hasBinary, isBinary, toUint8Array } from '../../../protocol/binary-data.js';
import { ErrorCode } from '../../../protocol/error-code.js';
import { isGatewireError } from '../../../protocol/gatewire-error.js';
import { isSessionSubprotocol } from '../../../protocol/subprotocol.js';
import type { InboundMessage } from '../../inbound-message.js';
import type { GatewayMiddleware, StageHost } from '../../middleware.js';
import type { OutboundMessage } from '../../outbound-message.js';
import { subjectEvent } from '../message-subject.js';
import {
  type CompressOptions,
  type ResolvedCompressOptions,
  resolveCompressOptions,
} from './compress.options.js';
import { contentEncodings } from './content-encoding.js';
import { inflateData } from './inflate-data.js';

/**
 * Compresses the data of messages that go out, once for all receivers, and inflates what comes in compressed
 * (PROTOCOL.md, "Compressed data"): `data` becomes bytes, and `meta.encoding` says how to read them.
 */
export class CompressStage implements GatewayMiddleware {
  readonly #options: ResolvedCompressOptions;
  readonly #host: StageHost;

  /** @throws {OptionError} for options that cannot work */
  constructor(options: CompressOptions | undefined, host: StageHost) {
    this.#options = resolveCompressOptions(options);
    this.#host = host;
  }

  inbound(message: InboundMessage, next: Next): void | Promise<void> {
    const name = message.meta?.['encoding'];
    // A null counts as absent, as everywhere in an envelope.
    if (name === undefined || name === null) return next();
    const encoding = typeof name === 'string' ? contentEncodings.get(name) : undefined;
    if (encoding === undefined) return this.#refuseEncoding(message);
    if (!isBinary(message.data)) {
      this.#host.count('compress.refused');
      return message.reject(ErrorCode.Undecodable, 'data with "meta.encoding" is bytes');
    }
    let inflated: unknown;
    try {
      inflated = inflateData(encoding, toUint8Array(message.data), this.#options);
    } catch (error) {
      return this.#refuse(message, error);
    }
    if (!isPromise(inflated)) return this.#inflated(message, inflated, next);
    return Promise.resolve(inflated).then(
      (data) => this.#inflated(message, data, next),
      (error: unknown) => this.#refuse(message, error),
    );
  }

  outbound(message: OutboundMessage, next: Next): void | Promise<void> {
    if (!this.#isWanted(message)) return next();
    const text = JSON.stringify(message.data) as string | undefined;
    // No text has fewer bytes than UTF-16 units.
    if (text === undefined || text.length < this.#options.thresholdBytes) return next();
    const { encoding, level, syncBytes } = this.#options;
    const bytes = Buffer.from(text);
    if (bytes.length <= syncBytes)
      return this.#compressed(message, bytes, encoding.compress(bytes, level), next);
    return encoding
      .compressLater(bytes, level)
      .then((compressed) => this.#compressed(message, bytes, compressed, next));
  }

  /** Bytes are often compressed already, and without an envelope there is no place to say what they are. */
  #isWanted(message: OutboundMessage): boolean {
    const { data, meta, error, event, id, target } = message;
    if (data === undefined || error !== undefined || (event === undefined && id === undefined)) return false;
    if (meta?.['encoding'] !== undefined || hasBinary(data)) return false;
    const { events } = this.#options;
    if (events !== null) return events.has(subjectEvent(message, 'outbound'));
    return target.kind === 'connection' && isSessionSubprotocol(target.connection.protocol);
  }

  #compressed(message: OutboundMessage, bytes: Buffer, compressed: Buffer, next: Next): void | Promise<void> {
    if (compressed.length >= bytes.length) {
      this.#host.count('compress.incompressible');
      return next();
    }
    this.#host.count('compress.compressed');
    this.#host.count('compress.savedBytes', bytes.length - compressed.length);
    message.data = compressed;
    message.meta = { ...message.meta, encoding: this.#options.encoding.name };
    return next();
  }

  #inflated(message: InboundMessage, data: unknown, next: Next): void | Promise<void> {
    this.#host.count('compress.inflated');
    const { encoding: _encoding, ...meta } = message.meta ?? {};
    message.data = data;
    message.meta = meta;
    return next();
  }

  #refuseEncoding(message: InboundMessage): void {
    this.#host.count('compress.refused');
    const supported = [...contentEncodings.keys()];
    message.reject(ErrorCode.Undecodable, `"meta.encoding" is one of ${supported.join(', ')}`, { supported });
  }

  #refuse(message: InboundMessage, error: unknown): void {
    if (!isGatewireError(error)) throw error;
    this.#host.count('compress.refused');
    message.reject(error.code, error.message, error.details);
  }
}
