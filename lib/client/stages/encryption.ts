import type { Next } from '../../exchange/compose.js';
import { ReplayWindow } from '../../exchange/replay-window.js';
import { decodeBase64Url } from '../../primitives/base64url.js';
import { wholeNumber } from '../../primitives/option-checks.js';
import { OptionError } from '../../primitives/option-error.js';
import { contentTypeOf, isText } from '../../protocol/content-type.js';
import type { Envelope, ErrorBody } from '../../protocol/envelope.js';
import { ErrorCode } from '../../protocol/error-code.js';
import { GatewireError } from '../../protocol/gatewire-error.js';
import { isSoundJwe, type JweParts, readJweHeader, splitJwe } from '../../protocol/jwe-compact.js';
import { joseFirstByte } from '../../protocol/jws-compact.js';
import type { ClientFrame, ClientLink, ClientMessage, ClientMiddleware } from '../middleware.js';
import type { Provided } from '../options.js';
import { type AgreedKeys, KeyAgreement, keysEvent, keysType, type ServerPublicKey } from './key-agreement.js';
import { contentEncryption, open, seal } from './sealed-frame.js';
import { RoomContentKeys } from './room-content-keys.js';

/** How a client talks to a server with the stage `Encryption`. */
export interface ClientEncryptionOptions {
  /** The server's long-lived public key; a function is asked for each connection. */
  readonly serverKey: Provided<ServerPublicKey>;
  /** What comes in plain: `pass` where the server encrypts only some of what it sends. @default 'refuse' */
  readonly plain?: 'refuse' | 'pass';
  /** Frames that are sent with one key before new ones are agreed on. @default 2 ** 31 */
  readonly renewAfter?: number;
  /** Rooms whose keys are known; the one whose key came first makes room. @default 1_000 */
  readonly rooms?: number;
}

/**
 * End-to-end between this client and the server that the application runs in, also where TLS ends before it: JWE (RFC 7516),
 * with keys for each connection, agreed on over X25519. Put it last: what stands before it is inside. A connection on which
 * no keys can be agreed on is no connection.
 *
 * @example pipeline(compression(), encryption({ serverKey: { kid: '2026-11', x: 'hSDw…' } }))
 * @throws {OptionError}
 */
export function encryption(options: ClientEncryptionOptions): ClientMiddleware {
  return new Encryption(options);
}

/** One generation of keys, and what has been sent and received with it. */
interface Generation extends AgreedKeys {
  sent: number;
  readonly received: ReplayWindow;
}

const roomKeyEvent = 'room.key';
const utf8 = new TextEncoder();

class Encryption implements ClientMiddleware {
  readonly name = 'encryption';
  readonly #serverKey: ClientEncryptionOptions['serverKey'];
  readonly #passesPlain: boolean;
  readonly #renewAfter: number;
  readonly #rooms: RoomContentKeys;
  #link: ClientLink | null = null;
  #current: Generation | null = null;
  /** For what was on its way when the server changed to the current ones. */
  #previous: Generation | null = null;
  #renewal: Promise<KeyAgreement> | null = null;
  /** Whether the frame at hand came with keys of this connection. */
  #isOurs = false;

  constructor({ serverKey, plain = 'refuse', renewAfter = 2 ** 31, rooms = 1_000 }: ClientEncryptionOptions) {
    if (!['refuse', 'pass'].includes(plain)) throw new OptionError('plain', "'refuse' or 'pass'", plain);
    this.#serverKey = serverKey;
    this.#passesPlain = plain === 'pass';
    this.#renewAfter = wholeNumber('renewAfter', renewAfter, 1, 2 ** 32);
    this.#rooms = new RoomContentKeys(wholeNumber('rooms', rooms));
  }

  async opened(link: ClientLink): Promise<void> {
    this.#current = this.#previous = this.#renewal = null;
    this.#link = link;
    const serverKey = this.#serverKey;
    const agreement = await KeyAgreement.begin();
    const request = await agreement.requestFor(
      typeof serverKey === 'function' ? await serverKey() : serverKey,
    );
    link.sendFrame(() => request);
    const keys = generation(await agreement.finish(await keysAnswer(link)));
    this.#current = keys;
    // The server begins to encrypt with our first frame: who has nothing to say says that.
    setTimeout(() => {
      if (this.#current === keys && keys.sent === 0) link.send({ event: '$ping' });
    });
  }

  async outboundFrame(frame: ClientFrame, next: Next): Promise<void> {
    const keys = this.#current;
    if (keys === null)
      throw new GatewireError(ErrorCode.ProtectionRequired, 'there are no keys to encrypt with');
    const { data, codec } = frame;
    const isBinary = typeof data !== 'string';
    const cty = contentTypeOf({ data, isBinary, codec });
    frame.data = await sealed(keys, cty, isBinary ? data : utf8.encode(data));
    if (keys.sent >= this.#renewAfter) this.#renew();
    return next();
  }

  inboundFrame(frame: ClientFrame, next: Next): void | Promise<void> {
    const { data } = frame;
    const parts =
      typeof data === 'string' && data.charCodeAt(0) === joseFirstByte ? splitJwe(data) : undefined;
    this.#isOurs = false;
    if (parts !== undefined) return this.#open(frame, parts, next);
    const renewal = this.#renewal;
    const answer = renewal === null ? undefined : keysIn(data);
    if (renewal !== null && answer !== undefined) return this.#renewed(renewal, answer);
    if (this.#passesPlain) return next();
    throw new GatewireError(ErrorCode.ProtectionRequired, 'a frame of the server was not encrypted');
  }

  inbound({ envelope }: ClientMessage, next: Next): void | Promise<void> {
    if (envelope.event !== roomKeyEvent || envelope.id !== undefined) return next();
    // From nobody but the server itself.
    if (!this.#isOurs) throw failed();
    return this.#rooms.learn(envelope.data);
  }

  async #open(frame: ClientFrame, parts: JweParts, next: Next): Promise<void> {
    const header = isSoundJwe(parts) ? readJweHeader(textOf(decodeBase64Url(parts.header))) : undefined;
    if (header?.alg !== 'dir' || header.enc !== contentEncryption) throw failed();
    const ours = [this.#current, this.#previous].find((keys) => keys?.kid === header.kid);
    const known =
      ours == null ? this.#rooms.find(header.kid) : { key: ours.toClient, received: ours.received };
    const plaintext = known && (await open(known.key, parts));
    if (plaintext === undefined) throw failed();
    // Only now: a number that nobody has vouched for counts for nothing.
    if (known?.received.use(header.seq ?? -1) !== true)
      throw new GatewireError(ErrorCode.Replayed, 'a frame of the server has been here before');
    this.#isOurs = ours != null;
    frame.data = isText(header.cty) ? textOf(plaintext) : plaintext;
    return next();
  }

  /** Asks for new keys with those there are; until the answer is there they go on. */
  #renew(): void {
    if (this.#renewal !== null) return;
    const renewal = KeyAgreement.begin();
    this.#renewal = renewal;
    // Made when its turn has come, so that numbers rise.
    this.#link?.sendFrame(async () => sealed(this.#current as Generation, keysType, (await renewal).request));
  }

  async #renewed(renewal: Promise<KeyAgreement>, answer: unknown): Promise<void> {
    const keys = generation(await (await renewal).finish(answer));
    // Of another connection.
    if (this.#renewal !== renewal) return;
    this.#renewal = null;
    this.#previous = this.#current;
    this.#current = keys;
  }
}

function generation(keys: AgreedKeys): Generation {
  return { ...keys, sent: 0, received: new ReplayWindow() };
}

function sealed(keys: Generation, cty: string, plaintext: Uint8Array): Promise<string> {
  const header = { alg: 'dir', enc: contentEncryption, kid: keys.kid, cty, seq: ++keys.sent };
  return seal(keys.toServer, header, plaintext);
}

/** Waits for the answer to `$keys`. What comes before it, in plain, is nothing that anybody could trust. */
async function keysAnswer(link: ClientLink): Promise<unknown> {
  for (;;) {
    const { event, data, error } = await link.receive();
    if (event === keysEvent) return data;
    const refusal = error ?? (event === 'exception' ? (data as ErrorBody | null) : undefined);
    if (refusal != null) throw new GatewireError(refusal.code, 'the server agrees on no keys');
  }
}

/** The answer to `$keys` in a frame; undefined: it is another one. */
function keysIn(data: string | Uint8Array): unknown {
  if (typeof data !== 'string' || !data.includes(`"${keysEvent}"`)) return undefined;
  try {
    const envelope = JSON.parse(data) as Envelope | null;
    return envelope?.event === keysEvent ? envelope.data : undefined;
  } catch {
    // Whoever decodes it says so.
    return undefined;
  }
}

/** One text, whatever was wrong. */
function failed(): GatewireError {
  return new GatewireError(ErrorCode.DecryptionFailed, 'a frame of the server cannot be decrypted');
}

/** @throws {GatewireError} for what is no UTF-8 */
function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw failed();
  }
}
