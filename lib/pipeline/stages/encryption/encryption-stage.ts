import type { Connection } from '../../../connection/connection.js';
import type { Next } from '../../../exchange/compose.js';
import { OptionError } from '../../../primitives/option-error.js';
import { wholeNumber } from '../../../primitives/option-checks.js';
import { CloseCode } from '../../../protocol/close-code.js';
import { ErrorCode } from '../../../protocol/error-code.js';
import { GatewireError } from '../../../protocol/gatewire-error.js';
import {
  isSoundJwe,
  type JweHeader,
  type JweParts,
  readJweHeader,
  splitJwe,
} from '../../../protocol/jwe-compact.js';
import { joseFirstByte } from '../../../protocol/jws-compact.js';
import type { InboundFrame } from '../../inbound-frame.js';
import type { GatewayMiddleware, StageHost } from '../../middleware.js';
import type { OutboundFrame } from '../../outbound-frame.js';
import type { OutboundMessage } from '../../outbound-message.js';
import { contentEncryption, mostMessagesPerKey } from './content-key.js';
import { contentTypeOf, isText } from '../content-type.js';
import { isSealedForRoom } from './room-seal.js';
import type { X25519Key } from './encryption-keys.js';
import { roomKeyEvent, securedConnections } from './secured-connections.js';
import { agree, type SessionKeys, sessionKid } from './session-keys.js';

/** How frames are encrypted and decrypted. */
export interface EncryptionOptions {
  /** The server's keys: all are accepted. For rotation a function, called for each agreement. */
  readonly keys: readonly X25519Key[] | (() => readonly X25519Key[]);
  /** What is encrypted for connections that have session keys. @default 'all' */
  readonly outbound?: 'all' | ((message: OutboundMessage) => boolean);
  /** Refuses every frame that is not encrypted, and sends nothing in plain. @default false */
  readonly require?: boolean;
  /** Messages that a session key may be used for, each way; then the connection is closed with 4401. @default 2 ** 32 (NIST SP 800-38D section 8.3) */
  readonly messagesPerKey?: number;
}

/** One text for all that can be wrong: the difference would help nobody but an attacker. */
const failed = new GatewireError(ErrorCode.DecryptionFailed, 'the message cannot be decrypted');
const required = new GatewireError(
  ErrorCode.ProtectionRequired,
  'messages to this endpoint must be encrypted',
);

/**
 * Decrypts frames that come as JWE in compact serialization (RFC 7516), and encrypts those to connections that have
 * agreed on session keys. What is not encrypted passes unless `require` is set: `@Encrypted()` says which handlers
 * want it.
 */
export class EncryptionStage implements GatewayMiddleware {
  /** Each session has keys of its own. */
  readonly perConnection = true;
  readonly #keys: () => readonly X25519Key[];
  readonly #outbound: EncryptionOptions['outbound'];
  readonly #isRequired: boolean;
  readonly #messagesPerKey: number;
  readonly #host: StageHost;

  constructor(options: EncryptionOptions, host: StageHost) {
    const { keys, outbound = 'all', require = false, messagesPerKey = mostMessagesPerKey } = options;
    this.#keys = typeof keys === 'function' ? keys : () => keys;
    if (outbound !== 'all' && typeof outbound !== 'function')
      throw new OptionError('outbound', '"all" or a function', outbound);
    if (typeof keys !== 'function' && keys.length === 0)
      throw new OptionError('keys', 'at least one key', 'none');
    this.#outbound = outbound;
    this.#isRequired = require;
    this.#messagesPerKey = wholeNumber('messagesPerKey', messagesPerKey, 1, mostMessagesPerKey);
    this.#host = host;
  }

  inboundFrame(frame: InboundFrame, next: Next): void | Promise<void> {
    const parts =
      !frame.isBinary && frame.data[0] === joseFirstByte && splitJwe(frame.data.toString('latin1'));
    if (!parts) return this.#plain(next);
    const header = isSoundJwe(parts)
      ? readJweHeader(Buffer.from(parts.header, 'base64url').toString())
      : undefined;
    if (header?.enc !== contentEncryption) throw this.#refuse('malformed');
    if (header.alg === 'dir') return this.#withSession(frame, next, parts, header);
    if (header.alg === 'ECDH-ES') return this.#withAgreement(frame, next, parts, header);
    throw this.#refuse('malformed');
  }

  outboundFrame(frame: OutboundFrame, next: Next): void | Promise<void> {
    const { message } = frame;
    if (isSealedForRoom(frame) || message.target.kind !== 'connection') return next();
    const { connection } = message.target;
    const session = securedConnections.get(connection);
    if (session === undefined) return this.#unsecured(message, next);
    const { event } = message;
    const isWanted = this.#isRequired || this.#outbound === 'all' || event === roomKeyEvent;
    if (!isWanted && this.#outbound?.(message) !== true) return next();
    if (!session.toClient.use()) return this.#usedUp(connection);
    const { data } = frame;
    const cty = contentTypeOf(frame);
    frame.data = session.toClient.seal(cty, typeof data === 'string' ? Buffer.from(data) : data);
    frame.isBinary = false;
    return next();
  }

  disconnected(connection: Connection): void {
    securedConnections.delete(connection);
  }

  #plain(next: Next): void | Promise<void> {
    if (!this.#isRequired) return next();
    this.#host.count('encryption.demanded');
    throw required;
  }

  #withSession(frame: InboundFrame, next: Next, parts: JweParts, header: JweHeader): void | Promise<void> {
    const session = header.kid === sessionKid ? securedConnections.get(frame.connection) : undefined;
    if (session === undefined) throw this.#refuse('unknownKey');
    if (!session.toServer.use()) {
      frame.drop('encryption');
      return this.#usedUp(frame.connection);
    }
    return this.#opened(frame, next, session.toServer.open(parts), header);
  }

  #withAgreement(frame: InboundFrame, next: Next, parts: JweParts, header: JweHeader): void | Promise<void> {
    const key = this.#keys().find(({ kid }) => kid === header.kid);
    const agreement = key && agree(header, key);
    if (agreement === undefined) throw this.#refuse('unknownKey');
    const plaintext = agreement.contentKey.open(parts);
    // Only who can encrypt with it has agreed on it.
    if (plaintext !== undefined) this.#keep(frame.connection, agreement.id, agreement.session);
    return this.#opened(frame, next, plaintext, header);
  }

  /** A second agreement with another key makes new session keys; the same one again keeps them, and their counts. */
  #keep(connection: Connection, id: string, derive: (messagesPerKey: number) => SessionKeys): void {
    if (securedConnections.get(connection)?.agreement === id) return;
    securedConnections.set(connection, derive(this.#messagesPerKey));
    this.#host.count('encryption.agreed');
  }

  #opened(
    frame: InboundFrame,
    next: Next,
    plaintext: Buffer | undefined,
    { alg, enc, kid, cty }: JweHeader,
  ): void | Promise<void> {
    if (plaintext === undefined) throw this.#refuse('wrong');
    frame.data = plaintext;
    frame.isBinary = !isText(cty);
    frame.protect({ encrypted: { alg, enc, kid } });
    return next();
  }

  /** Nobody could read it encrypted. */
  #unsecured(message: OutboundMessage, next: Next): void | Promise<void> {
    if (message.event === roomKeyEvent || (this.#isRequired && !saysWhatIsMissing(message)))
      return this.#host.count('encryption.withheld');
    return next();
  }

  #usedUp(connection: Connection): void {
    this.#host.count('encryption.usedUp');
    connection.close(CloseCode.Unauthorized, 'the session keys are used up');
  }

  #refuse(why: 'malformed' | 'unknownKey' | 'wrong'): GatewireError {
    this.#host.count(`encryption.${why}`);
    return failed;
  }
}

/** The refusals of this stage itself have nothing in them that is secret. */
function saysWhatIsMissing({ event, data }: OutboundMessage): boolean {
  if (event !== 'exception') return false;
  const { message } = (data ?? {}) as { message?: unknown };
  return message === failed.message || message === required.message;
}
