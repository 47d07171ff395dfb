// Clients that resume a session, as little more than the bytes on the wire: gatewire's sessions, and Socket.IO's
// connection state recovery. Each counts what it is sent in the room.
import { WebSocket } from 'ws';

/** What both have in common: connecting again with what is known, and waiting for messages. */
class SessionClient {
  received = 0;
  /** Whether the server says that nothing is missing. */
  isRecovered = false;
  #until = null;

  /** Resolves when the server has let it in. */
  connect(port, host) {
    return new Promise((resolve, reject) => {
      this.socket = new WebSocket(this.url(port, host), this.protocols, { perMessageDeflate: false });
      this.socket.on('error', reject);
      this.socket.on('open', () => this.opened?.());
      this.socket.on('message', (data) => this.heard(data.toString(), resolve));
    });
  }

  counted() {
    this.received++;
    if (this.#until !== null && this.received >= this.#until.count) this.#until.resolve();
  }

  /** Resolves when so many messages of the room have come. */
  until(count) {
    if (this.received >= count) return Promise.resolve();
    return new Promise((resolve) => (this.#until = { count, resolve }));
  }

  /** Resolves with the answer to a request. */
  echo() {
    return new Promise((resolve) => {
      this.socket.once('message', resolve);
      this.ask();
    });
  }

  /** As a network that goes away. */
  cut() {
    this.socket.removeAllListeners();
    this.socket.on('error', () => undefined);
    this.socket.terminate();
  }
}

class GatewireClient extends SessionClient {
  protocols = ['gatewire.v1.json', 'gatewire.session'];
  #ticket = null;
  #seq = 0;

  url(port, host) {
    return `ws://${host}:${port}/`;
  }

  opened() {
    this.socket.send(
      JSON.stringify({
        event: '$hello',
        id: 0,
        data: this.#ticket === null ? {} : { ...this.#ticket, seq: this.#seq },
      }),
    );
  }

  heard(text, welcomed) {
    const { id, event, data } = JSON.parse(text);
    if (id === 0 && event === '$welcome') {
      this.isRecovered = data.recovered;
      this.#ticket = { session: data.session, token: data.token ?? this.#ticket.token };
      if (!data.resumed) this.#seq = 0;
      return welcomed();
    }
    this.#seq++;
    if (event === 'msg') this.counted();
  }

  ask() {
    this.socket.send(JSON.stringify({ event: 'echo', data: { name: 'x' }, id: 1 }));
  }

  join() {
    this.socket.send(JSON.stringify({ event: 'join', data: { room: 'r' } }));
  }

  publish(count, msg) {
    this.socket.send(JSON.stringify({ event: 'publish', data: { room: 'r', count, msg } }));
  }
}

class SocketIoClient extends SessionClient {
  protocols = [];
  #recovery = {};

  url(port, host) {
    return `ws://${host}:${port}/socket.io/?EIO=4&transport=websocket`;
  }

  heard(text, welcomed) {
    if (text === '2') this.socket.send('3');
    else if (text.startsWith('0')) this.socket.send(`40${JSON.stringify(this.#recovery)}`);
    else if (text.startsWith('40')) {
      const { pid } = JSON.parse(text.slice(2));
      this.isRecovered = pid === this.#recovery.pid;
      this.#recovery = { ...this.#recovery, pid };
      welcomed();
    } else if (text.startsWith('42')) {
      const [event, , offset] = JSON.parse(text.slice(2));
      this.#recovery = { ...this.#recovery, offset };
      if (event === 'msg') this.counted();
    }
  }

  ask() {
    this.socket.send('421["echo",{"name":"x"}]');
  }

  join() {
    this.socket.send('42["join",{"room":"r"}]');
  }

  publish(count, msg) {
    this.socket.send(`42${JSON.stringify(['publish', { room: 'r', count, msg }])}`);
  }
}

/** A connection without a session. */
class PlainClient extends GatewireClient {
  protocols = ['gatewire.v1.json'];

  connect(port, host) {
    this.socket = new WebSocket(this.url(port, host), this.protocols, { perMessageDeflate: false });
    return new Promise((resolve, reject) => this.socket.on('open', resolve).on('error', reject));
  }
}

export const sessionClients = { json: GatewireClient, plain: PlainClient, socketIo: SocketIoClient };

/** Calls `work` for each client, some at a time. */
export async function forEachClient(clients, work, atOnce = 200) {
  let next = 0;
  const worker = async () => {
    while (next < clients.length) await work(clients[next], next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
