import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { Connection } from '../../lib/connection/connection.js';
import { Authenticate } from '../../lib/nest/decorators/authenticate.decorator.js';
import { Principal } from '../../lib/nest/decorators/message-params.decorator.js';
import type { GatewireOptions } from '../../lib/nest/gatewire.options.js';
import type { AuthenticationStrategy } from '../../lib/pipeline/stages/authentication/authentication.js';
import { type RefusedUpgrade, refusedUpgrade } from '../support/refused-upgrade.js';
import { NestApp, type NestAppOptions } from './nest-app.js';

/** Says who a client is taken for. */
@WebSocketGateway()
export class WhoGateway {
  /** Ids of the principals that `handleConnection` has seen. */
  readonly connected: (string | undefined)[] = [];

  handleConnection({ principal }: Connection) {
    this.connected.push(principal?.id);
  }

  @SubscribeMessage('who')
  who(@Principal() principal: unknown) {
    return principal ?? null;
  }
}

@Authenticate(false)
@WebSocketGateway({ path: '/open' })
class OpenGateway extends WhoGateway {}

interface Offer {
  readonly path?: string;
  readonly protocols?: string[];
}

/** An application whose gateways know who talks to them. */
export class WhoApp {
  readonly app: NestApp;

  private constructor(app: NestApp) {
    this.app = app;
  }

  static async start(
    authenticate: AuthenticationStrategy[],
    options: GatewireOptions = {},
    setup: Partial<NestAppOptions> = {},
  ): Promise<WhoApp> {
    const providers = [WhoGateway, OpenGateway];
    return new WhoApp(await NestApp.start({ providers, ...setup, options: { authenticate, ...options } }));
  }

  /** Who the server takes a client for. */
  async principalOf(
    headers: Record<string, string> = {},
    { path = '/', protocols = [] }: Offer = {},
  ): Promise<unknown> {
    const client = await this.app.connect(path, protocols, { headers });
    return (await client.ask('who'))['data'];
  }

  /** The answer that refuses a client. */
  refusal(
    headers: Record<string, string> = {},
    { path = '/', protocols = [] }: Offer = {},
  ): Promise<RefusedUpgrade> {
    return refusedUpgrade(this.app.url + path, protocols, { headers });
  }

  async stop(): Promise<void> {
    await this.app.stop();
  }
}
