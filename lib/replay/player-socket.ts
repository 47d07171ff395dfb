import { codecSubprotocol, isSessionSubprotocol } from '../protocol/subprotocol.js';
import type { Envelope } from '../protocol/envelope.js';
import type { OpenedLine } from '../exchange/recording/recording-line.js';
import type { ClientSocket } from '../client/socket.js';
import { readFrame } from './incoming.js';
import type { ReplayConnection, ResolvedReplayOptions } from './replay.options.js';

/** Who hears of a socket. */
export interface PlayerSocketListener {
  received(envelope: Envelope): void;
  /** It is over, or never was: `wasOpen` says which. */
  closed(code: number, reason: string, wasOpen: boolean): void;
}

/** Opens the socket of one replayed connection. Resolves when it is open, or has been refused. */
export async function openPlayerSocket(
  connection: ReplayConnection,
  opened: OpenedLine,
  options: ResolvedReplayOptions,
  listener: PlayerSocketListener,
): Promise<ClientSocket> {
  const { codec, connect, token, headers } = options;
  const spoken = opened.subprotocol ?? '';
  const isPlain = !isSessionSubprotocol(spoken);
  const [bearer, further] = await Promise.all([valueOf(token, connection), valueOf(headers, connection)]);
  const protocols = isPlain ? (spoken === '' ? [] : [spoken]) : [codecSubprotocol(codec.name)];
  const authorization = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
  return new Promise((resolve) => {
    let isOpen = false;
    const socket = connect(
      { url: urlOf(options.url, connection, opened), protocols, headers: { ...authorization, ...further } },
      {
        opened: () => {
          isOpen = true;
          resolve(socket);
        },
        received: (frame) => {
          for (const envelope of readFrame(frame, codec, isPlain)) listener.received(envelope);
        },
        alive: () => undefined,
        closed: (code, reason) => {
          listener.closed(code, reason, isOpen);
          resolve(socket);
        },
      },
    );
  });
}

async function valueOf<Value>(
  given: Value | ((connection: ReplayConnection) => Value | Promise<Value>) | undefined,
  connection: ReplayConnection,
): Promise<Value | undefined> {
  if (typeof given !== 'function') return given;
  return (given as (connection: ReplayConnection) => Value | Promise<Value>)(connection);
}

function urlOf(url: ResolvedReplayOptions['url'], connection: ReplayConnection, opened: OpenedLine): string {
  if (typeof url === 'function') return url(connection);
  const whole = new URL(url);
  whole.protocol = whole.protocol.replace('http', 'ws');
  whole.pathname = whole.pathname.replace(/\/$/, '') + opened.path;
  for (const [name, value] of new URLSearchParams(opened.query)) whole.searchParams.append(name, value);
  return whole.href;
}
