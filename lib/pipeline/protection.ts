/** Who signed a message, as its verified signature says. */
export interface SignatureInfo {
  /** JWS `alg` (RFC 7518 section 3.1). */
  readonly alg: string;
  /** Which key: JWS `kid` (RFC 7515 section 4.1.4). */
  readonly kid: string | undefined;
  /** When it was signed, in milliseconds since the epoch. */
  readonly issuedAt: number | undefined;
}

/** How a message was encrypted. */
export interface EncryptionInfo {
  /** JWE `alg` (RFC 7518 section 4.1). */
  readonly alg: string;
  /** JWE `enc` (RFC 7518 section 5.1). */
  readonly enc: string;
  readonly kid: string | undefined;
}

/** What held for the whole frame that a message came in, as the frame stages have found. */
export interface Protection {
  signed?: SignatureInfo;
  encrypted?: EncryptionInfo;
}
