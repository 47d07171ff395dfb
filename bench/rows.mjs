// The table: which work, between which servers, and what is to be reached.

/** Servers by name. `dialect` says how to talk to one; `variant` is given to its process. */
export const servers = {
  ws: { file: 'ws.mjs', variant: '' },
  'platform-ws': { file: 'nest.mjs', variant: 'platform-ws' },
  'socket.io': { file: 'socket-io.mjs', variant: '', dialect: 'socketIo' },
  gatewire: { file: 'nest.mjs', variant: 'gatewire' },
};

/** Gatewire without what a row adds: what some rows are compared with. */
export const plain = { file: 'nest.mjs', variant: 'gatewire' };

const everybody = ['ws', 'platform-ws', 'socket.io', 'gatewire'];
const nestOnly = ['ws', 'platform-ws', 'gatewire'];
const closedLoop = (settings = {}) => ({ scenario: 'closed-loop', settings, metric: 'perSecond' });
const fanOut = (settings) => ({ scenario: 'fan-out', settings, metric: 'perSecond' });

/** Socket.IO's connection state recovery is the peer. */
const resume = (settings) => ({
  scenario: 'resume',
  settings,
  among: ['socket.io', 'gatewire'],
  contenders: { 'socket.io': { ...servers['socket.io'], variant: 'recovery' }, gatewire: plain },
  reference: 'socket.io',
});

/** `variant` is what the Nest servers add to their gateway; `reference` is what ratios are taken to. */
export const rows = [
  {
    id: 'reply',
    title: 'request/reply, 50 connections × 32 in flight',
    ...closedLoop(),
    among: everybody,
    atLeast: 1.65,
  },
  {
    id: 'enhanced',
    title: '… with a guard and an interceptor',
    ...closedLoop(),
    among: nestOnly,
    variant: 'enhanced',
    atLeast: 1.4,
  },
  {
    id: 'async',
    title: '… handler `async` with one `await`',
    ...closedLoop(),
    among: nestOnly,
    variant: 'async',
    atLeast: 1.4,
  },
  {
    id: 'validated',
    title: '… with a guard, an interceptor and `ValidationPipe` with a five-field nested DTO',
    ...closedLoop(),
    among: nestOnly,
    variant: 'validated',
    atLeast: 1.4,
  },
  {
    id: 'signed',
    title: '… signed both ways with HS256',
    scenario: 'signed-loop',
    settings: {},
    metric: 'perSecond',
    among: ['ws', 'gatewire'],
    variant: 'signed',
    atLeast: 0.45,
  },
  {
    id: 'stages',
    title:
      '… through ten stages that each read the event and write a key of `meta` (ratio to gatewire without)',
    ...closedLoop(),
    among: ['gatewire'],
    variant: 'stages',
    reference: 'plain',
    atLeast: 0.9,
  },
  {
    id: 'reply-500x1',
    title: 'request/reply, 500 connections × 1 in flight',
    ...closedLoop({ connections: 500, window: 1, burst: 1 }),
    among: everybody,
    atLeast: 0.95,
  },
  {
    id: 'reply-500x32',
    title: 'request/reply, 500 connections × 32 in flight',
    ...closedLoop({ connections: 500 }),
    among: nestOnly,
    atLeast: 2.0,
  },
  {
    id: 'broadcast-1',
    title: 'broadcast to 1,000, one publish in flight',
    ...fanOut({ window: 1 }),
    among: everybody,
    atLeast: 1.3,
  },
  {
    id: 'broadcast-4',
    title: 'broadcast to 1,000, four publishes in flight',
    ...fanOut({ window: 4 }),
    among: everybody,
    atLeast: 4.0,
  },
  {
    id: 'broadcast-10',
    title: 'broadcast to 1,000, ten messages a tick',
    ...fanOut({ window: 1, batch: 10 }),
    among: everybody,
    atLeast: 13,
  },
  {
    id: 'deflated',
    title: 'broadcast to 1,000, four publishes in flight, deflated (ratio to gatewire without)',
    ...fanOut({ window: 4, isDeflating: true }),
    among: ['gatewire'],
    variant: 'deflated',
    reference: 'plain',
    atLeast: 0.9,
  },
  {
    id: 'connects',
    title: 'connections opened and closed per second',
    scenario: 'connect-rate',
    settings: {},
    metric: 'perSecond',
    among: everybody,
    atLeast: 0.8,
  },
  {
    id: 'rss',
    title: 'memory per idle connection (RSS), 30 handlers',
    scenario: 'memory',
    settings: {},
    metric: 'rssBytes',
    among: nestOnly,
    variant: 'thirty',
    atMost: 1.3,
  },
  {
    id: 'heap',
    title: 'heap per idle connection, ten gateways on one path',
    scenario: 'memory',
    settings: {},
    metric: 'heapBytes',
    among: nestOnly,
    variant: 'ten',
    atMost: 1.8,
  },
  {
    id: 'slow',
    title: 'a 5 ms handler, one connection × 32 in flight (ratio to platform-ws)',
    ...closedLoop({ connections: 1, burst: 1 }),
    among: ['platform-ws', 'gatewire'],
    variant: 'slow',
    reference: 'platform-ws',
    atLeast: 0.95,
  },
  {
    id: 'client',
    title: 'a client library, one connection × 32 in flight (ratio to a bare `ws` client)',
    scenario: 'client-loop',
    settings: {},
    metric: 'perSecond',
    among: ['ws', 'socket.io', 'gatewire'],
    contenders: {
      ws: { ...plain, client: 'ws' },
      'socket.io': { ...servers['socket.io'], client: 'socketIo' },
      gatewire: { ...plain, client: 'gatewire' },
    },
    atLeast: 0.8,
  },
  {
    id: 'session',
    title: 'request/reply in a session, 50 connections × 32 in flight (ratio to gatewire without)',
    scenario: 'session-loop',
    settings: {},
    metric: 'perSecond',
    among: ['gatewire'],
    contenders: { plain, gatewire: { ...plain, client: 'session' } },
    reference: 'plain',
    atLeast: 0.7,
  },
  {
    id: 'resume',
    title:
      '10,000 sessions that resume at once after a network cut, five messages missed (ratio to Socket.IO)',
    ...resume({}),
    metric: 'perSecond',
    atLeast: 1,
  },
  {
    id: 'away',
    title: '… memory per session meanwhile (RSS; ratio to Socket.IO)',
    ...resume({ isMemory: true }),
    metric: 'rssBytes',
    atMost: 1,
  },
];
