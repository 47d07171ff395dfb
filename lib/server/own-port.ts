import { createServer, type RequestListener, type Server } from 'node:http';

/** How a port of our own is served. */
export interface OwnPortOptions {
  readonly onError: (error: unknown) => void;
  /** platform-ws gives plain HTTP on a port with paths no answer at all. */
  readonly isSilent: boolean;
}

/** An HTTP server for gateways with a port of their own: it speaks WebSocket only, and says so with a 426 (RFC 9110 section 15.5.22). */
export function listenOnOwnPort(port: number, { onError, isSilent }: OwnPortOptions): Server {
  const server = isSilent ? createServer() : createServer(upgradeRequired);
  server.on('error', onError);
  server.listen(port);
  return server;
}

const upgradeRequired: RequestListener = (_request, response) => {
  const body = JSON.stringify({ code: 'UPGRADE_REQUIRED', message: 'this port speaks WebSocket only' });
  response.writeHead(426, {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Content-Type': 'application/json',
  });
  response.end(body);
};
