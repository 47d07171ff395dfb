import { wholeNumber } from '../primitives/option-checks.js';
import { type Deflater, SharedDeflater } from '../transport/deflater.js';
import type { WsEndpointOptions } from '../transport/ws/ws-transport.js';

/** permessage-deflate (RFC 7692). Each message is deflated by itself, once for all who receive it. */
export interface CompressionOptions {
  /** Shorter payloads, in bytes, go as they are. @default 1024 */
  readonly thresholdBytes?: number;
  /** 1 (fast) to 9 (small). @default 6 */
  readonly level?: number;
}

/** What an endpoint's connections are deflated with; null: not at all. */
export interface Compression {
  readonly deflater: Deflater;
  readonly negotiation: Exclude<WsEndpointOptions['perMessageDeflate'], undefined>;
}

/** @throws {OptionError} for a value that cannot work */
export function createCompression(input: boolean | CompressionOptions = false): Compression | null {
  if (input === false) return null;
  const { thresholdBytes = 1024, level = 6 } = input === true ? {} : input;
  wholeNumber('compression.thresholdBytes', thresholdBytes, 0);
  wholeNumber('compression.level', level, 1, 9);
  return {
    deflater: new SharedDeflater(thresholdBytes, level),
    // Without context takeover a connection costs no memory between messages, and one result suits everybody. A peer
    // that insists on a smaller window gets what it asks for in the 101, and whole messages.
    negotiation: { serverNoContextTakeover: true, clientNoContextTakeover: true },
  };
}

/** For a decorator that has `perMessageDeflate` as `ws` takes it: its threshold counts. */
export function deflaterOf({ perMessageDeflate }: WsEndpointOptions): Deflater | null {
  if (perMessageDeflate === undefined || perMessageDeflate === false) return null;
  const { threshold = 1024, zlibDeflateOptions } = perMessageDeflate === true ? {} : perMessageDeflate;
  return new SharedDeflater(threshold, zlibDeflateOptions?.level ?? 6);
}
