import type { SentMessage } from './history.js';
import type { World } from './world.js';

/** Errors with which a message may end, and of which kinds. */
const fates: Readonly<Record<string, readonly SentMessage['kind'][]>> = {
  ok: ['emit', 'request', 'volatile', 'stream', 'publish'],
  CANCELLED: ['request', 'stream'],
  ACK_TIMEOUT: ['request'],
  // It was too late for the server that drained: the application may ask again.
  UNAVAILABLE: ['request', 'stream'],
  DISCONNECTED: ['volatile'],
};

/** What has to hold once the network is whole and everything has had its time. */
export async function finalChecks(world: World): Promise<void> {
  const { history, page } = world;
  const { client } = page;
  if (client.state !== 'open') {
    history.violated(`the client is ${client.state} on a whole network`);
    return;
  }
  if (client.pending > 0) history.violated(`${client.pending} messages are pending on a whole network`);
  for (const message of history.sent.values()) judge(world, message);
  await probe(world);
}

function judge(world: World, message: SentMessage): void {
  const { n, kind, fate, isOrphan, isKept, isLeft, isTold, completed } = message;
  const { history } = world;
  const name = `${kind} ${n}`;
  if (isOrphan) {
    if (isKept && completed === 0 && !isTold)
      history.violated(`${name} was kept across a reload, and is lost`);
    return;
  }
  const isEmit = kind === 'emit' || kind === 'publish';
  if (fate === 'open') history.violated(`${name} never found its end`);
  else if (fates[fate]?.includes(kind) !== true && !world.mayFail(fate, kind))
    history.violated(`${name} has failed with ${fate}`);
  if (isEmit && fate !== 'open' && isTold !== (fate !== 'ok') && !(isTold && isLeft))
    history.violated(`${name} is ${fate}, and ${isTold ? 'was' : 'was not'} told as undelivered`);
}

/** Messages in both directions and through every room, now that all is well: they have to arrive, and to be the last. */
async function probe(world: World): Promise<void> {
  const { history, page, server } = world;
  const inbox = world.inboxes.at(-1);
  const before = history.open.length;
  page.request('put', true);
  page.emit('put');
  for (const room of page.rooms.keys()) server?.broadcast(room);
  server?.tick(false);
  await world.settle();
  if (history.open.length > before) history.violated('a message on a whole network got no answer');
  const session = inbox?.session;
  if (session === undefined) {
    history.violated('the page has no session');
    return;
  }
  if (inbox?.place !== session.ticks.length - 1)
    history.violated(`the page has ${String(inbox?.place)} of ${session.ticks.length} messages at the end`);
  // A session that outlives a reload is still in the rooms of the page before.
  const isInherited = world.inboxes.length > 1;
  const { rooms } = session.connection;
  const missing = [...page.rooms.keys()].filter((room) => !rooms.has(room));
  const extra = isInherited ? [] : [...rooms].filter((room) => !page.rooms.has(room));
  if (missing.length > 0)
    history.violated(`the client wants [${missing.join()}], and the server does not have it there`);
  if (extra.length > 0)
    history.violated(`the server has the client in [${extra.join()}], which it does not want`);
  inbox?.checkGap();
}
