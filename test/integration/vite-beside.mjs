// A Nest app with Vite's dev server (HMR socket) on the same HTTP server, as `middlewareMode` is used.
// In a process of its own: Vite's native parts do not take objects of Jest's realm.
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { GatewireModule } from 'gatewire';
import { createServer } from 'vite';
import { WebSocket } from 'ws';

class EchoGateway {
  echo(data) {
    return data;
  }
}
MessageBody()(EchoGateway.prototype, 'echo', 0);
SubscribeMessage('echo')(
  EchoGateway.prototype,
  'echo',
  Object.getOwnPropertyDescriptor(EchoGateway.prototype, 'echo'),
);
WebSocketGateway({ path: '/ours' })(EchoGateway);
class AppModule {}
Module({ imports: [GatewireModule.forRoot()], providers: [EchoGateway] })(AppModule);

const app = await NestFactory.create(AppModule, { logger: ['error'] });
const vite = await createServer({
  configFile: false,
  logLevel: 'silent',
  appType: 'custom',
  server: { middlewareMode: true, hmr: { server: app.getHttpServer() } },
  optimizeDeps: { noDiscovery: true },
});
app.use(vite.middlewares);
await app.listen(0, '127.0.0.1');
const url = (await app.getUrl()).replace('http', 'ws');

/** The first message of a socket, after sending something. */
const firstMessage = (socket, toSend) =>
  new Promise((resolve, reject) => {
    socket.on('error', reject);
    if (toSend !== undefined) socket.on('open', () => socket.send(JSON.stringify(toSend)));
    socket.on('message', (data) => resolve(JSON.parse(data.toString())));
  });

const hmr = new WebSocket(`${url}/?token=${vite.config.webSocketToken}`, 'vite-hmr');
const ours = new WebSocket(`${url}/ours`);
const results = await Promise.all([firstMessage(hmr), firstMessage(ours, { event: 'echo', data: 1, id: 1 })]);
console.log(JSON.stringify(results));
hmr.terminate();
ours.terminate();
await vite.close();
await app.close();
