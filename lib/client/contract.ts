/**
 * What the two ends say to each other, as types: nothing of it exists at run time.
 *
 * @example
 * interface Chat {
 *   send: {
 *     say(message: { text: string }): { id: number };      // a request: data in, reply out
 *     typing(): void;                                       // nothing in, nothing out
 *     count(to: number): AsyncIterable<number>;             // a stream
 *   };
 *   receive: { said: { from: string; text: string } };      // events of the server, with their data
 * }
 * const client = createClient<Chat>({ url });
 */
export interface Contract {
  /** Events that the client sends: functions from their data to the reply. */
  readonly send: object;
  /** Events that the server sends, with the type of their data; a function where it asks for a reply. */
  readonly receive: object;
}

type AnyFunction = (...args: never[]) => unknown;

/** Any event, any data: where no contract is given. */
export interface AnyContract {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the data of an untyped event is whatever the caller takes it for
  readonly send: Record<string, (data?: any) => any>;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
  readonly receive: Record<string, any>;
}

/** Names of the events that the client sends. */
export type Sent<C extends Contract> = keyof C['send'] & string;

/** Names of the events that the server sends. */
export type Received<C extends Contract> = keyof C['receive'] & string;

/** The arguments after the event's name: its data, which may be left out where it may be `undefined`. */
export type SentData<C extends Contract, Name extends Sent<C>> = C['send'][Name] extends (
  ...args: infer Args
) => unknown
  ? Args extends readonly []
    ? [data?: undefined]
    : Args extends readonly [(infer Data)?]
      ? undefined extends Data
        ? [data?: Data]
        : [data: Data]
      : never
  : never;

/** What the server answers. */
export type Reply<C extends Contract, Name extends Sent<C>> = C['send'][Name] extends AnyFunction
  ? Awaited<ReturnType<C['send'][Name]>>
  : never;

/** Items of a streamed answer. */
export type Item<C extends Contract, Name extends Sent<C>> =
  Reply<C, Name> extends AsyncIterable<infer One> ? One : Reply<C, Name>;

/** The data of an event of the server. */
export type ReceivedData<C extends Contract, Name extends Received<C>> = C['receive'][Name] extends (
  data: infer Data,
) => unknown
  ? Data
  : C['receive'][Name];
