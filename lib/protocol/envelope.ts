/** Chosen by the requester, unique among its requests in flight. Servers use negative integers, clients all else. */
export type MessageId = string | number;

/** How an error looks on the wire. */
export interface ErrorBody {
  /** A documented `ErrorCode`, or one of the application's own. */
  code: string;
  /** For people. */
  message: string;
  /** For programs: what exactly is wrong. */
  details?: unknown;
}

/** One message, in either direction (PROTOCOL.md, "The envelope"). What is absent is `undefined`, never null, but for `data`. */
export interface Envelope {
  /** What the message is about. Absent: the message answers the request `id`. */
  event?: string;
  /** Any JSON value; in a binary frame bytes, or an object or array whose own values may be bytes. */
  data?: unknown;
  /** Present: the sender wants exactly one outcome (or, without `event`, this is one). */
  id?: MessageId;
  /** About the message: reserved names, and the application's. */
  meta?: Record<string, unknown>;
  /** The request `id` has failed. */
  error?: ErrorBody;
  /** An item of a stream; more follow. */
  more?: boolean;
  /** The end of a stream. */
  done?: boolean;
  /** The room it was published to. */
  room?: string;
  /** Reserved: number of the message in its session. */
  seq?: number;
  /** Reserved: highest `seq` received. */
  ack?: number;
  /** Position in the history of `room`. */
  offset?: number;
  /** The life of that history which `offset` belongs to; its first message says it. */
  epoch?: string;
}
