/**
 * Why a connection was closed: IANA's registered codes (RFC 6455 section 7.4.1 and its registry),
 * and codes in the range for private use that mirror HTTP (PROTOCOL.md, "Close codes").
 */
export const CloseCode = {
  /** The work is done. */
  NormalClosure: 1000,
  /** The server shuts down, or the page was left. */
  GoingAway: 1001,
  /** The peer broke RFC 6455. */
  ProtocolError: 1002,
  /** A kind of data that the endpoint does not take. */
  UnsupportedData: 1003,
  /** Never sent: the close frame had no code. */
  NoStatusReceived: 1005,
  /** Never sent: there was no close frame. */
  AbnormalClosure: 1006,
  /** A text message that is not UTF-8. */
  InvalidPayload: 1007,
  /** A bound of the receiver was passed. */
  PolicyViolation: 1008,
  /** A message longer than the receiver takes. */
  MessageTooBig: 1009,
  /** The server did not negotiate an extension that the client needs. */
  MandatoryExtension: 1010,
  /** A fault of the server. */
  InternalError: 1011,
  /** The server restarts. */
  ServiceRestart: 1012,
  /** The server, or this connection, cannot keep up for the moment. */
  TryAgainLater: 1013,
  /** A gateway on the way got an invalid response. */
  BadGateway: 1014,
  /** Never sent: the TLS handshake failed. */
  TlsHandshake: 1015,
  /** The peer asked for something that makes no sense. */
  BadRequest: 4400,
  /** Credentials are missing, wrong or expired. */
  Unauthorized: 4401,
  /** The peer may not be here. */
  Forbidden: 4403,
  /** What the connection was for does not exist (any more). */
  NotFound: 4404,
  /** A hook took too long, or the peer was silent too long. */
  RequestTimeout: 4408,
  /** Another connection is in its place, or a message came twice. */
  Conflict: 4409,
  /** More bytes than the endpoint takes. */
  PayloadTooLarge: 4413,
  /** The peer sends more than it may. */
  TooManyRequests: 4429,
  /** Something that the connection needs is down for the moment. */
  ServiceUnavailable: 4503,
} as const;

/** One of the documented close codes. */
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];

/** What a client does after a close: comes back with backoff, gets new credentials first, or stays away. */
export type CloseReaction = 'reconnect' | 'refresh-then-reconnect' | 'stop';

/** What is known about a close code. */
export interface CloseTraits {
  readonly client: CloseReaction;
}

/** Traits of every documented close code, as data. */
export const closeTraits: Readonly<Record<CloseCode, CloseTraits>> = {
  1000: { client: 'stop' },
  1001: { client: 'reconnect' },
  1002: { client: 'stop' },
  1003: { client: 'stop' },
  1005: { client: 'reconnect' },
  1006: { client: 'reconnect' },
  1007: { client: 'stop' },
  1008: { client: 'stop' },
  1009: { client: 'stop' },
  1010: { client: 'stop' },
  1011: { client: 'reconnect' },
  1012: { client: 'reconnect' },
  1013: { client: 'reconnect' },
  1014: { client: 'reconnect' },
  1015: { client: 'reconnect' },
  4400: { client: 'stop' },
  4401: { client: 'refresh-then-reconnect' },
  4403: { client: 'stop' },
  4404: { client: 'stop' },
  4408: { client: 'reconnect' },
  4409: { client: 'stop' },
  4413: { client: 'stop' },
  4429: { client: 'reconnect' },
  4503: { client: 'reconnect' },
};

/** What a client does after any close code: unknown 44xx say that coming back would not help, all others that it may. */
export function closeReaction(code: number): CloseReaction {
  const traits = (closeTraits as Readonly<Record<number, CloseTraits>>)[code];
  return traits?.client ?? (code >= 4400 && code < 4500 ? 'stop' : 'reconnect');
}
