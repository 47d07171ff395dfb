// How the same request looks to each kind of server.
import { maskedFrame } from './masked-frame.mjs';

/** What an echo carries. */
export const item = { name: 'widget-42', qty: 3, price: 9.99, active: true, pos: { x: 1.5, y: 2.5 } };
/** What a broadcast carries. */
export const tick = {
  kind: 'tick',
  symbol: 'ABCD-EFG',
  price: 1234.56,
  size: 1000,
  side: 'buy',
  ts: 1_700_000_000_000,
  book: { bid: 1234.5, ask: 1234.6, depth: [1, 2, 3, 4, 5] },
  note: 'the quick brown fox jumps',
};

/** `id` is five digits wide in every request, so that all frames of a kind have one length. */
export const dialects = {
  json: {
    path: '/',
    echo: (id) => maskedFrame(dialects.json.echoText(id)),
    echoText: (id) => JSON.stringify({ event: 'echo', data: item, id }),
    join: () => maskedFrame(JSON.stringify({ event: 'join', data: { room: 'r' } })),
    publish: (count) =>
      maskedFrame(JSON.stringify({ event: 'publish', data: { room: 'r', count, msg: tick } })),
  },
  socketIo: {
    path: '/socket.io/?EIO=4&transport=websocket',
    isSocketIo: true,
    echo: (id) => maskedFrame(`42${id}${JSON.stringify(['echo', item])}`),
    join: () => maskedFrame('42["join",{"room":"r"}]'),
    publish: (count) => maskedFrame(`42${JSON.stringify(['publish', { room: 'r', count, msg: tick }])}`),
  },
};
