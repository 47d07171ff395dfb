import { UsePipes, ValidationPipe } from '@nestjs/common';
import {
  ConnectedSocket,
  MessageBody,
  type OnGatewayConnection,
  type OnGatewayDisconnect,
  SubscribeMessage,
  WebSocketGateway,
  WebSocketServer,
  WsException,
} from '@nestjs/websockets';
import { Connection, GatewireServer, OnSubscribe, type PrincipalClaims } from 'gatewire';
import { PostMessageDto, ReceivedDto, RoomDto, roomName } from './chat.dto.js';
import type { Accepted, ChatMessage, Member, RoomSnapshot, ServerEvents } from './chat-events.js';
import { memberFrom } from './member-from.js';
import { RoomHistory } from './room-history.js';

@WebSocketGateway({ path: '/chat' })
@UsePipes(new ValidationPipe({ whitelist: true }))
export class ChatGateway implements OnGatewayConnection<Connection>, OnGatewayDisconnect<Connection> {
  @WebSocketServer()
  private readonly server!: GatewireServer<ServerEvents>;

  constructor(private readonly history: RoomHistory) {}

  /** Messages wait until this is done, so every handler below knows who is speaking. */
  handleConnection(connection: Connection): void {
    connection.principal = { ...memberFrom(connection.handshake.query) };
  }

  /** Pages stay subscribed to their rooms over reconnects, so that what they send again finds them there. */
  @OnSubscribe('*')
  mayEnter(_connection: Connection, room: string): boolean {
    return roomName.test(room);
  }

  /** Its rooms are still known here, though it is no longer in them. */
  async handleDisconnect(connection: Connection): Promise<void> {
    for (const room of connection.rooms) await this.showMembers(room);
  }

  @SubscribeMessage('join')
  async join(
    @ConnectedSocket() connection: Connection,
    @MessageBody() { room }: RoomDto,
  ): Promise<RoomSnapshot> {
    connection.join(room);
    return { members: await this.showMembers(room), history: this.history.of(room) };
  }

  @SubscribeMessage('leave')
  async leave(@ConnectedSocket() connection: Connection, @MessageBody() { room }: RoomDto): Promise<void> {
    connection.leave(room);
    await this.showMembers(room);
  }

  /** The page repeats a message until it is answered: the second time it is only answered. */
  @SubscribeMessage('message')
  post(
    @ConnectedSocket() connection: Connection,
    @MessageBody() { room, id, text }: PostMessageDto,
  ): Accepted {
    const author = memberIn(room, connection);
    const known = this.history.find(room, id);
    if (known) return { at: known.at, received: known.received };

    const message: ChatMessage = { id, room, text, author, at: Date.now(), received: false };
    this.history.add(message);
    this.server.to(room).except(connection).emit('message', message);
    return { at: message.at, received: false };
  }

  @SubscribeMessage('typing')
  typing(@ConnectedSocket() connection: Connection, @MessageBody() { room }: RoomDto): void {
    const member = memberIn(room, connection);
    this.server.to(room).except(connection).volatile.emit('typing', { room, member });
  }

  /** A page has shown these: their authors get the second tick. */
  @SubscribeMessage('received')
  received(@ConnectedSocket() connection: Connection, @MessageBody() { room, ids }: ReceivedDto): void {
    const reader = memberIn(room, connection);
    for (const id of ids) {
      if (this.history.find(room, id)?.author.id === reader.id) continue;
      const message = this.history.markReceived(room, id);
      if (message) this.server.user(message.author.id).emit('delivered', { room, ids: [id] });
    }
  }

  /** Tells a room who is in it. Two connections of one tab (old and new, during a reconnect) count once. */
  private async showMembers(room: string): Promise<Member[]> {
    const members = new Map<string, Member>();
    for (const connection of await this.server.in(room).connections()) {
      const member = memberOf(connection);
      members.set(member.id, member);
    }
    const list = [...members.values()].sort((a, b) => a.name.localeCompare(b.name));
    this.server.to(room).emit('members', { room, members: list });
    return list;
  }
}

function memberOf(connection: Pick<Connection, 'principal'>): Member {
  return connection.principal as Member & PrincipalClaims;
}

function memberIn(room: string, connection: Connection): Member {
  if (!connection.rooms.has(room)) throw new WsException('Join the room first');
  return memberOf(connection);
}
