/** `gatewire/client/rxjs`: a client as observables, for Angular and whoever else uses RxJS. */
import { Observable } from 'rxjs';
import type { Client, ClientStatus, RequestOptions, RoomMessage, SendOptions } from '../client-api.js';
import type { Contract, Item, Received, ReceivedData, Reply, Sent, SentData } from '../contract.js';

/** An event, from the subscription on. Never ends by itself. */
export function fromEvent$<C extends Contract, Name extends Received<C>>(
  client: Client<C>,
  event: Name,
): Observable<ReceivedData<C, Name>> {
  return new Observable((subscriber) => client.on(event, (data) => subscriber.next(data)));
}

/** Where the client stands: now, and with every change. */
export function status$<C extends Contract>(client: Client<C>): Observable<ClientStatus> {
  return new Observable((subscriber) => {
    subscriber.next(client.status);
    return client.when('state', (status) => subscriber.next(status));
  });
}

/** Is in a room while it is subscribed to. Fails with the refusal of the server. */
export function room$<C extends Contract>(client: Client<C>, room: string): Observable<RoomMessage> {
  return new Observable((subscriber) => {
    const subscription = client.subscribe(room, (message) => subscriber.next(message));
    subscription.ready.catch((error: unknown) => subscriber.error(error));
    return () => subscription.unsubscribe();
  });
}

/** Asks with every subscription, gives the answer and ends; who unsubscribes before takes the request back. */
export function request$<C extends Contract, Name extends Sent<C>>(
  client: Client<C>,
  event: Name,
  ...args: [...SentData<C, Name>, options?: Omit<RequestOptions, 'signal'>]
): Observable<Reply<C, Name>> {
  return new Observable((subscriber) => {
    const [abort, withSignal] = abortable<C, Name>(args);
    client.request(event, ...withSignal).then(
      (reply) => {
        subscriber.next(reply);
        subscriber.complete();
      },
      (error: unknown) => subscriber.error(error),
    );
    return () => abort.abort();
  });
}

/** Reads a streamed answer with every subscription; who unsubscribes before its end cancels it at the server. */
export function stream$<C extends Contract, Name extends Sent<C>>(
  client: Client<C>,
  event: Name,
  ...args: [...SentData<C, Name>, options?: Omit<SendOptions, 'signal'>]
): Observable<Item<C, Name>> {
  return new Observable((subscriber) => {
    const [abort, withSignal] = abortable<C, Name>(args);
    const read = async (): Promise<void> => {
      for await (const item of client.stream(event, ...withSignal)) subscriber.next(item);
      subscriber.complete();
    };
    read().catch((error: unknown) => subscriber.error(error));
    return () => abort.abort();
  });
}

function abortable<C extends Contract, Name extends Sent<C>>(
  args: readonly unknown[],
): [AbortController, [...SentData<C, Name>, options: SendOptions]] {
  const abort = new AbortController();
  const [data, options] = args as [unknown, object | undefined];
  return [abort, [data, { ...options, signal: abort.signal }] as never];
}
