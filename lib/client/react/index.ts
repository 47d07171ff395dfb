/** `gatewire/client/react`: hooks around a client. */
import {
  createContext,
  createElement,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import type { Client, ClientStatus, RoomMessage } from '../client-api.js';
import type { AnyContract, Contract, Received, ReceivedData } from '../contract.js';

/** Where a component stands with a room. */
export interface RoomState {
  readonly isIn: boolean;
  /** Why the server has not let it in. */
  readonly error: unknown;
}

/** Hooks of one contract. */
export interface ClientHooks<C extends Contract> {
  /** Gives the client to all components below. It is not closed: who has made it does that. */
  ClientProvider(props: { readonly client: Client<C>; readonly children?: ReactNode }): ReactNode;
  /** The client. @throws outside of a `ClientProvider` */
  useClient(): Client<C>;
  /** Hears an event while the component is there; always the listener of the last render. What it returns answers a server that asks. */
  useEvent<Name extends Received<C>>(event: Name, listener: (data: ReceivedData<C, Name>) => unknown): void;
  /** Is in a room while the component is there; null: in none. */
  useRoom(room: string | null, listener?: (message: RoomMessage) => void): RoomState;
  /** Renders with every change of the connection. */
  useStatus(): ClientStatus;
}

const outside: RoomState = { isIn: false, error: undefined };

/**
 * Makes the hooks, typed by a contract. Call it once, outside of components.
 *
 * @example
 * export const { ClientProvider, useClient, useEvent, useRoom, useStatus } = clientHooks<Chat>();
 */
export function clientHooks<C extends Contract = AnyContract>(): ClientHooks<C> {
  const context = createContext<Client<C> | null>(null);

  function useClient(): Client<C> {
    const client = useContext(context);
    if (client === null) throw new Error('there is no ClientProvider around this component');
    return client;
  }

  return {
    useClient,
    ClientProvider: ({ client, children }) => createElement(context.Provider, { value: client }, children),

    useEvent(event, listener) {
      const client = useClient();
      const last = useLast(listener);
      useEffect(() => client.on(event, (data) => last.current(data)), [client, event, last]);
    },

    useRoom(room, listener) {
      const client = useClient();
      const last = useLast(listener);
      const [state, setState] = useState(outside);
      useEffect(() => {
        if (room === null) return;
        let isHere = true;
        const change = (isIn: boolean, error?: unknown): void => {
          if (isHere) setState({ isIn, error });
        };
        const subscription = client.subscribe(room, (message) => last.current?.(message));
        subscription.ready.then(
          () => change(true),
          (error: unknown) => change(false, error),
        );
        return () => {
          isHere = false;
          subscription.unsubscribe();
          setState(outside);
        };
      }, [client, room, last]);
      return state;
    },

    useStatus() {
      const client = useClient();
      const { subscribe, get } = useMemo(() => statusStore(client), [client]);
      return useSyncExternalStore(subscribe, get, get);
    },
  };
}

/** What was given last, for who hears of it later. */
function useLast<Value>(value: Value): { readonly current: Value } {
  const last = useRef(value);
  useEffect(() => {
    last.current = value;
  });
  return last;
}

/** The status as one object until it changes, as React wants it. */
function statusStore<C extends Contract>(client: Client<C>) {
  let status = client.status;
  return {
    get: () => status,
    subscribe: (changed: () => void) => {
      status = client.status;
      return client.when('state', (next) => {
        status = next;
        changed();
      });
    },
  };
}
