/** Values of `Sec-WebSocket-Protocol`. Which of them an endpoint speaks is up to its codecs. */
export const Subprotocol = {
  /** The same as none: JSON envelopes, and answers in Nest's shapes. */
  Plain: 'gatewire.plain',
  /** JSON, and the session events once the client has sent `$hello`. */
  V1Json: 'gatewire.v1.json',
  /** The same with MessagePack in binary frames. */
  V1Msgpack: 'gatewire.v1.msgpack',
  /** The same with CBOR in binary frames. */
  V1Cbor: 'gatewire.v1.cbor',
} as const;

export type Subprotocol = (typeof Subprotocol)[keyof typeof Subprotocol];

/** What every name of ours starts with. */
const ourPrefix = 'gatewire.';

/** A bearer token, base64url, travels as an offer with this prefix: browsers cannot set an Authorization header. */
export const bearerPrefix = 'gatewire.bearer.';

/** Promises that `$hello` will be the first message (PROTOCOL.md, "Sessions"). Never selected. */
export const sessionOffer = 'gatewire.session';

/** Versions of the protocol, one codec each. */
const sessionPrefix = 'gatewire.v1.';

/** Without further codecs. */
const spoken: readonly string[] = [Subprotocol.Plain, Subprotocol.V1Json];

/** The subprotocol by which a codec is negotiated. */
export function codecSubprotocol(codec: string): string {
  return sessionPrefix + codec;
}

/**
 * Which of the offered subprotocols the server selects: the first of ours, in the client's order (RFC 6455 section 4.1);
 * else the first that is not ours, for the application (browsers fail a connection whose offers are all declined).
 * Never a bearer token. False: none.
 *
 * @param supported what the endpoint's codecs can (`CodecTable.subprotocols`)
 */
export function selectSubprotocol(
  offered: Iterable<string>,
  supported: readonly string[] = spoken,
): string | false {
  let foreign: string | false = false;
  for (const name of offered) {
    // Ours, not the slice of a header that would be kept with it.
    const own = supported.find((one) => one === name);
    if (own !== undefined) return own;
    if (foreign === false && !name.startsWith(ourPrefix)) foreign = name;
  }
  return foreign;
}

/** Why the offers must be refused with 400, for the peer; undefined when they need not be. */
export function subprotocolRefusal(
  offered: Iterable<string>,
  supported: readonly string[] = spoken,
): string | undefined {
  const names = [...offered];
  if (names.length === 0 || selectSubprotocol(names, supported) !== false) return undefined;
  if (names.every((name) => name.startsWith(bearerPrefix))) {
    return `${bearerPrefix}* only carries a token: offer ${supported.join(' or ')} beside it`;
  }
  return `none of the offered subprotocols is spoken here: offer ${supported.join(' or ')}`;
}

/** Whether peers that speak it understand the protocol's own events (`$drain` and the like); plain ones may not. */
export function isSessionSubprotocol(name: string): boolean {
  return name.startsWith(sessionPrefix);
}

/** The bearer token among the offers; undefined when there is none that can be read. */
export function bearerToken(offered: Iterable<string>): string | undefined {
  for (const name of offered) {
    if (name.startsWith(bearerPrefix)) return decodeBase64Url(name.slice(bearerPrefix.length));
  }
  return undefined;
}

function decodeBase64Url(encoded: string): string | undefined {
  try {
    const binary = atob(encoded.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(binary, (unit) => unit.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // Not base64url, or not UTF-8: no token, so that authentication refuses it.
    return undefined;
  }
}
