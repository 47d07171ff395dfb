import { Module } from '@nestjs/common';
import { GatewireModule, MessageLog, Signing } from 'gatewire';
import { AuditModule } from './audit/audit.module.js';
import { AuditTrail } from './audit/audit-trail.js';
import { RefusedFrames } from './audit/refused-frames.js';
import { AuthModule } from './auth/auth.module.js';
import { SessionStore } from './auth/session-store.js';
import { MarketTicker } from './market/market-ticker.js';
import { OrdersGateway } from './orders/orders.gateway.js';

@Module({
  imports: [
    AuthModule,
    GatewireModule.forRootAsync({
      imports: [AuthModule, AuditModule],
      inject: [SessionStore, AuditTrail],
      useFactory: (sessions: SessionStore, audit: AuditTrail) => ({
        middleware: [
          MessageLog.of({ events: ['order.*'], direction: 'inbound', connections: false, audit }),
          // In front of the signatures, so that it sees what they refuse.
          new RefusedFrames(audit),
          Signing.of({ keys: sessions, algorithms: ['HS256'], maxAgeMs: 60_000, maxNonces: 10_000 }),
        ],
      }),
    }),
    AuditModule,
  ],
  providers: [OrdersGateway, MarketTicker],
})
export class TradingModule {}
