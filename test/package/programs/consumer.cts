/** What a CommonJS app may write, and what the compiler must refuse. It is compiled, never run. */
import { Injectable, Module } from '@nestjs/common';
import { SubscribeMessage, WebSocketGateway, WebSocketServer } from '@nestjs/websockets';
import { type Connection, type DisconnectReason, GatewireModule, GatewireServer } from 'gatewire';
import { cbor } from 'gatewire/cbor';
import { msgpack } from 'gatewire/msgpack';
import { type Codec, decodeEnvelope, encodeEnvelope, json } from 'gatewire/protocol';

interface Events {
  price: { symbol: string; value: number };
  closed: undefined;
}

@Injectable()
@WebSocketGateway({ path: '/stock/:symbol' })
export class StockGateway {
  @WebSocketServer() readonly server!: GatewireServer<Events>;

  @SubscribeMessage('watch')
  async watch(connection: Connection<Events>, room: string): Promise<number> {
    connection.join(room);
    connection.emit('price', { symbol: room, value: 1 });
    this.server.to(room).except(connection).volatile.emit('price', { symbol: room, value: 2 });
    // @ts-expect-error -- no such event in the map
    this.server.emit('prise', { symbol: room, value: 2 });
    // @ts-expect-error -- the event's data has a value
    this.server.to(room).emit('price', { symbol: room });
    // @ts-expect-error -- a duration has its unit in the name
    await connection.request('closed', undefined, { timeout: 5 });
    return (await this.server.in(room).connections()).length;
  }

  handleDisconnect(_connection: Connection<Events>, reason: DisconnectReason): number {
    return reason.code;
  }
}

@Module({
  imports: [
    GatewireModule.forRoot({ origins: ['https://app.example.com'], limits: { connections: 10_000 } }),
    // @ts-expect-error -- no such option
    GatewireModule.forRoot({ orgins: [] }),
    GatewireModule.forRootAsync({ useFactory: () => ({ heartbeat: { intervalMs: 10_000 } }) }),
  ],
  providers: [StockGateway],
})
export class AppModule {}

export const frame: string | Uint8Array = encodeEnvelope({ event: 'price', data: 1 });
export const envelope = decodeEnvelope(frame);

export const codecs: Codec[] = [json(), msgpack({ dates: true }), cbor()];
// @ts-expect-error -- no such option
msgpack({ records: true });
