import type { ClientSocket } from '../../../lib/client/socket.js';
import type { Envelope } from '../../../lib/protocol/envelope.js';
import type { AroundConnect } from '../page.js';

type Data = string | Uint8Array;

/** What a client sends again has another id than before; what it receives is given the old one back, so that it does not notice. */
export function newIds(): AroundConnect {
  return (connect) => {
    const seen = new Set<unknown>();
    const before = new Map<unknown, string | number>();
    let count = 0;
    const map = (data: Data, change: (envelope: Envelope) => Envelope): Data => {
      if (typeof data !== 'string') return data;
      const parsed = JSON.parse(data) as Envelope | Envelope[];
      return JSON.stringify(Array.isArray(parsed) ? parsed.map(change) : change(parsed));
    };
    const outgoing = (envelope: Envelope): Envelope => {
      const { id, event } = envelope;
      if (id === undefined || event === undefined || event.startsWith('$')) return envelope;
      if (!seen.has(id)) {
        seen.add(id);
        return envelope;
      }
      const again = `again-${++count}`;
      before.set(again, id);
      return { ...envelope, id: again };
    };
    const incoming = (envelope: Envelope): Envelope => {
      const id = before.get(envelope.id);
      return id === undefined ? envelope : { ...envelope, id };
    };
    return (request, listener): ClientSocket => {
      const socket = connect(request, {
        opened: () => listener.opened(),
        alive: () => listener.alive(),
        closed: (code, reason) => listener.closed(code, reason),
        received: (data) => listener.received(map(data, incoming)),
      });
      return {
        get protocol() {
          return socket.protocol;
        },
        get extensions() {
          return socket.extensions;
        },
        get bufferedAmount() {
          return socket.bufferedAmount;
        },
        send: (data) => socket.send(map(data, outgoing)),
        close: (code, reason) => socket.close(code, reason),
        terminate: () => socket.terminate(),
      };
    };
  };
}
