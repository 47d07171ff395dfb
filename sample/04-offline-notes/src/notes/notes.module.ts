import { Module } from '@nestjs/common';
import { GatewireModule } from 'gatewire';
import { NotesGateway } from './notes.gateway.js';
import { NotesStore } from './notes-store.js';

@Module({
  imports: [GatewireModule.forRoot()],
  providers: [NotesGateway, NotesStore],
})
export class NotesModule {}
