// The cheapest WebSocket client there is in JavaScript: a net socket, prebuilt frames out, frames counted in.
import net from 'node:net';
import { FrameCounter } from './frame-counter.mjs';
import { maskedFrame } from './masked-frame.mjs';

const readBuffer = Buffer.allocUnsafe(256 * 1024);
const pong = Buffer.from([0x8a, 0x80, 1, 2, 3, 4]);
const socketIoConnect = maskedFrame('40');
const socketIoPong = maskedFrame('3');
const opcodes = { lastOfData: 2, ping: 9 };

export class RawClient {
  isOpen = false;
  isClosed = false;
  bytes = 0;
  /** For the scenario's own bookkeeping. */
  pending = 0;
  #dialect;
  #events;
  #counter = new FrameCounter((opcode, first) => this.#frame(opcode, first));
  #handshake = '';
  #frames = 0;

  /** @param events { onFrames(count, client), onOpen(client), onClose(client) } */
  constructor({ port, host = '127.0.0.1', dialect, isDeflating = false, offers }, events) {
    this.#dialect = dialect;
    this.#events = events;
    const onread = { buffer: readBuffer, callback: (length, bytes) => this.#read(bytes, length) };
    this.socket = net.connect({ port, host, noDelay: true, onread });
    this.socket.on('connect', () =>
      this.socket.write(upgradeRequest(dialect.path, `${host}:${port}`, isDeflating, offers)),
    );
    this.socket.on('error', (error) => (this.error = error));
    this.socket.on('close', () => {
      this.isClosed = true;
      events.onClose?.(this);
    });
  }

  #read(bytes, length) {
    let start = 0;
    if (this.#handshake !== null) {
      this.#handshake += bytes.latin1Slice(0, length);
      const end = this.#handshake.indexOf('\r\n\r\n');
      if (end < 0) return true;
      if (!this.#handshake.startsWith('HTTP/1.1 101')) {
        this.error = new Error(this.#handshake.slice(0, 200));
        this.socket.destroy();
        return true;
      }
      start = length - (this.#handshake.length - (end + 4));
      this.#handshake = null;
      if (!this.#dialect.isSocketIo) this.#open();
    }
    this.bytes += length - start;
    this.#frames = 0;
    this.#counter.read(bytes, start, length);
    if (this.#frames > 0) this.#events.onFrames?.(this.#frames, this);
    return true;
  }

  #open() {
    this.isOpen = true;
    this.#events.onOpen?.(this);
  }

  #frame(opcode, first) {
    if (opcode === opcodes.ping) this.socket.write(pong);
    if (opcode > opcodes.lastOfData) return;
    if (!this.#dialect.isSocketIo) this.#frames++;
    else this.#socketIoFrame(first);
  }

  /** Engine.IO packets by their first two characters. */
  #socketIoFrame(first) {
    const type = String.fromCharCode(first > 255 ? first >> 8 : first);
    const subtype = first > 255 ? String.fromCharCode(first & 255) : '';
    if (type === '0') this.socket.write(socketIoConnect);
    else if (type === '2') this.socket.write(socketIoPong);
    else if (type === '4' && subtype === '0') this.#open();
    else if (type === '4' && (subtype === '2' || subtype === '3')) this.#frames++;
  }
}

/** Opens `count` clients, some at a time. Several loopback addresses, so that ports last. */
export async function connectAll(count, target, onFrames, atOnce = 100) {
  const clients = [];
  const connect = (index) =>
    new Promise((resolve, reject) => {
      const host = `127.0.0.${1 + (index % 4)}`;
      const onClose = (client) =>
        client.isOpen || reject(client.error ?? new Error('closed while connecting'));
      clients.push(new RawClient({ ...target, host }, { onFrames, onOpen: resolve, onClose }));
    });
  for (let at = 0; at < count; at += atOnce) {
    await Promise.all(Array.from({ length: Math.min(atOnce, count - at) }, (_, i) => connect(at + i)));
  }
  return clients;
}

function upgradeRequest(path, host, isDeflating, offers) {
  return [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...(isDeflating ? ['Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover'] : []),
    ...(offers === undefined ? [] : [`Sec-WebSocket-Protocol: ${offers}`]),
    '\r\n',
  ].join('\r\n');
}
