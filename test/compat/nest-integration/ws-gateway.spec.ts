import 'reflect-metadata';
import type { Provider } from '@nestjs/common';
import type { TestClient } from '../../support/test-client.js';
import {
  ApplicationGateway,
  AsyncRejectingGateway,
  CoreGateway,
  ExamplePathGateway,
  OwnPortExampleGateway,
  OwnPortPathGateway,
  ports,
  ServerGateway,
  SyncRejectingGateway,
  ValidationPipeGateway,
  WsErrorGateway,
  WsPathGateway,
} from './gateways.js';
import { NestApp } from './nest-app.js';

let app: NestApp;
afterEach(() => app.stop());

const start = async (...providers: Provider[]): Promise<void> => {
  app = await NestApp.start(...providers);
};
const push = { event: 'push', data: { test: 'test' } };
const popped = { event: 'pop', data: { test: 'test' } };
const answerTo = async (client: TestClient, frame: unknown): Promise<unknown> => {
  client.send(frame);
  return client.nextJson();
};

describe('Nest’s integration tests for gateways on ws', () => {
  it('handles messages on a second port', async () => {
    await start(ApplicationGateway);
    expect(await answerTo(await app.connect('/', ports.application), push)).toEqual(popped);
  });

  it('handles messages on the HTTP server', async () => {
    await start(ServerGateway);
    expect(await answerTo(await app.connect(), push)).toEqual(popped);
  });

  it('serves two gateways on two ports', async () => {
    await start(ApplicationGateway, CoreGateway);
    expect(await answerTo(await app.connect('/', ports.application), push)).toEqual(popped);
    expect(await answerTo(await app.connect('/', ports.core), push)).toEqual(popped);
  });

  it('serves two gateways on two paths of the HTTP server', async () => {
    await start(ExamplePathGateway, WsPathGateway);
    expect(await answerTo(await app.connect('/example'), push)).toEqual(popped);
    expect(await answerTo(await app.connect('/ws-path'), push)).toEqual(popped);
  });

  it('serves two gateways on two paths of a second port', async () => {
    await start(OwnPortExampleGateway, OwnPortPathGateway);
    expect(await answerTo(await app.connect('/example', ports.core), push)).toEqual(popped);
    expect(await answerTo(await app.connect('/ws-path', ports.core), push)).toEqual(popped);
  });

  it('tells interceptors the pattern by getPattern()', async () => {
    await start(ApplicationGateway);
    const client = await app.connect('/', ports.application);
    const answer = { event: 'popClient', data: { test: 'test', path: 'getClient' } };
    expect(await answerTo(client, { event: 'getClient', data: { test: 'test' } })).toEqual(answer);
  });

  it('tells filters the pattern of an error in an Observable', async () => {
    await start(ApplicationGateway);
    const client = await app.connect('/', ports.application);
    const answer = {
      event: 'exception',
      data: { pattern: 'getClientWithError', message: 'This is an error' },
    };
    expect(await answerTo(client, { event: 'getClientWithError', data: {} })).toEqual(answer);
  });

  it('sends a WsException with its cause', async () => {
    await start(WsErrorGateway);
    expect(await answerTo(await app.connect('/', ports.error), push)).toEqual({
      event: 'exception',
      data: { status: 'error', message: 'test', cause: { pattern: 'push', data: { test: 'test' } } },
    });
  });

  it('sends what a ValidationPipe throws, and lets valid bodies pass', async () => {
    await start(ValidationPipeGateway);
    const client = await app.connect();
    const refused = await answerTo(client, { event: 'push', data: { stringProp: 123 } });
    expect(refused).toMatchObject({ event: 'exception' });
    expect(JSON.stringify(refused)).toContain('isString');
    const passed = { event: 'pop', data: { stringProp: 'text' } };
    expect(await answerTo(client, { event: 'push', data: { stringProp: 'text' } })).toEqual(passed);
  });

  // Not released yet when this was written; on Nest's main branch.
  it.each(['/throws', '/rejects'])('sends the exception of a connection hook (%s)', async (path) => {
    await start(SyncRejectingGateway, AsyncRejectingGateway);
    const client = await app.connect(path);
    expect(await client.nextJson()).toEqual({
      event: 'exception',
      data: { status: 'error', message: 'Unauthorized', cause: { pattern: 'handleConnection' } },
    });
  });
});
