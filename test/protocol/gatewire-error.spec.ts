import {
  checkEventName,
  decodeEnvelope,
  ErrorCode,
  GatewireError,
  isGatewireError,
} from '../../lib/protocol/index.js';

describe('GatewireError', () => {
  it('is known by its brand, not by its class', () => {
    expect(isGatewireError(new GatewireError(ErrorCode.NotFound, 'no such order'))).toBe(true);
    expect(isGatewireError({ [Symbol.for('gatewire:error')]: true })).toBe(true);
    expect([new Error('no'), null, undefined, 'no', {}].some(isGatewireError)).toBe(false);
  });

  it('keeps what it is given', () => {
    const cause = new Error('below');
    const error = new GatewireError('ROOM_FULL', 'full', {
      details: { seats: 4 },
      remediation: 'wait',
      cause,
    });
    expect(error).toMatchObject({
      code: 'ROOM_FULL',
      message: 'full',
      details: { seats: 4 },
      remediation: 'wait',
      cause,
    });
    expect(error).toBeInstanceOf(Error);
  });

  it('never says what the peer sent', () => {
    expect(() => decodeEnvelope('{"event": secret}')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('secret') as string }),
    );
  });
});

describe('checkEventName', () => {
  it.each([['a'], ['a'.repeat(128)], ['a$']])('takes %s', (name) =>
    expect(() => checkEventName(name)).not.toThrow(),
  );

  it.each([
    ['', 'BAD_REQUEST'],
    ['a'.repeat(129), 'BAD_REQUEST'],
    ['$hello', 'RESERVED_EVENT'],
  ])('refuses %s', (name, code) =>
    expect(() => checkEventName(name)).toThrow(expect.objectContaining({ code })),
  );
});
