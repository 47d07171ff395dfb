import { type CanActivate, UseGuards } from '@nestjs/common';
import { ConnectedSocket, SubscribeMessage, WebSocketGateway, WebSocketServer } from '@nestjs/websockets';
import { generateKeyPairSync } from 'node:crypto';
import type { JWK } from 'jose';
import type { Connection } from '../../lib/connection/connection.js';
import { Encrypted, Encryption, RoomEncryption } from '../../lib/nest/decorators/encrypted.decorator.js';
import { x25519Key } from '../../lib/pipeline/stages/encryption/encryption-keys.js';
import { RoomKeys } from '../../lib/pipeline/stages/encryption/room-keys.js';
import { GatewireServer } from '../../lib/server/gatewire-server.js';
import { JoseClient } from '../support/jose-client.js';
import { NestApp } from './nest-app.js';

const key = x25519Key('s1', generateKeyPairSync('x25519').privateKey);
const roomKeys = new RoomKeys();
let guarded = 0;

class Guard implements CanActivate {
  canActivate(): boolean {
    guarded++;
    return true;
  }
}

@WebSocketGateway()
class OrderGateway {
  @WebSocketServer() server!: GatewireServer;

  @Encrypted()
  @UseGuards(Guard)
  @SubscribeMessage('watch')
  watch(@ConnectedSocket() connection: Connection) {
    connection.join('orders.eu');
    return roomKeys.grant(connection, 'orders.eu');
  }

  @SubscribeMessage('sell')
  sell() {
    this.server.to('orders.eu').emit('sold', 1);
  }
}

describe('@Encrypted() in an application', () => {
  let app: NestApp;
  beforeAll(async () => {
    app = await NestApp.start({
      options: {
        middleware: [
          Encryption.of({ keys: [key] }),
          RoomEncryption.of({ keys: roomKeys, rooms: 'orders.*' }),
        ],
      },
      providers: [OrderGateway],
    });
  });
  afterAll(() => app.stop());

  it('refuses before guards what has not come encrypted, and lets other handlers be', async () => {
    const client = await app.connect();
    expect(await client.ask('watch')).toMatchObject({ id: 1, error: { code: 'PROTECTION_REQUIRED' } });
    expect(guarded).toBe(0);
    expect(await client.ask('sell')).toEqual({ id: 1, data: null });
  });

  it('lets a handler grant the key of a room, with which broadcasts come', async () => {
    const client = await new JoseClient(await app.connect(), key.publicJwk).agree();
    await client.send({ event: 'watch', id: 1 });
    const { event, data } = await client.nextJson();
    expect(event).toBe('room.key');
    expect(await client.nextJson()).toEqual({ id: 1, data: true });
    expect(guarded).toBe(1);
    await client.send({ event: 'sell' });
    expect(await client.nextInRoom((data as { jwk: JWK }).jwk)).toEqual({ event: 'sold', data: 1 });
  });
});
