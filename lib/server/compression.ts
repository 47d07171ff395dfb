import type { SlowConsumerPolicy } from '../connection/slow-consumer.js';
import { wholeNumber } from '../primitives/option-checks.js';
import { OptionError } from '../primitives/option-error.js';
import { ContextDeflater } from '../transport/context-deflater.js';
import { type Deflater, SharedDeflater } from '../transport/deflater.js';
import type { WsEndpointOptions } from '../transport/ws/ws-transport.js';

/** permessage-deflate (RFC 7692). Each message is deflated by itself, once for all who receive it. */
export interface CompressionOptions {
  /** Shorter payloads, in bytes, go as they are. @default 1024 */
  readonly thresholdBytes?: number;
  /** 1 (fast) to 9 (small). @default 6 */
  readonly level?: number;
  /**
   * Deflates the messages of a connection with those before as context: smaller, but for each receiver by itself, and for
   * about 256 KiB of memory each; so for at most `maxConnections` (100 for `true`), and others without. It needs the policy
   * `slowConsumer: 'disconnect'`, as nothing may be dropped, and endpoints without outbound stages. @default false
   */
  readonly contextTakeover?: boolean | { readonly maxConnections: number };
}

/** What an endpoint's connections are deflated with. */
export interface Compression {
  /** For all who have no context. */
  readonly deflater: Deflater;
  /** How many connections may have a context. */
  readonly contexts: number;
  readonly createContext: () => ContextDeflater;
  readonly negotiation: Exclude<WsEndpointOptions['perMessageDeflate'], undefined>;
}

/** @throws {OptionError} for a value that cannot work */
export function createCompression(
  input: boolean | CompressionOptions = false,
  slowConsumer: SlowConsumerPolicy = 'disconnect',
): Compression | null {
  if (input === false) return null;
  const { thresholdBytes = 1024, level = 6, contextTakeover = false } = input === true ? {} : input;
  wholeNumber('compression.thresholdBytes', thresholdBytes, 0);
  wholeNumber('compression.level', level, 1, 9);
  const contexts = contextsOf(contextTakeover);
  if (contexts > 0 && slowConsumer !== 'disconnect')
    throw new OptionError('compression.contextTakeover', 'slowConsumer "disconnect" beside it', slowConsumer);
  return {
    deflater: new SharedDeflater(thresholdBytes, level),
    contexts,
    createContext: () => new ContextDeflater(thresholdBytes, level),
    // Without context takeover a connection costs no memory between messages, and one result suits everybody. A peer
    // that insists on a smaller window gets what it asks for in the 101, and whole messages.
    negotiation: { ...(contexts === 0 && { serverNoContextTakeover: true }), clientNoContextTakeover: true },
  };
}

function contextsOf(takeover: boolean | { readonly maxConnections: number }): number {
  if (typeof takeover === 'boolean') return takeover ? 100 : 0;
  return wholeNumber('compression.contextTakeover.maxConnections', takeover.maxConnections);
}

/** For a decorator that has `perMessageDeflate` as `ws` takes it: its threshold and its level count. */
export function compressionOfWs(
  negotiation: Exclude<WsEndpointOptions['perMessageDeflate'], undefined>,
): Compression | null {
  if (negotiation === false) return null;
  const { threshold = 1024, zlibDeflateOptions } = negotiation === true ? {} : negotiation;
  const level = Math.max(1, zlibDeflateOptions?.level ?? 6);
  const compression = createCompression({ thresholdBytes: threshold, level });
  return compression && { ...compression, negotiation };
}
