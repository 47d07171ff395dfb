import { Authenticate } from '../../lib/nest/decorators/authenticate.decorator.js';
import { apiKey } from '../../lib/pipeline/stages/authentication/api-key.strategy.js';
import { basic } from '../../lib/pipeline/stages/authentication/basic.strategy.js';
import { jwt } from '../../lib/pipeline/stages/authentication/jwt.strategy.js';

describe('options of strategies', () => {
  const secret = 's'.repeat(32);
  it.each<[string, () => unknown]>([
    ['basic.verify', () => basic({} as never)],
    ['basic.realm', () => basic({ verify: () => null, realm: 'a"b' })],
    ['apiKey.header', () => apiKey({ header: 'a b', keys: {} })],
    ['apiKey', () => apiKey({})],
    ['apiKey', () => apiKey({ keys: {}, verify: () => null })],
    ['apiKey.keys.a', () => apiKey({ keys: { a: '15-characters..' } })],
    ['jwt.algorithms', () => jwt({ secret } as never)],
    ['jwt.algorithms', () => jwt({ secret, algorithms: [] })],
    ['jwt.algorithms', () => jwt({ secret, algorithms: ['none' as never] })],
    ['jwt.algorithms', () => jwt({ secret, algorithms: ['HS256', 'RS256'] })],
    ['jwt.algorithms', () => jwt({ jwksUrl: 'https://id.example', algorithms: ['HS256'] })],
    ['jwt', () => jwt({ algorithms: ['HS256'] })],
    ['jwt', () => jwt({ algorithms: ['HS256'], secret, jwksUrl: 'https://id.example' })],
    ['jwt.secret', () => jwt({ algorithms: ['HS256'], secret: 's'.repeat(31) })],
    ['jwt.secret', () => jwt({ algorithms: ['HS512'], secret })],
    ['jwt.jwksUrl', () => jwt({ algorithms: ['ES256'], jwksUrl: 'id' })],
    ['jwt.publicKey', () => jwt({ algorithms: ['ES256'], publicKey: 'id' })],
    ['jwt.realm', () => jwt({ algorithms: ['HS256'], secret, realm: 'a\r\nb' })],
    ['jwt.clockToleranceMs', () => jwt({ algorithms: ['HS256'], secret, clockToleranceMs: -1 })],
    ['jwt.jwks.cacheMs', () => jwt({ algorithms: ['HS256'], secret, jwks: { cacheMs: 0 } })],
    [
      'jwt.decryption.key',
      () =>
        jwt({ algorithms: ['HS256'], secret, decryption: { key: 'x', keyManagementAlgorithms: ['dir'] } }),
    ],
    ['@Authenticate', () => (Authenticate as () => unknown)()],
  ])('that cannot work are refused: %s', (option, make) => {
    expect(make).toThrow(`gatewire option "${option}": expected`);
    expect(make).not.toThrow(secret);
  });

  it('are taken at their edge', () => {
    expect(jwt({ algorithms: ['HS256'], secret }).challenge).toBe('Bearer realm="gatewire"');
    expect(apiKey({ keys: { a: '16-characters...' } }).challenge).toBe('ApiKey header="x-api-key"');
  });
});
