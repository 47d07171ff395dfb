/** Where a client stands. */
export type ClientState =
  'idle' | 'connecting' | 'authenticating' | 'open' | 'draining' | 'waiting' | 'offline' | 'closed';

/** What can happen to it. */
export type ClientStep =
  /** The application, a timer, or the network wants a connection. */
  | 'connect'
  /** The socket is open: credentials and session come next. */
  | 'socket'
  /** The server has let the client in. */
  | 'welcome'
  /** The server will shut down. */
  | 'drain'
  /** The connection has ended, or none came about; another attempt is planned. */
  | 'retry'
  /** As `retry`, and the platform says that there is no network. */
  | 'offline'
  /** Nobody needs the connection for the moment. */
  | 'rest'
  /** For good: the application's wish, or the server's. */
  | 'close';

/**
 * The whole life of a client: state × step → state. A step that is not here does not exist in that state.
 *
 * One socket at a time: it is there in `connecting`, `authenticating`, `open` and `draining`, and in no other state.
 */
export const clientStates: Readonly<Record<ClientState, Readonly<Partial<Record<ClientStep, ClientState>>>>> =
  {
    idle: { connect: 'connecting', offline: 'offline', close: 'closed' },
    connecting: {
      socket: 'authenticating',
      rest: 'idle',
      retry: 'waiting',
      offline: 'offline',
      close: 'closed',
    },
    authenticating: { welcome: 'open', rest: 'idle', retry: 'waiting', offline: 'offline', close: 'closed' },
    open: { drain: 'draining', rest: 'idle', retry: 'waiting', offline: 'offline', close: 'closed' },
    draining: { rest: 'idle', retry: 'waiting', offline: 'offline', close: 'closed' },
    waiting: { connect: 'connecting', offline: 'offline', close: 'closed' },
    offline: { connect: 'connecting', close: 'closed' },
    closed: { connect: 'connecting', offline: 'offline' },
  };
