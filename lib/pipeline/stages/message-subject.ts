import { isReservedEvent } from '../../protocol/event-name.js';
import type { InboundMessage } from '../inbound-message.js';
import type { OutboundMessage } from '../outbound-message.js';

/** Which way a message goes. */
export type MessageDirection = 'inbound' | 'outbound';

/** A message on either way. Both have `event`, `data` and `meta`. */
export type AnyMessage = InboundMessage | OutboundMessage;

/** Data as an application's function takes it: who writes the function says what it expects, and answers for it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- `unknown` would refuse each function that says what it expects
export type ApplicationData = any;

/** Carries a message of the application within: without a look inside, a stage for `chat.*` is none for what clients publish. */
const publishEvent = '$publish';

interface Publication {
  readonly event?: unknown;
  readonly data?: unknown;
}

/** What a client publishes; undefined for any other message. */
function publicationOf(message: AnyMessage, direction: MessageDirection): Publication | undefined {
  if (direction === 'outbound' || message.event !== publishEvent) return undefined;
  const { data } = message;
  return typeof data === 'object' && data !== null ? data : undefined;
}

/** Whether a message on its way out is the application's, and has data: no error, no end of a stream, no reply without a value. */
export function carriesData({ event, data, error, inReplyTo }: OutboundMessage): boolean {
  if (error !== undefined || (event !== undefined && isReservedEvent(event))) return false;
  return inReplyTo === undefined || event !== undefined || (data !== undefined && data !== null);
}

/** The event that a message is about: of a `$publish`, the one it publishes; of a reply without a name, the request's. */
export function subjectEvent(message: AnyMessage, direction: MessageDirection): string {
  const published = publicationOf(message, direction)?.event;
  if (typeof published === 'string') return published;
  return message.event ?? (message as OutboundMessage).inReplyTo?.event ?? '';
}

/** The data that a message is about. */
export function subjectData(message: AnyMessage, direction: MessageDirection): unknown {
  const publication = publicationOf(message, direction);
  return publication === undefined ? message.data : publication.data;
}

/** The message's data, with other data as its subject. */
export function withSubjectData(message: AnyMessage, direction: MessageDirection, data: unknown): unknown {
  const publication = publicationOf(message, direction);
  return publication === undefined ? data : { ...publication, data };
}

/** Gives a message another subject. */
export function setSubject(
  message: AnyMessage,
  direction: MessageDirection,
  event: string,
  data: unknown,
): void {
  const publication = publicationOf(message, direction);
  if (publication === undefined) {
    message.event = event;
    message.data = data;
  } else message.data = { ...publication, event, data };
}
