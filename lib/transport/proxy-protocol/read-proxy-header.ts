import type { Socket } from 'node:net';
import { after, type Clock } from '../../primitives/clock.js';
import { parseProxyHeader } from './parse-proxy-header.js';
import { type ParsedProxyHeader, type ProxyHeader, ProxyProtocolError } from './proxy-header.js';

/** What reading a header needs. */
export interface ReadProxyHeaderOptions {
  readonly clock: Clock;
  /** The header must be there by then. */
  readonly timeoutMs: number;
}

/**
 * Reads the header a connection begins with, and leaves the socket paused with what follows the header unread. `done` is
 * called once: with the header, or with why there is none; then the socket is the caller's to destroy.
 */
export function readProxyHeader(
  socket: Socket,
  { clock, timeoutMs }: ReadProxyHeaderOptions,
  done: (error: ProxyProtocolError | null, header?: ProxyHeader) => void,
): void {
  let received: Buffer = Buffer.alloc(0);
  const finish = (error: ProxyProtocolError | null, parsed?: ParsedProxyHeader): void => {
    clock.clearTimeout(timer);
    socket.off('data', read).off('end', ended).off('close', ended).off('error', ignore);
    socket.pause();
    if (parsed === undefined) return done(error);
    if (received.length > parsed.bytes) socket.unshift(received.subarray(parsed.bytes));
    done(null, parsed.header);
  };
  const read = (chunk: Buffer): void => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    let parsed: ParsedProxyHeader | undefined;
    try {
      parsed = parseProxyHeader(received);
    } catch (error) {
      return finish(error as ProxyProtocolError);
    }
    if (parsed !== undefined) finish(null, parsed);
  };
  const ended = (): void =>
    finish(new ProxyProtocolError('ended', 'the connection ended before its PROXY protocol header'));
  // 'close' follows.
  const ignore = (): void => undefined;
  const timer = after(clock, timeoutMs, () =>
    finish(new ProxyProtocolError('timeout', `no PROXY protocol header within ${timeoutMs} ms`)),
  );
  socket.on('data', read).on('end', ended).on('close', ended).on('error', ignore);
}
