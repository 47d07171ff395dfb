import { bearerToken, selectSubprotocol, subprotocolRefusal } from '../../lib/protocol/index.js';

const bearer = `gatewire.bearer.${Buffer.from('tökén').toString('base64url')}`;

describe('subprotocols', () => {
  it.each<[string[], string | false]>([
    [[], false],
    [['gatewire.plain'], 'gatewire.plain'],
    [['gatewire.v1.json', 'gatewire.plain'], 'gatewire.v1.json'],
    [['gatewire.plain', 'gatewire.v1.json'], 'gatewire.plain'],
    [[bearer, 'gatewire.v1.json'], 'gatewire.v1.json'],
    [[bearer], false],
    [['gatewire.v9.json', 'gatewire.plain'], 'gatewire.plain'],
    [['gatewire.v9.json'], false],
    [['chat', 'gatewire.plain'], 'gatewire.plain'],
    [['chat', 'talk'], 'chat'],
    [[bearer, 'chat'], 'chat'],
  ])('of %j the server selects %j', (offered, selected) => {
    expect(selectSubprotocol(new Set(offered))).toBe(selected);
    expect(subprotocolRefusal(offered) === undefined).toBe(selected !== false || offered.length === 0);
  });

  it('are refused with a hint when there is only a token', () => {
    expect(subprotocolRefusal([bearer])).toContain('gatewire.v1.json');
    expect(subprotocolRefusal([bearer])).not.toContain(bearer);
  });

  it('carry a token', () => {
    expect(bearerToken(['gatewire.plain', bearer])).toBe('tökén');
    expect(bearerToken(['gatewire.plain'])).toBeUndefined();
  });

  it.each(['gatewire.bearer.*', 'gatewire.bearer._w'])('carry no token in %s', (name) => {
    expect(bearerToken([name])).toBeUndefined();
  });
});
