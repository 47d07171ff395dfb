import { OptionError } from '../../../primitives/option-error.js';
import type { InboundMessage } from '../../inbound-message.js';
import { addressBlock } from './address-block.js';

/** What messages may have in common. */
export type RateLimitSubject = 'connection' | 'user' | 'address' | 'event';

/** Whose messages are counted together. */
export type RateLimitKey =
  RateLimitSubject | readonly RateLimitSubject[] | ((message: InboundMessage) => string | undefined);

/** The key of a message; undefined: it is not counted. */
export type KeyOf = (message: InboundMessage) => string | undefined;

const subjects: Readonly<Record<RateLimitSubject, (message: InboundMessage) => string>> = {
  connection: ({ connection }) => `c:${connection.id}`,
  // Somebody nobody knows yet must not be free of limits.
  user: ({ connection }) =>
    connection.principal === undefined
      ? `a:${addressBlock(connection.handshake.address)}`
      : `u:${connection.principal.id}`,
  address: ({ connection }) => `a:${addressBlock(connection.handshake.address)}`,
  event: ({ event }) => `e:${event}`,
};

/** @throws {OptionError} */
export function createKeyOf(by: RateLimitKey): KeyOf {
  if (typeof by === 'function') return by;
  const parts = (typeof by === 'string' ? [by] : by).map((name) => {
    if (!Object.hasOwn(subjects, name))
      throw new OptionError(
        'by',
        "'connection', 'user', 'address', 'event', a list of them or a function",
        name,
      );
    return subjects[name];
  });
  const [first, ...others] = parts;
  if (first === undefined) throw new OptionError('by', 'a list with something in it', '[]');
  if (others.length === 0) return first;
  // Lengths in front: an id with a separator in it must not look like another pair.
  return (message) =>
    parts.reduce((key, part) => {
      const value = part(message);
      return `${key}${value.length}:${value}`;
    }, '');
}
