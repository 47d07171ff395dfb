import { isIPv6 } from 'node:net';

/**
 * Whose address it is, for counting: an IPv6 address stands for its /64, as one customer has 2^64 of them; an IPv4
 * address, also written as IPv6, for itself.
 */
export function addressBlock(address: string): string {
  if (!address.includes(':') || !isIPv6(address)) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped) return mapped[1] as string;
  const [bare] = address.split('%', 1) as [string];
  const [front, back] = bare.split('::', 2) as [string, string | undefined];
  const groups = front === '' ? [] : front.split(':');
  if (back !== undefined) {
    const tail = back === '' ? [] : back.split(':');
    // An IPv4 tail stands for two groups.
    const width = tail.length + (tail.at(-1)?.includes('.') ? 1 : 0);
    while (groups.length + width < 8) groups.push('0');
    groups.push(...tail);
  }
  return `${groups
    .slice(0, 4)
    .map((group) => parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
