/** One app in which a CommonJS library and the ESM application have each loaded its own build of gatewire. */
import 'reflect-metadata';
import { createRequire } from 'node:module';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import WebSocket from 'ws';
import * as esm from 'gatewire';

const cjs = createRequire(import.meta.url)('gatewire');
const decorate = ({ prototype }, method, decorator) =>
  decorator(prototype, method, Object.getOwnPropertyDescriptor(prototype, method));

const results = { separate: esm.GatewireError !== cjs.GatewireError };
for (const [name, app, library] of [
  ['ESM app, CommonJS library', esm, cjs],
  ['CommonJS app, ESM library', cjs, esm],
]) {
  results[name] = await serve(app, library);
}
console.log(JSON.stringify(results));

async function serve(app, library) {
  /** What a library of gateways would hold: its decorators and errors come from its own build. */
  class Gateway {
    refuse() {
      throw new library.GatewireError(library.ErrorCode.Conflict, 'taken');
    }
    allow(connection, room) {
      return room === 'open.door';
    }
  }
  WebSocketGateway()(Gateway);
  decorate(Gateway, 'refuse', SubscribeMessage('refuse'));
  decorate(Gateway, 'allow', library.OnSubscribe('open.*'));

  class App {}
  Module({ imports: [app.GatewireModule.forRoot()], providers: [Gateway] })(App);
  const nest = await NestFactory.create(App, { logger: false });
  await nest.listen(0, '127.0.0.1');
  const answers = await ask(nest.getHttpServer().address().port, [
    { event: 'refuse', id: 1 },
    { event: '$subscribe', data: { room: 'open.door' }, id: 2 },
    { event: '$subscribe', data: { room: 'other' }, id: 3 },
  ]);
  await nest.close();
  return answers;
}

/** Sends the requests in order and gives the answers in the order of their ids. */
async function ask(port, requests) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`);
  const answers = new Map();
  const done = new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('open', () => requests.forEach((request) => socket.send(JSON.stringify(request))));
    socket.on('message', (bytes) => {
      const envelopes = [JSON.parse(bytes.toString())].flat();
      for (const envelope of envelopes) answers.set(envelope.id, envelope);
      if (answers.size === requests.length) resolve();
    });
  });
  await done;
  socket.close();
  return [...answers.keys()].sort().map((id) => answers.get(id));
}
