import { WhoApp, WhoGateway } from './who-app.js';
import { Injectable } from '@nestjs/common';
import { WebSocketGateway } from '@nestjs/websockets';
import { Authenticate } from '../../lib/nest/decorators/authenticate.decorator.js';
import { apiKey } from '../../lib/pipeline/stages/authentication/api-key.strategy.js';
import type {
  AuthenticationStrategy,
  Found,
} from '../../lib/pipeline/stages/authentication/authentication.js';
import { AuthenticationError } from '../../lib/pipeline/stages/authentication/authentication-error.js';
import { basic } from '../../lib/pipeline/stages/authentication/basic.strategy.js';
import type { ConnectCredentials } from '../../lib/pipeline/stages/authentication/credentials.js';
import { constantTimeEqual } from '../../lib/pipeline/constant-time-equal.js';
import { ErrorCode } from '../../lib/protocol/error-code.js';
import { GatewireError } from '../../lib/protocol/gatewire-error.js';
import { GatewireServer } from '../../lib/server/gatewire-server.js';
import { LogLines } from '../support/engine-fixture.js';
import { NestApp } from './nest-app.js';

let app: WhoApp;
afterEach(() => app.stop());

const alice = basic({
  realm: 'orders',
  verify: (username, password) =>
    username === 'alice' && constantTimeEqual(password, 'pässword:1') ? { id: 'alice', by: 'basic' } : null,
});
const basicHeader = (pair: string): Record<string, string> => ({
  Authorization: `Basic ${Buffer.from(pair).toString('base64')}`,
});
describe('authentication at connect', () => {
  it('lets in who has credentials, before handleConnection, and refuses others with 401 and a challenge', async () => {
    app = await WhoApp.start([alice]);
    expect(await app.principalOf(basicHeader('alice:pässword:1'))).toEqual({ id: 'alice', by: 'basic' });
    expect(app.app.app.get(WhoGateway).connected).toEqual(['alice']);
    expect(await app.refusal()).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Basic realm="orders", charset="UTF-8"' },
      body: { code: 'UNAUTHENTICATED', message: 'credentials are needed' },
    });
    for (const pair of ['alice:wrong', 'bob:pässword:1', 'alice', ':'])
      expect(await app.refusal(basicHeader(pair))).toMatchObject({ status: 401 });
    expect(await app.refusal({ Authorization: 'Basic ***' })).toMatchObject({ status: 401 });
    expect(await app.refusal({ Authorization: 'Bearer x' })).toMatchObject({ status: 401 });
    expect(app.app.app.get(WhoGateway).connected).toHaveLength(1);
  });

  it('leaves a gateway with @Authenticate(false) open', async () => {
    app = await WhoApp.start([alice]);
    expect(await app.principalOf({}, { path: '/open' })).toBeNull();
  });

  it('makes users known by their principal', async () => {
    app = await WhoApp.start([alice]);
    const server = app.app.app.get(GatewireServer);
    await app.principalOf(basicHeader('alice:pässword:1'));
    expect(await server.user('alice').connections()).toHaveLength(1);
    expect(server.stats().gauges.users).toBe(1);
  });

  it('forgets who was refused after authentication', async () => {
    @Authenticate(alice)
    @WebSocketGateway()
    class StrictGateway {
      onHandshake() {
        throw new GatewireError(ErrorCode.Forbidden, 'not today');
      }
    }
    app = await WhoApp.start([], {}, { providers: [StrictGateway] });
    const refused = await app.refusal(basicHeader('alice:pässword:1'));
    expect(refused).toMatchObject({ status: 403 });
    expect(refused.headers['www-authenticate']).toBeUndefined();
    const { gauges } = app.app.app.get(GatewireServer).stats();
    expect(gauges).toMatchObject({ users: 0, connections: 0, handshakesInFlight: 0 });
  });

  it('asks strategies in order: the first that finds its kind of credentials decides', async () => {
    const keys = { robot: ['0123456789abcdef', 'fedcba9876543210'], other: 'a-key-of-sixteen' };
    app = await WhoApp.start([alice, apiKey({ keys })]);
    const composition = app.app.app.get(GatewireServer).composition();
    expect(composition.map(({ path, authentication }) => [path, authentication]).sort()).toEqual([
      ['/', ['basic', 'apiKey']],
      ['/open', []],
    ]);
    expect(await app.principalOf({ 'X-Api-Key': 'fedcba9876543210' })).toEqual({ id: 'robot' });
    expect(await app.principalOf({ 'X-Api-Key': 'a-key-of-sixteen' })).toEqual({ id: 'other' });
    expect(await app.refusal({ 'X-Api-Key': 'a-key-of-sixteem' })).toMatchObject({ status: 401 });
    const both = { 'X-Api-Key': 'a-key-of-sixteen', ...basicHeader('alice:wrong') };
    expect(await app.refusal(both)).toMatchObject({
      status: 401,
      headers: {
        'www-authenticate': 'Basic realm="orders", charset="UTF-8", ApiKey header="x-api-key"',
      },
    });
  });

  it('asks a strategy that the container makes', async () => {
    @Injectable()
    class Users {
      readonly names = ['carol'];
    }
    @Injectable()
    class ByName implements AuthenticationStrategy {
      readonly name = 'by name';
      readonly challenge = 'Name';
      constructor(private readonly users: Users) {}
      async authenticate(credentials: ConnectCredentials): Promise<Found> {
        const name = credentials.header('x-name');
        if (name === undefined) return undefined;
        if (name === 'mallory') throw new GatewireError(ErrorCode.Forbidden, 'you may not');
        if (!this.users.names.includes(name)) throw new AuthenticationError('unknown name');
        return { principal: { id: name } };
      }
    }
    @Authenticate(ByName)
    @WebSocketGateway({ path: '/named' })
    class NamedGateway extends WhoGateway {}
    app = await WhoApp.start([], {}, { providers: [Users, ByName, NamedGateway] });
    expect(await app.principalOf({ 'X-Name': 'carol' }, { path: '/named' })).toEqual({ id: 'carol' });
    const path = '/named';
    expect(await app.refusal({ 'X-Name': 'dave' }, { path })).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Name' },
      body: { message: 'unknown name' },
    });
    expect(await app.refusal({ 'X-Name': 'mallory' }, { path })).toMatchObject({ status: 403 });
    expect(await app.refusal({}, { path })).toMatchObject({ status: 401 });
  });

  it('answers 500 and logs where the application fails, or says nobody', async () => {
    const lines = new LogLines();
    const verify = (name: string) => (name === 'x' ? ({} as never) : Promise.reject(new Error('db is down')));
    app = await WhoApp.start([basic({ verify })], {}, { logger: lines });
    expect(await app.refusal(basicHeader('a:b'))).toMatchObject({ status: 500, body: { code: 'INTERNAL' } });
    expect(lines.lines.join()).toContain('db is down');
    expect(await app.refusal(basicHeader('x:b'))).toMatchObject({ status: 500 });
    expect(lines.lines.join()).toContain('a principal must be an object');
  });

  it('refuses other strategies for another gateway of the endpoint', async () => {
    @Authenticate(alice)
    @WebSocketGateway()
    class OneGateway {}
    @Authenticate(apiKey({ keys: { a: '0123456789abcdef' } }))
    @WebSocketGateway()
    class TwoGateway {}
    @Authenticate(alice)
    @WebSocketGateway()
    class SameGateway {}
    await expect(NestApp.start({ providers: [OneGateway, TwoGateway] })).rejects.toThrow(
      'the same strategies',
    );
    app = await WhoApp.start([], {}, { providers: [OneGateway, SameGateway, WhoGateway] });
    expect(await app.refusal()).toMatchObject({ status: 401 });
  });
});
