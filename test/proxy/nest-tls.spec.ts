import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type Server } from 'node:tls';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { ConnectedSocket } from '@nestjs/websockets';
import { NestFactory } from '@nestjs/core';
import { Module } from '@nestjs/common';
import type { INestApplication } from '@nestjs/common';
import { Connection } from '../../lib/connection/connection.js';
import { GatewireModule } from '../../lib/nest/gatewire.module.js';
import { reloadTls } from '../../lib/server/reload-tls.js';
import { watchTlsFiles } from '../../lib/server/tls-files.js';
import { createCertificate } from '../support/certificate.js';
import { freePort } from '../support/free-port.js';
import { TestClient } from '../support/test-client.js';

const first = createCertificate('first');
const second = createCertificate('second');
const ca = [first.cert, second.cert];
const httpsOptions = { key: first.key, cert: first.cert };

let app: INestApplication | undefined;
const folder = mkdtempSync(join(tmpdir(), 'gatewire-nest-tls-'));

afterEach(async () => {
  await app?.close();
  app = undefined;
});
afterAll(() => rmSync(folder, { recursive: true }));

@WebSocketGateway({ path: '/who' })
class WhoGateway {
  @SubscribeMessage('who')
  who(@ConnectedSocket() { handshake }: Connection): unknown {
    return { isSecure: handshake.isSecure };
  }
}

async function start(
  platform: string,
  options = {},
  gateway: new () => object = WhoGateway,
): Promise<number> {
  @Module({ imports: [GatewireModule.forRoot(options)], providers: [gateway] })
  class AppModule {}
  app =
    platform === 'express'
      ? await NestFactory.create(AppModule, { logger: false, httpsOptions })
      : await NestFactory.create(AppModule, new FastifyAdapter({ https: httpsOptions } as object), {
          logger: false,
        });
  await app.listen(0, '127.0.0.1');
  return (serverOf(app).address() as AddressInfo).port;
}

const serverOf = (one: INestApplication): Server => one.getHttpServer() as Server;
const open = (port: number, path = '/who'): Promise<TestClient> =>
  TestClient.open(`wss://127.0.0.1:${port}${path}`, [], { ca });

async function shown(port: number): Promise<unknown> {
  const socket = connectTls({ port, host: '127.0.0.1', ca });
  await once(socket, 'secureConnect');
  const name = socket.getPeerCertificate().subject.CN;
  socket.destroy();
  return name;
}

describe.each(['express', 'fastify'])('a Nest application on %s with HTTPS', (platform) => {
  it('serves wss, and a new certificate to new connections only', async () => {
    const port = await start(platform);
    const client = await open(port);
    expect(await client.ask('who')).toEqual({ id: 1, data: { isSecure: true } });
    expect(await shown(port)).toBe('first');
    reloadTls(serverOf(app!), second);
    expect(await shown(port)).toBe('second');
    expect(await client.ask('who')).toEqual({ id: 1, data: { isSecure: true } });
    client.terminate();
  });

  it('follows the files of its certificate', async () => {
    const port = await start(platform);
    const files = {
      keyFile: join(folder, 'tls.key'),
      certFile: join(folder, 'tls.crt'),
      checkEveryMs: false,
    } as const;
    const write = (name: 'key' | 'cert', text: string): void =>
      writeFileSync(name === 'key' ? files.keyFile : files.certFile, text);
    write('key', first.key);
    write('cert', first.cert);
    const failures: unknown[] = [];
    const watch = watchTlsFiles(serverOf(app!), files, { failed: (error) => failures.push(error) });
    expect(await watch.check()).toBe(false);
    write('key', second.key);
    expect(await watch.check()).toBe(false);
    expect(failures).toHaveLength(1);
    expect(await shown(port)).toBe('first');
    write('cert', second.cert);
    expect(await watch.check()).toBe(true);
    expect(await shown(port)).toBe('second');
    expect(await watch.check()).toBe(false);
    watch.stop();
  });

  it('serves wss on a port of a gateway too', async () => {
    const ownPort = await freePort();
    @WebSocketGateway(ownPort)
    class OwnPortGateway extends WhoGateway {}
    await start(platform, { ownPorts: { tls: second } }, OwnPortGateway);
    const client = await open(ownPort, '/anything');
    expect(await client.ask('who')).toEqual({ id: 1, data: { isSecure: true } });
    expect(await shown(ownPort)).toBe('second');
    client.terminate();
  });
});
