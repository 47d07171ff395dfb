import type { SessionChange, SessionRecord } from '../session-store.js';
import type { RedisArgument } from './redis-client.js';
import { nameOf } from './session-keys.js';

/** What a batch is made of: a change, a claim, or a session that is kept for longer (`touch`) or not at all (`discard`). */
export interface SessionAsk {
  readonly kind: 'w' | 'c' | 't' | 'd';
  readonly id: string;
  /** See {@link nameOf}; so is `owner`. */
  readonly name: string;
  readonly owner: string;
  readonly isEnd: boolean;
  readonly rest: readonly RedisArgument[];
  /** In bytes, of what it carries. */
  readonly size: number;
}

/** Nothing of it can be changed any more by who has asked. @throws {TypeError} what cannot be written as JSON */
export function askToWrite(id: string, owner: string, change: SessionChange): SessionAsk {
  const { begin, rooms, sent = [], last = 0, forget = 0, settled = [], end } = change;
  const most = sent.reduce((most, { first, count }) => Math.max(most, first + count - 1), last);
  const rest: RedisArgument[] = [
    begin === undefined ? '' : JSON.stringify(plain(id, begin)),
    JSON.stringify(begin?.tokenHash ?? ''),
    String(begin?.remembers ?? 0),
    rooms === undefined ? '' : JSON.stringify(rooms),
    String(most),
    String(forget),
    end === true ? '1' : '',
    String(sent.length),
  ];
  for (const { first, count, frames } of sent) {
    const head = Buffer.from(`${first}:${count}:`);
    rest.push(String(first + count - 1), Buffer.concat([head, frames]));
  }
  rest.push(String(settled.length));
  for (const { id: message, outcome } of settled)
    rest.push(`=${JSON.stringify(message)}`, JSON.stringify(outcome));
  return ask('w', id, nameOf(owner), rest, end === true);
}

export function askToClaim(id: string, tokenHash: string, owner: string): SessionAsk {
  return ask('c', id, nameOf(owner), [JSON.stringify(tokenHash)]);
}

/** `owner`: as an ask has it. */
export function askToTouch(id: string, owner: string): SessionAsk {
  return ask('t', id, owner, []);
}

/** `owner`: as an ask has it. */
export function askToDiscard(id: string, owner: string): SessionAsk {
  return ask('d', id, owner, []);
}

function ask(
  kind: SessionAsk['kind'],
  id: string,
  owner: string,
  rest: readonly RedisArgument[],
  isEnd = false,
): SessionAsk {
  const name = nameOf(id);
  const size = rest.reduce((sum, one) => sum + one.length, name.length + owner.length);
  return { kind, id, name, owner, isEnd, rest, size };
}

/** Without whatever else the object has. */
function plain(
  id: string,
  { tokenHash, endpoint, principalId, encoding, url, remembers }: SessionRecord,
): SessionRecord {
  return { id, tokenHash, endpoint, principalId, encoding, url, remembers };
}
