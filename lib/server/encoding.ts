import type { Connection } from '../connection/connection.js';
import type { WireEncoding } from '../connection/wire-encoding.js';
import type { ConnectionTap } from '../pipeline/connection-tap.js';
import type { OutboundFramePhase } from '../pipeline/middleware.js';
import type { Stage } from '../pipeline/stage.js';
import type { Codec } from '../protocol/codec.js';
import { json } from '../protocol/codecs/json.js';
import type { Deflater } from '../transport/deflater.js';

type SentTap = NonNullable<ConnectionTap['sent']>;

/** From an envelope to a payload: a codec, then frame stages. */
export interface PayloadWay {
  readonly codec: Codec;
  /** Run once for all receivers. */
  readonly shared: readonly OutboundFramePhase[];
  /** Run once for each receiver: from the first stage that says so on. */
  readonly own: readonly OutboundFramePhase[];
  /** Told of each envelope and receiver. */
  readonly sent: readonly SentTap[];
}

/** How messages to some connections become bytes. */
export class Encoding implements WireEncoding {
  readonly way: PayloadWay;
  /** permessage-deflate, where the peer has agreed to it. */
  readonly deflater: Deflater | null;
  readonly isPlain: boolean;

  /** Whether what was made for one socket can be sent again to another: nothing of it belongs to that socket alone. */
  get isRepeatable(): boolean {
    return this.way.own.length === 0 && this.deflater?.hasContext !== true;
  }

  constructor(way: PayloadWay, deflater: Deflater | null) {
    this.way = way;
    this.deflater = deflater;
    this.isPlain =
      deflater === null &&
      way.codec === json() &&
      way.shared.length === 0 &&
      way.own.length === 0 &&
      way.sent.length === 0;
  }
}

/** Sorts the outbound frame stages, from the last to the first, into those that run once and those that run for each receiver. */
export function payloadWay(codec: Codec, stages: readonly Stage[], sent: readonly SentTap[]): PayloadWay {
  const outbound = stages.toReversed().filter(({ middleware }) => middleware.outboundFrame !== undefined);
  const { shared, own } = splitByReceiver(outbound);
  const phaseOf = ({ middleware }: Stage): OutboundFramePhase =>
    (middleware.outboundFrame as OutboundFramePhase).bind(middleware);
  return { codec, shared: shared.map(phaseOf), own: own.map(phaseOf), sent };
}

/** What comes after a stage that runs for each receiver runs for each receiver too. */
export function splitByReceiver(stages: readonly Stage[]): {
  shared: readonly Stage[];
  own: readonly Stage[];
} {
  const first = stages.findIndex(({ middleware }) => middleware.perConnection === true);
  const at = first === -1 ? stages.length : first;
  return { shared: stages.slice(0, at), own: stages.slice(at) };
}

/** Whether what was made in one way can be followed, on another socket, by what is made in the other. */
export function continues(before: Encoding, after: Encoding): boolean {
  const { deflater } = before;
  return (
    before.way === after.way && (deflater === null || deflater.hasContext || deflater === after.deflater)
  );
}

/** Of a connection whose 101 is out. */
export function encodingOf(connection: Connection): Encoding {
  return connection.encoding as Encoding;
}
