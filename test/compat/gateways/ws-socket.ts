import { SubscribeMessage, WebSocketGateway, WebSocketServer } from '@nestjs/websockets';
import type { Server, WebSocket } from 'ws';
import { CallLog } from '../oracle/call-log.js';
import type { Scenario } from '../oracle/scenario.js';

/** Code written for a `ws` socket, as found in applications. */
@WebSocketGateway()
class WsSocketGateway {
  @WebSocketServer() server!: Server;

  constructor(private readonly log: CallLog) {}

  afterInit(server: Server): void {
    server.on('connection', (client, request) => this.log.note('server connection', client, request));
  }

  handleConnection(client: WebSocket): void {
    client.on('message', (data: Buffer, isBinary: boolean) =>
      this.log.note('on message', data.toString(), isBinary),
    );
    client.on('close', (code: number, reason: Buffer) => this.log.note('on close', code, reason.toString()));
    client.on('pong', (data: Buffer) => this.log.note('on pong', data.toString()));
    client.once('message', () => this.log.note('once message'));
  }

  @SubscribeMessage('send')
  async send(client: WebSocket): Promise<string> {
    client.send('text');
    client.send(Buffer.from('bytes'));
    client.send(Uint8Array.of(1, 2));
    client.send('text as binary', { binary: true });
    client.send(Buffer.from('bytes as text'), { binary: false });
    const failure = await new Promise((resolve) => client.send('with a callback', resolve));
    return `callback: ${String(failure)}`;
  }

  @SubscribeMessage('look')
  look(client: WebSocket): unknown {
    return {
      readyState: client.readyState,
      isOpen: client.readyState === client.OPEN,
      states: [client.CONNECTING, client.OPEN, client.CLOSING, client.CLOSED],
      bufferedAmount: client.bufferedAmount,
      protocol: client.protocol,
      extensions: client.extensions,
      isPaused: client.isPaused,
    };
  }

  @SubscribeMessage('ping')
  ping(client: WebSocket): void {
    client.ping();
    client.ping('with data');
    client.pong('unasked');
  }

  @SubscribeMessage('listeners')
  listeners(client: WebSocket): void {
    const removed = (): void => this.log.note('removed listener');
    const alsoRemoved = (): void => this.log.note('removed by off');
    client.on('message', removed).removeListener('message', removed);
    client.on('message', alsoRemoved).off('message', alsoRemoved);
    client.addEventListener('message', ({ data, type }) => this.log.note('event', type, data));
    client.addEventListener('close', ({ code, reason, wasClean }) =>
      this.log.note('close event', code, reason, wasClean),
    );
  }

  @SubscribeMessage('properties')
  properties(client: WebSocket & { isAlive?: boolean }): void {
    client.isAlive = true;
    client.onmessage = () => this.log.note('replaced');
    client.onmessage = ({ data }) => this.log.note('onmessage', data, client.isAlive);
    client.onclose = ({ code }) => this.log.note('onclose', code);
    client.onerror = () => this.log.note('onerror');
    client.onerror = null;
    this.log.note('properties', typeof client.onmessage, client.onerror);
  }

  @SubscribeMessage('everyone')
  everyone(_client: WebSocket, data: unknown): void {
    for (const client of this.server.clients)
      client.send(`for each of ${this.server.clients.size}: ${String(data)}`);
    this.server.clients.forEach((client) => {
      if (client.readyState === 1) client.send(JSON.stringify({ event: 'news', data }));
    });
  }

  @SubscribeMessage('close')
  close(client: WebSocket): string {
    client.send('the last word');
    client.close(4000, 'asked for it');
    client.send('after close');
    return 'not sent: the socket is closing';
  }

  @SubscribeMessage('close plainly')
  closePlainly(client: WebSocket): void {
    client.close();
    this.log.note('readyState after close', client.readyState);
  }

  @SubscribeMessage('terminate')
  terminate(client: WebSocket): void {
    client.terminate();
  }
}

export const wsSocket: Scenario[] = [
  {
    name: 'lets a handler use the client as a ws socket',
    module: { providers: [WsSocketGateway] },
    play: async (stage) => {
      const client = await stage.connect('/', { protocols: ['chat'] });
      client.send({ event: 'send' });
      await client.receives(7);
      client.send({ event: 'look' });
      await client.receives(8);
      client.send({ event: 'ping' });
      await client.sees('pong unasked');
      await stage.log.noted('on pong', 2);
      client.send({ event: 'listeners' });
      await client.settle();
      client.send({ event: 'look' });
      await client.receives(9);
      await stage.log.noted('event');
      await client.close(4321, 'bye');
      await stage.log.noted('close event');
    },
  },
  {
    name: 'lets a handler set the properties of a ws socket',
    module: { providers: [WsSocketGateway] },
    play: async (stage) => {
      const client = await stage.connect();
      await client.exchange({ event: 'properties' }, { event: 'ping' }, { event: 'look' });
      await client.close(4000);
      await stage.log.noted('onclose');
    },
  },
  {
    name: 'broadcasts over server.clients',
    module: { providers: [WsSocketGateway] },
    play: async (stage) => {
      const clients = [await stage.connect(), await stage.connect(), await stage.connect()];
      clients[0]?.send({ event: 'everyone', data: 1 });
      for (const client of clients) await client.receives(2);
      await clients[2]?.close();
      await stage.log.noted('on close');
      clients[1]?.send({ event: 'everyone', data: 2 });
      for (const client of clients.slice(0, 2)) await client.receives(4);
    },
  },
  ...['close', 'close plainly', 'terminate'].map((event) => ({
    name: `ends a connection by ${event} of the client`,
    module: { providers: [WsSocketGateway] },
    play: async (stage: Parameters<Scenario['play']>[0]) => {
      const client = await stage.connect();
      client.send({ event });
      await client.closed();
      await stage.log.noted('on close');
    },
  })),
];
