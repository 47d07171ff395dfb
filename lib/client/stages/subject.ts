import { errorBodyOf } from '../error-body.js';
import type { Envelope } from '../../protocol/envelope.js';
import { isReservedEvent } from '../../protocol/event-name.js';
import type { ClientMessage } from '../middleware.js';

/** Which way a message goes, as seen from the client. */
export type ClientDirection = 'inbound' | 'outbound';

const publishEvent = '$publish';

interface Publication {
  readonly event?: unknown;
  readonly data?: unknown;
}

/** What is published by a message; undefined: it is no `$publish`. */
function publicationIn({ event, data }: Envelope): Publication | undefined {
  return event === publishEvent && typeof data === 'object' && data !== null ? data : undefined;
}

/** Whether a message is the application's, and not the protocol's own. */
export function isApplications({ event, error }: Envelope): boolean {
  return error === undefined && (event === undefined || event === publishEvent || !isReservedEvent(event));
}

/** The event that a message is about: of a `$publish`, the one it publishes. Empty for an outcome. */
export function subjectEvent(envelope: Envelope): string {
  const published = publicationIn(envelope)?.event;
  return typeof published === 'string' ? published : (envelope.event ?? '');
}

/** The data that a message is about. */
export function subjectData(envelope: Envelope): unknown {
  const publication = publicationIn(envelope);
  return publication === undefined ? envelope.data : publication.data;
}

/** Puts other data into a message, in place of what it is about. The envelope that was is not changed. */
export function replaceData(message: ClientMessage, data: unknown): void {
  const { envelope } = message;
  const publication = publicationIn(envelope);
  message.envelope = {
    ...envelope,
    data: publication === undefined ? data : { ...publication, data },
  };
}

/** Makes a message one that says to who waits for it why it did not come. False: nobody waits. */
export function refuse(message: ClientMessage, error: unknown): boolean {
  const { id, event } = message.envelope;
  if (id === undefined) return false;
  message.envelope = { id, ...(event !== undefined && { event }), error: errorBodyOf(error) };
  return true;
}
