/** What goes to Redis as it is: texts as UTF-8. */
export type RedisArgument = string | Buffer;

/** `Redis` or `Cluster` of [ioredis](https://www.npmjs.com/package/ioredis), as far as it is used. */
export interface IoredisClient {
  callBuffer(command: string, ...args: RedisArgument[]): Promise<unknown>;
}

/** A client, or a pool of them, of [redis](https://www.npmjs.com/package/redis) from version 4 on (node-redis). */
export interface NodeRedisClient {
  sendCommand(args: RedisArgument[], options?: NodeRedisCommandOptions): Promise<unknown>;
}

/** What `createSentinel` of node-redis gives. */
export interface NodeRedisSentinel {
  getMasterNode(): unknown;
  sendCommand(
    isReadonly: boolean,
    args: RedisArgument[],
    options?: NodeRedisCommandOptions,
  ): Promise<unknown>;
}

/** What `createCluster` of node-redis gives. */
export interface NodeRedisCluster {
  getSlotMaster(slot: number): unknown;
  sendCommand(
    firstKey: RedisArgument | undefined,
    isReadonly: boolean,
    args: RedisArgument[],
    options?: NodeRedisCommandOptions,
  ): Promise<unknown>;
}

/**
 * A connected client of the application's. It is used, never closed. Several stores may share one, but nothing that blocks
 * it (`BLPOP`, `XREAD BLOCK`) may run on it, and it is in no subscribed mode.
 */
export type RedisClient = IoredisClient | NodeRedisClient | NodeRedisSentinel | NodeRedisCluster;

/** Version 4 reads `returnBuffers` and `signal`, later ones `typeMapping` and `abortSignal`; each ignores the others. */
interface NodeRedisCommandOptions {
  readonly returnBuffers?: boolean;
  readonly signal?: AbortSignal;
  readonly typeMapping?: object;
  readonly abortSignal?: AbortSignal;
}

/** Sends one command. `key`: by which a cluster finds its node. What `signal` aborts is not sent any more, if the client can. */
export type SendCommand = (
  key: string | undefined,
  args: readonly [command: string, ...RedisArgument[]],
  signal: () => AbortSignal,
) => Promise<unknown>;

/** RESP's sign of a text, by which node-redis knows it. */
const blobString = '$'.charCodeAt(0);
const textsAsBuffers = { [blobString]: Buffer } as const;

/** How a client is told to send, whichever it is. Undefined: it is none that is known. */
export function sendBy(client: unknown): SendCommand | undefined {
  // In this order: ioredis has a sendCommand too, which wants an object of its own.
  if (has<IoredisClient>(client, 'callBuffer')) return (_key, args) => client.callBuffer(...args);
  if (!has<NodeRedisClient>(client, 'sendCommand')) return undefined;
  if (has<NodeRedisCluster>(client, 'getSlotMaster')) {
    return (key, args, signal) => client.sendCommand(key, false, [...args], optionsWith(signal()));
  }
  if (has<NodeRedisSentinel>(client, 'getMasterNode')) {
    return (_key, args, signal) => client.sendCommand(false, [...args], optionsWith(signal()));
  }
  return (_key, args, signal) => client.sendCommand([...args], optionsWith(signal()));
}

function has<Client>(client: unknown, method: keyof Client): client is Client {
  return typeof (client as Partial<Client> | null | undefined)?.[method] === 'function';
}

function optionsWith(signal: AbortSignal): NodeRedisCommandOptions {
  return { returnBuffers: true, typeMapping: textsAsBuffers, signal, abortSignal: signal };
}
