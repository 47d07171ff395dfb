import type { OutboundMessage } from './outbound-message.js';

/** An encoded message on its way out. Stages may replace `data` and `isBinary`. */
export interface OutboundFrame {
  data: string | Buffer;
  isBinary: boolean;
  /** Name of the codec it was encoded with: `json`, `msgpack`, … (what JOSE's `cty` says). */
  readonly codec: string;
  /** What was encoded. Its target is one connection where a stage runs once per receiver. */
  readonly message: OutboundMessage;
}
