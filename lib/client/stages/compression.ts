import type { Next } from '../../exchange/compose.js';
import { isPromise } from '../../primitives/is-promise.js';
import { limit, wholeNumber } from '../../primitives/option-checks.js';
import { OptionError } from '../../primitives/option-error.js';
import { hasBinary, isBinary, toUint8Array } from '../../protocol/binary-data.js';
import type { Envelope } from '../../protocol/envelope.js';
import { ErrorCode } from '../../protocol/error-code.js';
import { GatewireError } from '../../protocol/gatewire-error.js';
import { exceedsDepth } from '../../protocol/json-depth.js';
import { EventSelection } from '../../routing/event-selection.js';
import type { ClientMessage, ClientMiddleware } from '../middleware.js';
import { type BytesTransform, through } from './streams.js';
import { isApplications, refuse, subjectEvent } from './subject.js';

/** What every peer of `gatewire.v1.*` reads. */
export type ClientEncoding = 'gzip' | 'deflate';

/** Compresses and inflates: the platform's streams, or zlib on Node. */
export interface CompressionEngine {
  compress(bytes: Uint8Array, encoding: ClientEncoding): Uint8Array | Promise<Uint8Array>;
  /** Undefined: there is more than `most`, and it MUST NOT have been made. Throws for bytes that are no such data. */
  inflate(
    bytes: Uint8Array,
    encoding: ClientEncoding,
    most: number,
  ): Uint8Array | undefined | Promise<Uint8Array | undefined>;
}

/** Which messages are compressed on their way out, and how much of those that come in is inflated. */
export interface ClientCompressionOptions {
  /** @default 'gzip' */
  readonly encoding?: ClientEncoding;
  /** Whether messages are compressed on their way out: the server MUST have the stage `Compress`. @default true */
  readonly outbound?: boolean;
  /** Names and patterns of events that are compressed; a publication counts as the event that it publishes. @default every event */
  readonly events?: readonly string[];
  /** Shorter data (as JSON, in bytes) is sent as it is. @default 1_024 */
  readonly thresholdBytes?: number;
  /** Most that the data of one message may inflate to. @default 1_048_576 */
  readonly maxInflatedBytes?: number;
  /** Nesting of JSON in inflated data. `false`: any. @default 64 */
  readonly jsonDepth?: number | false;
  /** @default `CompressionStream` and `DecompressionStream` */
  readonly engine?: CompressionEngine;
}

/**
 * Compresses the data of messages, and inflates what comes (PROTOCOL.md, "Compressed data"). What has bytes in it is not
 * compressed, and nothing that would not be smaller.
 *
 * @example pipeline(compression({ events: ['report.*'], thresholdBytes: 4_096 }))
 * @throws {OptionError}
 */
export function compression(options: ClientCompressionOptions = {}): ClientMiddleware {
  return new Compression(options);
}

const encodings: readonly unknown[] = ['gzip', 'deflate'] satisfies ClientEncoding[];

class Compression implements ClientMiddleware {
  readonly name = 'compression';
  readonly #encoding: ClientEncoding;
  readonly #isOutbound: boolean;
  readonly #events: EventSelection;
  readonly #threshold: number;
  readonly #most: number;
  readonly #depth: number;
  readonly #engine: CompressionEngine;

  constructor(options: ClientCompressionOptions) {
    const { encoding = 'gzip', outbound = true } = options;
    if (!encodings.includes(encoding)) throw new OptionError('encoding', "'gzip' or 'deflate'", encoding);
    this.#encoding = encoding;
    this.#isOutbound = outbound;
    this.#events = new EventSelection(options.events);
    this.#threshold = wholeNumber('thresholdBytes', options.thresholdBytes ?? 1_024, 0);
    this.#most = wholeNumber('maxInflatedBytes', options.maxInflatedBytes ?? 1_048_576);
    this.#depth = limit('jsonDepth', options.jsonDepth ?? 64);
    this.#engine = options.engine ?? platformStreams;
  }

  outbound(message: ClientMessage, next: Next): void | Promise<void> {
    const { envelope } = message;
    if (!this.#isWanted(envelope)) return next();
    const text = JSON.stringify(envelope.data) as string | undefined;
    // No text has fewer bytes than characters.
    if (text === undefined || text.length < this.#threshold) return next();
    const bytes = new TextEncoder().encode(text);
    const send = (compressed: Uint8Array): void | Promise<void> => {
      if (compressed.length < bytes.length)
        message.envelope = {
          ...envelope,
          data: compressed,
          meta: { ...envelope.meta, encoding: this.#encoding },
        };
      return next();
    };
    const compressed = this.#engine.compress(bytes, this.#encoding);
    return isPromise(compressed) ? compressed.then(send) : send(compressed);
  }

  inbound(message: ClientMessage, next: Next): void | Promise<void> {
    const encoding = message.envelope.meta?.['encoding'];
    if (encoding === undefined || encoding === null) return next();
    const inflated = this.#inflate(encoding, message.envelope.data);
    if (!isPromise(inflated)) return goOn(message, inflated, next);
    return inflated.then((outcome) => goOn(message, outcome, next));
  }

  #isWanted(envelope: Envelope): boolean {
    const { event, data, meta } = envelope;
    // Answers to the server do not pass its stages, so nobody would inflate them.
    if (!this.#isOutbound || event === undefined || data === undefined || !isApplications(envelope))
      return false;
    if (meta?.['encoding'] !== undefined || hasBinary(data)) return false;
    return this.#events.has(subjectEvent(envelope));
  }

  #inflate(encoding: unknown, data: unknown): Inflated | Promise<Inflated> {
    if (!encodings.includes(encoding) || !isBinary(data))
      return refusal(ErrorCode.Undecodable, 'only bytes of gzip and deflate are inflated here');
    const wrong = (): Inflated => refusal(ErrorCode.Undecodable, `data is not ${encoding as ClientEncoding}`);
    try {
      const bytes = this.#engine.inflate(toUint8Array(data), encoding as ClientEncoding, this.#most);
      return isPromise(bytes) ? bytes.then((settled) => this.#read(settled), wrong) : this.#read(bytes);
    } catch {
      return wrong();
    }
  }

  #read(bytes: Uint8Array | undefined): Inflated {
    if (bytes === undefined)
      return refusal(ErrorCode.PayloadTooLarge, `data inflates to more than ${this.#most} bytes`);
    try {
      const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
      if (exceedsDepth(text, this.#depth))
        return refusal(ErrorCode.TooDeep, `JSON is nested more than ${this.#depth} deep`);
      return { data: JSON.parse(text) as unknown };
    } catch {
      // The parsers' own messages quote the text.
      return refusal(ErrorCode.BadJson, 'the inflated data is not JSON in UTF-8');
    }
  }
}

/** What bytes have become, or why nothing. */
type Inflated = { readonly data: unknown } | { readonly error: GatewireError };

function refusal(code: ErrorCode, message: string): Inflated {
  return { error: new GatewireError(code, message) };
}

function goOn(message: ClientMessage, inflated: Inflated, next: Next): void | Promise<void> {
  if ('data' in inflated) {
    const { encoding: _encoding, ...meta } = message.envelope.meta ?? {};
    message.envelope = { ...message.envelope, data: inflated.data, meta };
  } else if (!refuse(message, inflated.error)) throw inflated.error;
  return next();
}

interface StreamClasses {
  readonly CompressionStream: new (format: ClientEncoding) => BytesTransform;
  readonly DecompressionStream: new (format: ClientEncoding) => BytesTransform;
}

const platform = globalThis as unknown as StreamClasses;

const platformStreams: CompressionEngine = {
  async compress(bytes, encoding) {
    return (await through(new platform.CompressionStream(encoding), bytes)) as Uint8Array;
  },
  inflate: (bytes, encoding, most) => through(new platform.DecompressionStream(encoding), bytes, most),
};
