import type { JWK } from 'jose';
import type { GatewayMiddleware } from '../../lib/pipeline/middleware.js';
import { RoomEncryption } from '../../lib/nest/decorators/encrypted.decorator.js';
import { RoomKeys } from '../../lib/pipeline/stages/encryption/room-keys.js';
import { EncryptionFixture } from '../support/encryption-fixture.js';
import type { JoseClient } from '../support/jose-client.js';

const fixture = new EncryptionFixture();
afterEach(() => fixture.stop());

const echo = { event: 'echo', id: 1, data: 'secret' };

describe('the key of a room', () => {
  const keys = (): RoomKeys => new RoomKeys();
  /** Three members with sessions, and what each has been granted. */
  async function members(roomKeys: RoomKeys): Promise<{ clients: JoseClient[]; jwks: JWK[] }> {
    const clients = [await fixture.session(), await fixture.session(), await fixture.session()];
    const jwks: JWK[] = [];
    for (const connection of fixture.endpoint.connections) {
      connection.join('orders.1');
      expect(roomKeys.grant(connection, 'orders.1')).toBe(true);
    }
    for (const client of clients) {
      const { event, data } = await client.nextJson();
      expect(event).toBe('room.key');
      expect(data).toMatchObject({ room: 'orders.1', jwk: { kty: 'oct', alg: 'A256GCM' } });
      jwks.push((data as { jwk: JWK }).jwk);
    }
    return { clients, jwks };
  }

  it('encrypts a broadcast once for all receivers', async () => {
    const roomKeys = keys();
    await fixture.start({}, RoomEncryption.of({ keys: roomKeys, rooms: 'orders.*' }));
    const { clients, jwks } = await members(roomKeys);
    fixture.endpoint.server.to('orders.1').emit('order', { price: 1 });
    const frames = await Promise.all(clients.map(({ client }) => client.next()));
    // The same bytes for all: with random IVs they can only come from one run.
    expect(new Set(frames).size).toBe(1);
    fixture.endpoint.server.to('orders.1').emit('order', { price: 2 });
    for (const [at, client] of clients.entries())
      expect(await client.nextInRoom(jwks[at] as JWK)).toEqual({ event: 'order', data: { price: 2 } });
    // Elsewhere each has its own.
    fixture.endpoint.server.to('orders.1').emit('order', 3);
    fixture.endpoint.server.emit('news', 1);
    for (const client of clients) await client.client.next();
    const news = await Promise.all(clients.map(({ client }) => client.next()));
    expect(new Set(news).size).toBe(3);
  });

  it('is used also where another stage makes a message of its own for each receiver', async () => {
    const roomKeys = keys();
    const own: GatewayMiddleware = { perConnection: true, outbound: (_, next) => next() };
    await fixture.start({}, own, RoomEncryption.of({ keys: roomKeys, rooms: 'orders.*' }));
    const { clients, jwks } = await members(roomKeys);
    fixture.endpoint.server.to('orders.1').emit('order', 1);
    for (const [at, client] of clients.entries())
      expect(await client.nextInRoom(jwks[at] as JWK)).toEqual({ event: 'order', data: 1 });
  });

  it('rotates: who is not granted the new one reads no more', async () => {
    const roomKeys = keys();
    await fixture.start({}, RoomEncryption.of({ keys: roomKeys, rooms: 'orders.*' }));
    const { clients, jwks } = await members(roomKeys);
    const rest = [...fixture.endpoint.connections].slice(1);
    roomKeys.rotate('orders.1', rest);
    fixture.endpoint.server.to('orders.1').emit('order', 2);
    const [out, ...inside] = clients as [JoseClient, ...JoseClient[]];
    await expect(out.nextInRoom(jwks[0] as JWK)).rejects.toThrow('decryption operation failed');
    for (const client of inside) {
      const { data } = await client.nextJson();
      const { jwk } = data as { jwk: JWK };
      expect(jwk.kid).not.toBe(jwks[0]?.kid);
      expect(await client.nextInRoom(jwk)).toEqual({ event: 'order', data: 2 });
    }
  });

  it('is never sent in plain, and nothing goes to the room without one', async () => {
    const roomKeys = new RoomKeys({ maxRooms: 1, messagesPerKey: 2 });
    await fixture.start({ outbound: () => false }, RoomEncryption.of({ keys: roomKeys, rooms: 'orders.*' }));
    const client = await fixture.connect();
    const [connection] = [...fixture.endpoint.connections];
    if (connection === undefined) throw new Error('no connection');
    expect(() => roomKeys.grant(connection, 'orders.1')).toThrow('encrypted only');
    connection.join('orders.1');
    const { server } = fixture.endpoint;
    server.to('orders.1').emit('order', 1);
    expect(fixture.count('room-encryption.noKey')).toBe(1);
    await client.agree();
    // It has been offered keys; whether it has them nobody knows yet.
    expect(() => roomKeys.grant(connection, 'orders.1')).toThrow('encrypted only');
    await client.send(echo);
    expect(await client.client.nextJson()).toEqual({ id: 1, data: 'secret' });
    roomKeys.grant(connection, 'orders.1');
    const { data } = await client.nextJson();
    for (const n of [1, 2]) {
      server.to('orders.1').emit('order', n);
      expect(await client.nextInRoom((data as { jwk: JWK }).jwk)).toEqual({ event: 'order', data: n });
    }
    server.to('orders.1').emit('order', 3);
    expect(fixture.count('room-encryption.usedUp')).toBe(1);
    expect(() => server.to(['orders.1', 'orders.2']).emit('order', 4)).toThrow('alone');
    server.to('other').emit('order', 5);
    expect(() => roomKeys.grant(connection, 'orders.2')).toThrow('too many rooms');
    roomKeys.forget('orders.1');
    expect(roomKeys.grant(connection, 'orders.2')).toBe(true);
    expect(await client.nextJson()).toMatchObject({ event: 'room.key', data: { room: 'orders.2' } });
    expect(client.client.unread).toEqual([]);
  });
});
