import { createServer, type Server } from 'node:http';

/** An HTTP server for gateways with a port of their own: it speaks WebSocket only, and says so with a 426 (RFC 9110 section 15.5.22). */
export function listenOnOwnPort(port: number, onError: (error: unknown) => void): Server {
  const server = createServer((_request, response) => {
    const body = JSON.stringify({ code: 'UPGRADE_REQUIRED', message: 'this port speaks WebSocket only' });
    response.writeHead(426, {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Content-Type': 'application/json',
    });
    response.end(body);
  });
  server.on('error', onError);
  server.listen(port);
  return server;
}
