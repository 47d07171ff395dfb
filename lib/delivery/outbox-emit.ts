import type { StoredEmit } from '../store/transaction-store.js';
import { decodeBody, encodeBody, type LoggedContent } from './logged-body.js';

/** Who gets an emit: a room, all connections of a user, or the client of a session. */
export type OutboxTarget =
  { readonly room: string } | { readonly user: string } | { readonly session: string };

/** How an emit of the outbox is sent. */
export interface OutboxEmitOptions {
  /** Travels beside the data. `meta.key` is what receivers know a repeat by. @default { key: the emit's id } */
  readonly meta?: Readonly<Record<string, unknown>>;
  /** For rooms that keep the latest of each key, and the slow-consumer policy `latest-only`. */
  readonly key?: string;
}

/** An emit, as it is sent. */
export interface OutboxEmit extends LoggedContent {
  readonly target: OutboxTarget;
  readonly key: string | undefined;
}

interface Head {
  readonly target: OutboxTarget;
  readonly key?: string | undefined;
  /** What follows is base64: there are bytes in the data. */
  readonly binary?: boolean;
}

/** What is stored of an emit: a line of JSON, and the envelope. @throws {TypeError} for data that cannot be kept */
export function encodeEmit({ target, key, ...content }: OutboxEmit): string {
  const body = encodeBody(content);
  const binary = typeof body !== 'string';
  const head: Head = { target, ...(key !== undefined && { key }), ...(binary && { binary }) };
  return `${JSON.stringify(head)}\n${binary ? Buffer.from(body).toString('base64') : body}`;
}

/** @throws for what {@link encodeEmit} has not written */
export function decodeEmit({ id, body }: StoredEmit): OutboxEmit {
  const end = body.indexOf('\n');
  if (end < 0) throw new TypeError(`emit ${id} is not one of the outbox`);
  const { target, key, binary } = JSON.parse(body.slice(0, end)) as Head;
  const text = body.slice(end + 1);
  const content = decodeBody(binary === true ? Buffer.from(text, 'base64') : text);
  return { ...content, target, key, meta: { key: id, ...content.meta } };
}
