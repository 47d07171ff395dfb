import type { OutboundMessage } from '../../outbound-message.js';
import type { FilterDirection, FilteredMessage } from './filter-outcome.js';

/** Carries a message of the application within: without a look inside, a filter of `chat.*` is no filter of what clients publish. */
const publishEvent = '$publish';

interface Publication {
  readonly event?: unknown;
  readonly data?: unknown;
}

/** What a client publishes; undefined for any other message. */
function publicationOf(message: FilteredMessage, direction: FilterDirection): Publication | undefined {
  if (direction === 'outbound' || message.event !== publishEvent) return undefined;
  const { data } = message;
  return typeof data === 'object' && data !== null ? data : undefined;
}

/** The event that a message is about: of a `$publish`, the one it publishes; of a reply without a name, the request's. */
export function subjectEvent(message: FilteredMessage, direction: FilterDirection): string {
  const published = publicationOf(message, direction)?.event;
  if (typeof published === 'string') return published;
  return message.event ?? (message as OutboundMessage).inReplyTo?.event ?? '';
}

/** The data that a message is about. */
export function subjectData(message: FilteredMessage, direction: FilterDirection): unknown {
  const publication = publicationOf(message, direction);
  return publication === undefined ? message.data : publication.data;
}

/** The message's data, with other data as its subject. */
export function withSubjectData(
  message: FilteredMessage,
  direction: FilterDirection,
  data: unknown,
): unknown {
  const publication = publicationOf(message, direction);
  return publication === undefined ? data : { ...publication, data };
}
