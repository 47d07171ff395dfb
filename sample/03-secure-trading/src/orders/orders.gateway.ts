import { UsePipes, ValidationPipe } from '@nestjs/common';
import {
  MessageBody,
  type OnGatewayConnection,
  type OnGatewayInit,
  SubscribeMessage,
  WebSocketGateway,
  WebSocketServer,
} from '@nestjs/websockets';
import {
  Authenticate,
  type Connection,
  type GatewireServer,
  jwt,
  Principal,
  type PrincipalClaims,
  RateLimit,
  Scopes,
  Signed,
} from 'gatewire';
import { AuditTrail } from '../audit/audit-trail.js';
import { tokenOptions } from '../auth/tokens.js';
import { MarketTicker } from '../market/market-ticker.js';
import { OrderDto } from './order.dto.js';
import type { Execution, ServerEvents } from './trading-events.js';

@Authenticate(jwt(tokenOptions))
@WebSocketGateway({ path: '/trading' })
@UsePipes(new ValidationPipe({ whitelist: true }))
export class OrdersGateway implements OnGatewayInit, OnGatewayConnection<Connection<ServerEvents>> {
  @WebSocketServer()
  private readonly server!: GatewireServer<ServerEvents>;
  #orders = 0;

  constructor(
    private readonly market: MarketTicker,
    private readonly audit: AuditTrail,
  ) {}

  afterInit(): void {
    this.market.quotes.subscribe((quotes) => this.server.to('prices').volatile.emit('prices', quotes));
    this.audit.entries.subscribe(({ userId, entry }) => this.server.user(userId).emit('audit', entry));
  }

  handleConnection(connection: Connection<ServerEvents>): void {
    connection.join('prices');
    connection.emit('prices', this.market.current());
    connection.emit('history', this.audit.of(connection.principal?.id));
  }

  @SubscribeMessage('whoami')
  whoAmI(@Principal() { id, scope }: PrincipalClaims): { id: string; scope: unknown } {
    return { id, scope };
  }

  /** Only of somebody who may, only with their own signature, and only so fast: what is forged costs them nothing. */
  @Scopes('orders:write')
  @Signed({ by: ({ kid }, { connection }) => kid === connection.principal?.id })
  @RateLimit({ messages: 5, perMs: 10_000, by: 'user', algorithm: 'token-bucket', burst: 8 })
  @SubscribeMessage('order.create')
  create(@MessageBody() { symbol, side, quantity }: OrderDto): Execution {
    return { orderId: ++this.#orders, symbol, side, quantity, price: this.market.priceOf(symbol) };
  }
}
