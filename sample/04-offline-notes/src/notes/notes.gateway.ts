import { UsePipes, ValidationPipe } from '@nestjs/common';
import { MessageBody, SubscribeMessage, WebSocketGateway, WebSocketServer } from '@nestjs/websockets';
import { GatewireServer } from 'gatewire';
import { ChangeDto } from './change.dto.js';
import type { Note, NotesContract } from './notes-events.js';
import { NotesStore } from './notes-store.js';

@WebSocketGateway({ path: '/notes' })
@UsePipes(new ValidationPipe({ whitelist: true }))
export class NotesGateway {
  @WebSocketServer()
  private readonly server!: GatewireServer<NotesContract['receive']>;

  constructor(private readonly notes: NotesStore) {}

  @SubscribeMessage('list')
  list(): Note[] {
    return this.notes.all();
  }

  /** A page repeats a change until it is answered; its session answers a repeat without us, and a new one finds it made. */
  @SubscribeMessage('save')
  save(@MessageBody() change: ChangeDto): void {
    const note = this.notes.save(change);
    if (note !== undefined) this.server.emit('saved', note);
  }
}
