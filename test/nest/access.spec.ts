import { type CanActivate, type ExecutionContext, Injectable, UseGuards } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { AuthenticateMessages } from '../../lib/nest/decorators/authenticate-messages.decorator.js';
import { Principal } from '../../lib/nest/decorators/message-params.decorator.js';
import { Roles } from '../../lib/nest/decorators/roles.decorator.js';
import { Scopes } from '../../lib/nest/decorators/scopes.decorator.js';
import { PlainTokens } from '../support/plain-tokens.js';
import { apiKey } from '../../lib/pipeline/stages/authentication/api-key.strategy.js';
import type { AuthenticateMessagesOptions } from '../../lib/pipeline/stages/authentication/authenticate-messages.stage.js';
import type { Verified } from '../../lib/pipeline/stages/authentication/authentication.js';
import { GatewireServer } from '../../lib/server/gatewire-server.js';
import { NestApp } from './nest-app.js';

/** Keys that are the principal's claims. */
const claims = apiKey({ verify: (key): Verified => ({ id: 'u1', ...(JSON.parse(key) as object) }) });
const as = (principal: object) => ({ headers: { 'X-Api-Key': JSON.stringify(principal) } });

let app: NestApp;
let asked: unknown[] = [];
beforeEach(() => {
  asked = [];
});
afterEach(() => app.stop());

@Injectable()
class SeesRoles implements CanActivate {
  constructor(private readonly reflector: Reflector) {}
  canActivate(context: ExecutionContext) {
    asked.push(this.reflector.get(Roles.KEY, context.getHandler()));
    asked.push(this.reflector.get(Scopes.KEY, context.getClass()));
    return true;
  }
}

@Scopes('orders:read')
@WebSocketGateway()
class OrdersGateway {
  @SubscribeMessage('list')
  list() {
    return 'listed';
  }

  @Scopes('orders:write', 'orders:pay')
  @SubscribeMessage('pay')
  pay() {
    return 'paid';
  }

  @Roles('admin', 'owner')
  @UseGuards(SeesRoles)
  @SubscribeMessage('drop')
  drop() {
    return 'dropped';
  }
}

describe('@Scopes()', () => {
  const start = async (): Promise<void> => {
    app = await NestApp.start({ providers: [OrdersGateway, SeesRoles], options: { authenticate: [claims] } });
  };

  it.each<[string, object]>([
    ['words of "scope"', { scope: 'profile orders:read' }],
    ['a list of "scope"', { scope: ['orders:read'] }],
    ['a list of "scp"', { scp: ['orders:read', 7] }],
    ['words of "scp"', { scp: 'orders:read' }],
  ])('takes scopes from %s', async (_name, principal) => {
    await start();
    const client = await app.connect('/', [], as(principal));
    expect(await client.ask('list')).toMatchObject({ data: 'listed' });
  });

  it('says what is missing, of gateway and handler', async () => {
    await start();
    const none = await app.connect('/', [], as({ scope: 'orders:rea orders:read2 ORDERS:READ' }));
    const missing = ['orders:read'];
    expect(await none.ask('list')).toMatchObject({
      error: { code: 'FORBIDDEN', message: 'missing scope: orders:read', details: { missing } },
    });
    expect(await none.ask('pay')).toMatchObject({ error: { details: { missing } } });
    const some = await app.connect('/', [], as({ scope: 'orders:read orders:pay' }));
    expect(await some.ask('pay')).toMatchObject({ error: { details: { missing: ['orders:write'] } } });
    const all = await app.connect('/', [], as({ scope: 'orders:read orders:pay orders:write' }));
    expect(await all.ask('pay')).toMatchObject({ data: 'paid' });
    expect(app.app.get(GatewireServer).stats().stages['scopes.refused']).toBe(3);
  });

  it('goes by the principal as it is now', async () => {
    await start();
    const client = await app.connect('/', [], as({ scope: 'orders:read' }));
    expect(await client.ask('list')).toMatchObject({ data: 'listed' });
    const [connection] = await app.app.get(GatewireServer).connections();
    connection!.principal = { id: 'u1', scope: '' };
    expect(await client.ask('list')).toMatchObject({ error: { code: 'FORBIDDEN' } });
    connection!.principal = undefined;
    expect(await client.ask('list')).toMatchObject({ error: { code: 'UNAUTHENTICATED' } });
  });

  it('refuses scopes that none can be', () => {
    expect(() => Scopes.of().create(undefined as never)).toThrow('gatewire option "@Scopes"');
    expect(() => Scopes.of('a b').create(undefined as never)).toThrow('gatewire option "@Scopes"');
    expect(() => Roles.of().create(undefined as never)).toThrow('gatewire option "@Roles"');
  });
});

describe('@Roles()', () => {
  it('needs one of them, before guards, which can read them', async () => {
    app = await NestApp.start({ providers: [OrdersGateway, SeesRoles], options: { authenticate: [claims] } });
    const scope = 'orders:read';
    for (const roles of [{ roles: ['user', 'admin'] }, { role: 'owner' }, { roles: 'user owner' }]) {
      const client = await app.connect('/', [], as({ scope, ...roles }));
      expect(await client.ask('drop')).toMatchObject({ data: 'dropped' });
      expect(asked.splice(0)).toEqual([['admin', 'owner'], ['orders:read']]);
    }
    const user = await app.connect('/', [], as({ scope, roles: ['user'] }));
    expect(await user.ask('drop')).toMatchObject({
      error: {
        code: 'FORBIDDEN',
        message: 'needs one of the roles: admin, owner',
        details: { anyOf: ['admin', 'owner'] },
      },
    });
    expect(asked).toEqual([]);
  });
});

describe('@AuthenticateMessages()', () => {
  class CountingTokens extends PlainTokens {
    verified: string[] = [];
    override verifyToken(token: string) {
      this.verified.push(token);
      return super.verifyToken(token);
    }
  }
  const strategy = new CountingTokens();

  const start = async (options: Partial<AuthenticateMessagesOptions> = {}): Promise<void> => {
    @AuthenticateMessages({ strategies: [strategy], ...options })
    @WebSocketGateway()
    class ApprovalGateway {
      @SubscribeMessage('approve')
      approve(@Principal('id') approver: string, ...rest: unknown[]) {
        return [approver ?? null, rest.length];
      }
    }
    strategy.verified = [];
    app = await NestApp.start({ providers: [ApprovalGateway], options: { authenticate: [claims] } });
  };
  const approve = async (meta: object | undefined): Promise<Record<string, unknown>> => {
    const client = app.clients[0] ?? (await app.connect('/', [], as({ id: 'teller' })));
    client.send({ event: 'approve', id: 1, meta });
    return client.nextJson();
  };

  it('makes each message speak for the principal of its token', async () => {
    await start();
    expect(await approve({ token: 'alice' })).toMatchObject({ data: ['alice', 0] });
    expect(await approve({ token: 'bob' })).toMatchObject({ data: ['bob', 0] });
    expect(await approve({ token: 'bad' })).toMatchObject({ error: { code: 'UNAUTHENTICATED' } });
    expect(await approve({ token: 'unknown' })).toMatchObject({ error: { code: 'UNAUTHENTICATED' } });
    expect(await approve({ token: 'banned' })).toMatchObject({ error: { code: 'FORBIDDEN' } });
    expect(await approve({ token: 7 })).toMatchObject({ error: { code: 'UNAUTHENTICATED' } });
    expect(await approve(undefined)).toMatchObject({
      error: { code: 'UNAUTHENTICATED', message: 'the message needs credentials of its own' },
    });
    const [connection] = await app.app.get(GatewireServer).connections();
    expect(connection?.principal).toEqual({ id: 'teller' });
  });

  it('lets others speak for their connection where that is allowed', async () => {
    await start({ required: false });
    expect(await approve(undefined)).toMatchObject({ data: ['teller', 0] });
    expect(await approve({ token: 'alice' })).toMatchObject({ data: ['alice', 0] });
    expect(await approve({ token: 'bad' })).toMatchObject({ error: { code: 'UNAUTHENTICATED' } });
  });

  it('verifies the same token of a connection once, or each time', async () => {
    await start();
    for (const token of ['alice', 'alice', 'bob', 'alice']) await approve({ token });
    expect(strategy.verified).toEqual(['alice', 'bob', 'alice']);
    expect(await approve({ token: 'alice/-1' })).toMatchObject({ error: { code: 'UNAUTHENTICATED' } });
    await app.stop();
    await start({ reuseMs: false });
    for (const token of ['alice', 'alice']) await approve({ token });
    expect(strategy.verified).toEqual(['alice', 'alice']);
  });

  it.each<[string, object]>([
    ['authenticateMessages', { strategies: [] }],
    ['authenticateMessages.strategies', { strategies: [apiKey({ keys: {} })] }],
    ['authenticateMessages.reuseMs', { reuseMs: -1 }],
  ])('refuses a bad option %s', async (option, options) => {
    await expect(start(options)).rejects.toThrow(`gatewire option "${option}"`);
    await start();
  });
});
