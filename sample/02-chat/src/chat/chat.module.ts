import { Module } from '@nestjs/common';
import { GatewireModule } from 'gatewire';
import { ChatGateway } from './chat.gateway.js';
import { RoomHistory } from './room-history.js';

@Module({
  imports: [GatewireModule.forRoot()],
  providers: [ChatGateway, RoomHistory],
})
export class ChatModule {}
