import type { Connection } from '../../../connection/connection.js';
import type { Next } from '../../../exchange/compose.js';
import { CloseCode } from '../../../protocol/close-code.js';
import {
  isSoundJwe,
  type JweHeader,
  type JweParts,
  readJweHeader,
  splitJwe,
} from '../../../protocol/jwe-compact.js';
import { joseFirstByte } from '../../../protocol/jws-compact.js';
import { contentTypeOf, isText } from '../../../protocol/content-type.js';
import type { InboundFrame } from '../../inbound-frame.js';
import type { GatewayMiddleware, StageHost } from '../../middleware.js';
import type { OutboundFrame } from '../../outbound-frame.js';
import type { OutboundMessage } from '../../outbound-message.js';
import { contentEncryption } from './content-key.js';
import {
  type EncryptionOptions,
  type ResolvedEncryptionOptions,
  resolveEncryptionOptions,
} from './encryption.options.js';
import { isRefusal, refusals } from './encryption-refusals.js';
import { keysEvent, keysType, openForServer, readSessionRequest } from './session-request.js';
import { isSealedForRoom } from './room-seal.js';
import {
  type ConnectionKeys,
  findKeys,
  forgetKeys,
  keysOf,
  moveKeys,
  roomKeyEvent,
} from './connection-keys.js';
import { SessionKeys } from './session-keys.js';

/**
 * Decrypts frames that come as JWE in compact serialization (RFC 7516), and encrypts those to connections that have
 * agreed on session keys. What is not encrypted passes unless `require` is set: `@Encrypted()` says which handlers
 * want it.
 *
 * Keys are agreed on by `$keys`, encrypted for a long-lived key of the server, and renewed by another one, encrypted with
 * the keys there are (PROTOCOL.md, "Encryption"). This is done while it is a frame: before authentication, so that
 * credentials can come encrypted.
 */
export class EncryptionStage implements GatewayMiddleware {
  /** Each session has keys of its own. */
  readonly perConnection = true;
  readonly #options: ResolvedEncryptionOptions;
  readonly #host: StageHost;

  /** @throws {OptionError} */
  constructor(options: EncryptionOptions, host: StageHost) {
    this.#options = resolveEncryptionOptions(options);
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
    if (header.alg === 'dir') return this.#inSession(frame, next, parts, header);
    if (header.alg === 'ECDH-ES') return this.#open(frame, parts, header);
    throw this.#refuse('malformed');
  }

  outboundFrame(frame: OutboundFrame, next: Next): void | Promise<void> {
    const { message } = frame;
    if (isSealedForRoom(frame) || message.target.kind !== 'connection') return next();
    const { connection } = message.target;
    const keys = findKeys(connection)?.current?.toClient;
    if (keys === undefined) return this.#unsecured(message, next);
    const { require, outbound } = this.#options;
    const isWanted = require || outbound === 'all' || message.event === roomKeyEvent || outbound(message);
    if (!isWanted) return next();
    if (!keys.use()) return this.#usedUp(connection);
    const { data } = frame;
    frame.data = keys.seal(contentTypeOf(frame), typeof data === 'string' ? Buffer.from(data) : data);
    frame.isBinary = false;
    return next();
  }

  resumed(connection: Connection, fresh: Connection): void {
    moveKeys(fresh, connection);
  }

  disconnected(connection: Connection): void {
    forgetKeys(connection);
  }

  #plain(next: Next): void | Promise<void> {
    if (!this.#options.require) return next();
    throw this.#refuse('demanded');
  }

  #inSession(frame: InboundFrame, next: Next, parts: JweParts, header: JweHeader): void | Promise<void> {
    const keys = findKeys(frame.connection);
    const session = keys?.find(header.kid);
    if (keys === undefined || session === undefined) throw this.#refuse('unknownKey');
    if (!session.toServer.use()) {
      frame.drop('encryption');
      return this.#usedUp(frame.connection);
    }
    const plaintext = session.toServer.open(parts);
    if (plaintext === undefined) throw this.#refuse('wrong');
    // Only now: a number that nobody has vouched for counts for nothing.
    if (!session.advance(header.seq)) throw this.#refuse('replayed');
    if (keys.confirm(session)) this.#host.count('encryption.agreed');
    const { alg, enc, kid, cty } = header;
    if (cty === keysType) {
      this.#countAgreement(keys);
      return this.#offer(frame, plaintext, keys);
    }
    frame.data = plaintext;
    frame.isBinary = !isText(cty);
    frame.protect({ encrypted: { alg, enc, kid } });
    return next();
  }

  /** Nothing of it goes on: what is in it is bound to no connection, so it could be a copy. */
  #open(frame: InboundFrame, parts: JweParts, header: JweHeader): void {
    if (header.cty !== keysType) throw this.#refuse('misused');
    const key = this.#options.keys().find(({ kid }) => kid === header.kid);
    if (key === undefined) throw this.#refuse('unknownKey');
    const keys = keysOf(frame.connection);
    // Anybody on the way could send one: who has keys asks for others with those.
    if (keys.current !== null) throw this.#refuse('opened');
    this.#countAgreement(keys);
    const plaintext = openForServer(key, header, parts);
    if (plaintext === undefined) throw this.#refuse('wrong');
    this.#offer(frame, plaintext, keys);
  }

  /** Before the work that it costs, and whatever comes of it. */
  #countAgreement(keys: ConnectionKeys): void {
    if (keys.agreements >= this.#options.maxAgreements) throw this.#refuse('tooOften');
    keys.agreements++;
  }

  #offer(frame: InboundFrame, plaintext: Buffer, keys: ConnectionKeys): void {
    const request = readSessionRequest(plaintext);
    const kid = `session:${keys.agreements}`;
    const session = request && SessionKeys.agree(request, kid, this.#options.messagesPerKey);
    if (session === undefined) throw this.#refuse('misused');
    keys.offer(session);
    frame.drop('encryption.keys');
    // Past the stages and the codec: nothing in it is secret, and a client reads it before it knows of anything else.
    frame.connection.send(JSON.stringify({ event: keysEvent, data: session.offer }));
  }

  /** Nobody could read it encrypted. */
  #unsecured(message: OutboundMessage, next: Next): void | Promise<void> {
    if (message.event === roomKeyEvent || (this.#options.require && !isRefusal(message)))
      return this.#host.count('encryption.withheld');
    return next();
  }

  #usedUp(connection: Connection): void {
    this.#host.count('encryption.usedUp');
    connection.close(CloseCode.Unauthorized, 'the session keys are used up');
  }

  #refuse(why: keyof typeof refusals): Error {
    this.#host.count(`encryption.${why}`);
    return refusals[why];
  }
}
