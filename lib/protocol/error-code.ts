/**
 * Every code an error of this package can have, on the wire and in code: the one documented list
 * (PROTOCOL.md, "Errors"). Applications may use codes of their own beside these.
 */
export const ErrorCode = {
  /** The frame is not JSON. */
  BadJson: 'BAD_JSON',
  /** The frame is JSON, but not an envelope: a wrong type, an id or a name too long, neither `event` nor `id`. */
  BadEnvelope: 'BAD_ENVELOPE',
  /** A frame that nobody here can decode: another codec, a broken layout, bytes that are not UTF-8. */
  Undecodable: 'UNDECODABLE',
  /** Nobody handles this event. */
  UnknownEvent: 'UNKNOWN_EVENT',
  /** A name that starts with `$` where a name of the application belongs. */
  ReservedEvent: 'RESERVED_EVENT',
  /** The message was understood, and what it asks for makes no sense. */
  BadRequest: 'BAD_REQUEST',
  /** Credentials are missing, wrong or expired. */
  Unauthenticated: 'UNAUTHENTICATED',
  /** A guard or an authorizer said no. */
  Forbidden: 'FORBIDDEN',
  /** What the message names does not exist. */
  NotFound: 'NOT_FOUND',
  /** `data` does not have the shape that the handler declares; `details` says where. */
  ValidationFailed: 'VALIDATION_FAILED',
  /** A filter of the receiver has taken the message away. */
  Filtered: 'FILTERED',
  /** The message, or its key, has been handled before. */
  Duplicate: 'DUPLICATE',
  /** What asks for it must be signed or encrypted, and was not. */
  ProtectionRequired: 'PROTECTION_REQUIRED',
  /** The signature is missing, wrong, too old, or of a key nobody here knows. */
  BadSignature: 'BAD_SIGNATURE',
  /** A signed message that has been here before. */
  Replayed: 'REPLAYED',
  /** It was encrypted for somebody else, or has been tampered with. */
  DecryptionFailed: 'DECRYPTION_FAILED',
  /** More bytes than the receiver takes. */
  PayloadTooLarge: 'PAYLOAD_TOO_LARGE',
  /** JSON nested more deeply than the receiver reads. */
  TooDeep: 'TOO_DEEP',
  /** More envelopes in one batch than the receiver takes. */
  BatchTooLarge: 'BATCH_TOO_LARGE',
  /** The connection is in as many rooms as it may be. */
  TooManyRooms: 'TOO_MANY_ROOMS',
  /** The sender is faster than it may be; `details.retryAfterMs` says when to try again. */
  RateLimited: 'RATE_LIMITED',
  /** The number of requests or streams in flight is at its limit. */
  TooManyRequests: 'TOO_MANY_REQUESTS',
  /** Too many messages of this connection wait for their handlers. This one was not handled. */
  Overloaded: 'OVERLOADED',
  /** It contradicts the state of something: an id in use, a version that has moved on. */
  Conflict: 'CONFLICT',
  /** The peer did not answer in time. The message may or may not have been handled. */
  AckTimeout: 'ACK_TIMEOUT',
  /** The work took longer than its deadline allows. */
  DeadlineExceeded: 'DEADLINE_EXCEEDED',
  /** The connection ended before the answer came. The message may or may not have been handled. */
  Disconnected: 'DISCONNECTED',
  /** The server stopped while the message was being handled. It may or may not have had its effect, and is not handled again. */
  OutcomeUnknown: 'OUTCOME_UNKNOWN',
  /** Too many messages wait for the connection already. This one was not taken. */
  OutboxFull: 'OUTBOX_FULL',
  /** The message has waited for longer than it may. */
  Expired: 'EXPIRED',
  /** The requester took its request back. */
  Cancelled: 'CANCELLED',
  /** Something the handler needs is down for the moment. */
  Unavailable: 'UNAVAILABLE',
  /** A fault of the server. What it was stands in its log and nowhere else. */
  Internal: 'INTERNAL',
} as const;

/** One of the documented codes. */
export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode];

/**
 * What the sender of a message does about an error:
 * `fix` (the same message would fail again), `refresh` (credentials first, then again),
 * `retry` (later, with backoff), `unsure` (retry only what may be handled twice), `none`.
 */
export type ErrorAdvice = 'fix' | 'refresh' | 'retry' | 'unsure' | 'none';

/** What is known about a code. */
export interface ErrorTraits {
  /** The HTTP status that says the same. */
  readonly httpStatus: number;
  readonly advice: ErrorAdvice;
}

/** Traits of every code, as data. */
export const errorTraits: Readonly<Record<ErrorCode, ErrorTraits>> = {
  BAD_JSON: { httpStatus: 400, advice: 'fix' },
  BAD_ENVELOPE: { httpStatus: 400, advice: 'fix' },
  UNDECODABLE: { httpStatus: 415, advice: 'fix' },
  UNKNOWN_EVENT: { httpStatus: 404, advice: 'fix' },
  RESERVED_EVENT: { httpStatus: 400, advice: 'fix' },
  BAD_REQUEST: { httpStatus: 400, advice: 'fix' },
  UNAUTHENTICATED: { httpStatus: 401, advice: 'refresh' },
  FORBIDDEN: { httpStatus: 403, advice: 'fix' },
  NOT_FOUND: { httpStatus: 404, advice: 'fix' },
  VALIDATION_FAILED: { httpStatus: 422, advice: 'fix' },
  FILTERED: { httpStatus: 403, advice: 'fix' },
  DUPLICATE: { httpStatus: 409, advice: 'none' },
  PROTECTION_REQUIRED: { httpStatus: 401, advice: 'fix' },
  BAD_SIGNATURE: { httpStatus: 401, advice: 'fix' },
  REPLAYED: { httpStatus: 409, advice: 'fix' },
  DECRYPTION_FAILED: { httpStatus: 400, advice: 'fix' },
  PAYLOAD_TOO_LARGE: { httpStatus: 413, advice: 'fix' },
  TOO_DEEP: { httpStatus: 400, advice: 'fix' },
  BATCH_TOO_LARGE: { httpStatus: 413, advice: 'fix' },
  TOO_MANY_ROOMS: { httpStatus: 409, advice: 'fix' },
  RATE_LIMITED: { httpStatus: 429, advice: 'retry' },
  TOO_MANY_REQUESTS: { httpStatus: 429, advice: 'retry' },
  OVERLOADED: { httpStatus: 503, advice: 'retry' },
  CONFLICT: { httpStatus: 409, advice: 'fix' },
  ACK_TIMEOUT: { httpStatus: 504, advice: 'unsure' },
  DEADLINE_EXCEEDED: { httpStatus: 504, advice: 'unsure' },
  DISCONNECTED: { httpStatus: 502, advice: 'unsure' },
  OUTCOME_UNKNOWN: { httpStatus: 502, advice: 'unsure' },
  OUTBOX_FULL: { httpStatus: 503, advice: 'retry' },
  EXPIRED: { httpStatus: 504, advice: 'unsure' },
  CANCELLED: { httpStatus: 499, advice: 'none' },
  UNAVAILABLE: { httpStatus: 503, advice: 'retry' },
  INTERNAL: { httpStatus: 500, advice: 'unsure' },
};
