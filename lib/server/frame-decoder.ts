import type { Codec } from '../protocol/codec.js';
import { decodeWith } from '../protocol/decode-with.js';
import type { Envelope } from '../protocol/envelope.js';
import { ErrorCode } from '../protocol/error-code.js';
import type { DecodeLimits } from '../protocol/limits.js';
import { ProtocolError } from '../protocol/protocol-error.js';

/** An application's own parser, as platform-ws has it: returns a message, or nothing to ignore the frame. */
export type MessageParser = (data: Buffer | string) => Envelope | undefined | void;

/** Turns a frame's bytes into envelopes. */
export class FrameDecoder {
  readonly #limits: DecodeLimits;
  #parser: MessageParser | null = null;

  constructor(limits: DecodeLimits) {
    this.#limits = limits;
  }

  /** From now on frames are read by `parser` alone. */
  useParser(parser: MessageParser): void {
    this.#parser = parser;
  }

  get hasParser(): boolean {
    return this.#parser !== null;
  }

  /** @throws {ProtocolError} for a frame that cannot be read, or what the application's parser throws */
  decode(data: Buffer, isBinary: boolean, codec: Codec): Envelope | Envelope[] | undefined {
    if (this.#parser !== null) return this.#parse(this.#parser, isBinary ? data : data.toString());
    return decodeWith(codec, isBinary ? data : data.toString(), this.#limits);
  }

  /** What a parser returns is the application's, and its parts may well be the peer's: nothing is taken for granted. */
  #parse(parser: MessageParser, frame: Buffer | string): Envelope | undefined {
    const message: { readonly event?: unknown } | undefined = parser(frame) ?? undefined;
    if (message === undefined) return undefined;
    if (typeof message.event === 'string') return message as Envelope;
    if (parser === parseAsPlatformWs) return undefined;
    throw new ProtocolError(ErrorCode.BadEnvelope, 'the message has no event');
  }
}

/** The parser of platform-ws: JSON, text or binary; what cannot be read is ignored. */
export function parseAsPlatformWs(data: Buffer | string): { event: string; data: unknown } | undefined {
  try {
    const parsed = JSON.parse(data.toString()) as { event: string; data: unknown } | null;
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? parsed : undefined;
  } catch {
    // As platform-ws does: a peer's bad JSON leaves no trace.
    return undefined;
  }
}
