/** `gatewire/client/vue`: composables around a client. */
import {
  type App,
  inject,
  type InjectionKey,
  type MaybeRefOrGetter,
  onScopeDispose,
  provide,
  shallowReadonly,
  type ShallowRef,
  shallowRef,
  toValue,
  watchEffect,
} from 'vue';
import type { Client, ClientStatus, RoomMessage } from '../client-api.js';
import type { AnyContract, Contract, Received, ReceivedData } from '../contract.js';

/** Where a component stands with a room. */
export interface RoomState {
  readonly isIn: boolean;
  /** Why the server has not let it in. */
  readonly error: unknown;
}

/** Composables of one contract. */
export interface ClientComposables<C extends Contract> {
  /** Gives the client to an app, or to all components below. It is not closed: who has made it does that. */
  provideClient(client: Client<C>, app?: App): void;
  /** The client. @throws where none was provided */
  useClient(): Client<C>;
  /** Hears an event while the component is there. What the listener returns answers a server that asks. */
  useEvent<Name extends Received<C>>(event: Name, listener: (data: ReceivedData<C, Name>) => unknown): void;
  /** Is in a room while the component is there; in another when the ref changes, in none while it is null. */
  useRoom(
    room: MaybeRefOrGetter<string | null>,
    listener?: (message: RoomMessage) => void,
  ): Readonly<ShallowRef<RoomState>>;
  /** Changes with the connection. */
  useStatus(): Readonly<ShallowRef<ClientStatus>>;
}

const outside: RoomState = { isIn: false, error: undefined };

/**
 * Makes the composables, typed by a contract. Call it once, outside of components.
 *
 * @example
 * export const { provideClient, useClient, useEvent, useRoom, useStatus } = clientComposables<Chat>();
 */
export function clientComposables<C extends Contract = AnyContract>(): ClientComposables<C> {
  const key: InjectionKey<Client<C>> = Symbol('gatewire client');

  function useClient(): Client<C> {
    const client = inject(key, null);
    if (client === null) throw new Error('no client was provided: call provideClient');
    return client;
  }

  return {
    useClient,
    provideClient(client, app) {
      if (app === undefined) provide(key, client);
      else app.provide(key, client);
    },

    useEvent(event, listener) {
      onScopeDispose(useClient().on(event, listener));
    },

    useRoom(room, listener) {
      const client = useClient();
      const state = shallowRef(outside);
      watchEffect((onCleanup) => {
        const name = toValue(room);
        state.value = outside;
        if (name === null) return;
        let isHere = true;
        const change = (isIn: boolean, error?: unknown): void => {
          if (isHere) state.value = { isIn, error };
        };
        const subscription = client.subscribe(name, listener);
        subscription.ready.then(
          () => change(true),
          (error: unknown) => change(false, error),
        );
        onCleanup(() => {
          isHere = false;
          subscription.unsubscribe();
        });
      });
      return shallowReadonly(state);
    },

    useStatus() {
      const client = useClient();
      const status = shallowRef(client.status);
      onScopeDispose(client.when('state', (next) => (status.value = next)));
      return shallowReadonly(status);
    },
  };
}
