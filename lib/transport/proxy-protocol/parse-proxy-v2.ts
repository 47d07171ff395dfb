import { SocketAddress } from 'node:net';
import {
  type ParsedProxyHeader,
  type ProxyEndpoint,
  type ProxyHeader,
  ProxyProtocolError,
} from './proxy-header.js';

/** Signature, version and command, family and protocol, length (PROXY protocol, section 2.2). */
const fixedBytes = 16;

/** Longest header that is read; the specification allows 64 KiB of extensions, and nobody sends them. */
export const maxProxyV2Bytes = 4096;

const commands = { local: 0x0, proxy: 0x1 } as const;

/** Bytes of the addresses of a family: high four bits of the 14th byte. */
const addressBytes: Readonly<Record<number, number>> = { 0: 0, 1: 12, 2: 36, 3: 216 };

/** Low four bits of the 14th byte. */
const protocols = { unspecified: 0, stream: 1, datagram: 2 } as const;

const unixPathBytes = 108;

/** The binary header. Begins with its signature; undefined when it is not whole. Extensions (TLVs) are passed over. */
export function parseProxyV2(bytes: Buffer): ParsedProxyHeader | undefined {
  if (bytes.length < fixedBytes) return undefined;
  const versionAndCommand = bytes[12] as number;
  const command = versionAndCommand & 0x0f;
  if (versionAndCommand >> 4 !== 2) throw malformed('an unknown version');
  if (command !== commands.local && command !== commands.proxy) throw malformed('an unknown command');
  const familyAndProtocol = bytes[13] as number;
  const family = familyAndProtocol >> 4;
  const protocol = familyAndProtocol & 0x0f;
  const needed = addressBytes[family];
  const length = fixedBytes + bytes.readUInt16BE(14);
  if (length > maxProxyV2Bytes) {
    throw new ProxyProtocolError('too-long', `a PROXY protocol header of more than ${maxProxyV2Bytes} bytes`);
  }
  const isLocal = command === commands.local;
  if (!isLocal) {
    if (needed === undefined || protocol > protocols.datagram) throw malformed('an unknown family');
    if (length < fixedBytes + needed) throw malformed('too few bytes for its addresses');
  }
  if (bytes.length < length) return undefined;
  // A proxy that speaks for itself may say anything about addresses; a datagram is no connection of ours.
  const isUnknown = isLocal || protocol !== protocols.stream || family === 0;
  return {
    header: isUnknown ? { version: 2, family: 'unknown' } : addresses(family, bytes.subarray(fixedBytes)),
    bytes: length,
  };
}

function addresses(family: number, block: Buffer): ProxyHeader {
  if (family === 1) {
    const at = (offset: number, port: number): ProxyEndpoint => ({
      address: block.subarray(offset, offset + 4).join('.'),
      port: block.readUInt16BE(port),
    });
    return { version: 2, family: 'ipv4', source: at(0, 8), destination: at(4, 10) };
  }
  if (family === 2) {
    const at = (offset: number, port: number): ProxyEndpoint => ({
      address: ipv6(block.subarray(offset, offset + 16)),
      port: block.readUInt16BE(port),
    });
    return { version: 2, family: 'ipv6', source: at(0, 32), destination: at(16, 34) };
  }
  return {
    version: 2,
    family: 'unix',
    source: unixPath(block, 0),
    destination: unixPath(block, unixPathBytes),
  };
}

/** In its shortest form (RFC 5952), as `socket.remoteAddress` has it. */
function ipv6(bytes: Buffer): string {
  const address = (bytes.toString('hex').match(/.{4}/g) as string[]).join(':');
  return new SocketAddress({ address, family: 'ipv6' }).address;
}

function unixPath(block: Buffer, offset: number): ProxyEndpoint {
  const path = block.subarray(offset, offset + unixPathBytes);
  const end = path.indexOf(0);
  return { address: path.toString('utf8', 0, end === -1 ? unixPathBytes : end), port: 0 };
}

function malformed(what: string): ProxyProtocolError {
  return new ProxyProtocolError('malformed', `${what} in a PROXY protocol header of version 2`);
}
