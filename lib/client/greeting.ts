import { encodeBase64Url } from '../primitives/base64url.js';
import { bearerPrefix, codecSubprotocol, sessionOffer } from '../protocol/subprotocol.js';
import type { ClientSettings } from './client-settings.js';
import type { Greeting } from './link.js';
import type { Provided } from './options.js';
import type { SessionTicket } from './session.js';

/** What the next attempt begins with. Whatever the application provides is asked for anew. */
export async function greetingOf(
  settings: ClientSettings,
  codec: string,
  ticket: SessionTicket | null,
): Promise<Greeting> {
  const { environment, session, tokenIn, requireExtension } = settings;
  const [url, token, headers] = await Promise.all([
    provided(settings.url),
    provided(settings.token),
    provided(settings.headers),
  ]);
  const protocols = [codecSubprotocol(codec)];
  if (session) protocols.push(sessionOffer);
  const isInMessage = token !== undefined && tokenIn === 'message';
  const isInHeader = token !== undefined && !isInMessage && environment.canSendHeaders;
  if (token !== undefined && !isInMessage && !isInHeader)
    protocols.push(bearerPrefix + encodeBase64Url(new TextEncoder().encode(token)));
  return {
    request: {
      url: socketUrl(url, environment.baseUrl),
      protocols,
      headers: isInHeader ? { ...headers, authorization: `Bearer ${token}` } : headers,
    },
    token: isInMessage ? token : undefined,
    ticket: session ? ticket : undefined,
    requireExtension,
  };
}

/** The value, or what it is now. */
export async function provided<Value>(value: Provided<Value> | undefined): Promise<Value | undefined> {
  return typeof value === 'function' ? await (value as () => Value | Promise<Value>)() : value;
}

function socketUrl(url: string | URL | undefined, baseUrl: string | undefined): string {
  // `http:` becomes `ws:`, and `https:` becomes `wss:`.
  return new URL(url ?? '', baseUrl).href.replace(/^http/, 'ws');
}
