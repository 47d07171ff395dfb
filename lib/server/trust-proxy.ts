import proxyaddr from 'proxy-addr';
import { wholeNumber } from '../primitives/option-checks.js';
import { OptionError } from '../primitives/option-error.js';

/**
 * Which proxies are believed about the peer, as Express' `trust proxy` has it:
 *
 * - `false`: none; the peer is who holds the socket.
 * - `true`: all. Only where nobody can reach the server but through a proxy that sets the headers itself.
 * - a number: that many hops before the server.
 * - addresses, ranges (`10.0.0.0/8`) and the names `loopback`, `linklocal` and `uniquelocal`: a list, or one text with commas.
 * - a function of an address and its distance: 0 is who holds the socket.
 */
export type TrustProxyOption =
  boolean | number | string | readonly string[] | ((address: string, hop: number) => boolean);

/** Whether the proxy with this address, so many hops away, is believed. */
export type TrustProxy = (address: string, hop: number) => boolean;

/** @throws {OptionError} for what is no address, range or name of one */
export function createTrustProxy(option: TrustProxyOption, name = 'trustProxy'): TrustProxy {
  if (typeof option === 'boolean') return () => option;
  if (typeof option === 'function') return option;
  if (typeof option === 'number') {
    const hops = wholeNumber(name, option, 0);
    return (_address, hop) => hop < hops;
  }
  const entries = typeof option === 'string' ? option.split(',').map((entry) => entry.trim()) : [...option];
  // An empty list is somebody's mistake more often than a way to say false.
  if (entries.length === 0) throw new OptionError(name, expected, option);
  try {
    return proxyaddr.compile(entries);
  } catch {
    throw new OptionError(name, expected, option);
  }
}

const expected = 'true, false, a number of hops, a function, or addresses like "10.0.0.0/8" or "loopback"';
