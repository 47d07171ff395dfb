import type { ProxyHeader } from '../../lib/transport/proxy-protocol/proxy-header.js';

export const v2Signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');

/** A header of version 2 from its parts, right or wrong. */
export function v2Header(
  versionAndCommand: number,
  familyAndProtocol: number,
  block: Buffer,
  length = block.length,
): Buffer {
  const head = Buffer.from([versionAndCommand, familyAndProtocol, length >> 8, length & 0xff]);
  return Buffer.concat([v2Signature, head, block]);
}

export function tcp4Block(
  source: readonly number[],
  destination: readonly number[],
  ports: readonly [number, number],
): Buffer {
  const block = Buffer.from([...source, ...destination, 0, 0, 0, 0]);
  block.writeUInt16BE(ports[0], source.length * 2);
  block.writeUInt16BE(ports[1], source.length * 2 + 2);
  return block;
}

export function unixBlock(source: string, destination: string): Buffer {
  const block = Buffer.alloc(216);
  block.write(source, 0, 108);
  block.write(destination, 108, 108);
  return block;
}

export function tlv(type: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type, value.length >> 8, value.length & 0xff]), value]);
}

export const unknown = (version: 1 | 2): ProxyHeader => ({ version, family: 'unknown' });
