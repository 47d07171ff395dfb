import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Upgrades a bare TCP connection, for what no WebSocket library would send. */
export async function rawUpgrade(url: string, path = '/'): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  socket.setNoDelay(true);
  const request = [
    `GET ${path} HTTP/1.1`,
    `Host: ${hostname}:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ];
  socket.write(`${request.join('\r\n')}\r\n\r\n`);
  await once(socket, 'data');
  return socket;
}
