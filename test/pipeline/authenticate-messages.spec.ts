import type { Connection } from '../../lib/connection/connection.js';
import { InboundMessage } from '../../lib/pipeline/inbound-message.js';
import type { Protection } from '../../lib/pipeline/protection.js';
import {
  type AuthenticateMessagesOptions,
  AuthenticateMessagesStage,
} from '../../lib/pipeline/stages/authentication/authenticate-messages.stage.js';
import { FakeClock } from '../support/fake-clock.js';
import { PlainTokens } from '../support/plain-tokens.js';
import { TestStageHost } from '../support/stage-host.js';

class CountingTokens extends PlainTokens {
  verified = 0;
  override verifyToken(token: string) {
    this.verified++;
    return super.verifyToken(token);
  }
}

const connection = { principal: { id: 'teller' } } as unknown as Connection;
const owner = { entered: () => undefined, watched: () => undefined, expired: () => undefined, now: () => 0 };

function message(meta: Record<string, unknown> | undefined, protection?: Protection): InboundMessage {
  return new InboundMessage(connection, 'approve', null, 1, meta, 10, owner, protection);
}

function setUp(options: Partial<AuthenticateMessagesOptions> = {}) {
  const clock = new FakeClock();
  const strategy = new CountingTokens();
  const stage = new AuthenticateMessagesStage(
    { strategies: [strategy], ...options },
    new TestStageHost(clock),
  );
  const run = async (one: InboundMessage): Promise<InboundMessage> => {
    await stage.inbound(one, () => one.settle({ kind: 'value', value: 'passed' }));
    return one;
  };
  return { clock, strategy, run };
}

describe('credentials of messages', () => {
  it('are believed again for half a minute, and not longer than they hold', async () => {
    const { clock, strategy, run } = setUp();
    const take = async (token: string): Promise<number> => {
      await run(message({ token }));
      return strategy.verified;
    };
    expect(await take('alice')).toBe(1);
    clock.advance(29_999);
    expect(await take('alice')).toBe(1);
    clock.advance(1);
    expect(await take('alice')).toBe(2);
    expect(await take('alice/20')).toBe(3);
    clock.advance(19_000);
    expect(await take('alice/20')).toBe(3);
    clock.advance(1_000);
    expect(await take('alice/20')).toBe(4);
  });

  it('are taken out of meta, and all else stays', async () => {
    const { run } = setUp();
    const { meta, principal } = await run(message({ token: 'alice', trace: 't' }));
    expect([meta, principal]).toEqual([{ trace: 't' }, { id: 'alice', token: 'alice' }]);
  });

  it('may be the signature of the frame', async () => {
    const signed = { alg: 'EdDSA', kid: 'key-1', issuedAt: undefined };
    const { run } = setUp({
      strategies: [],
      bySignature: ({ kid }) => (kid === 'key-1' ? { id: 'signer' } : null),
    });
    expect((await run(message(undefined, { signed }))).principal).toEqual({ id: 'signer' });
    await expect(run(message(undefined, { signed: { ...signed, kid: 'key-2' } }))).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
    expect((await run(message(undefined))).outcome).toMatchObject({
      kind: 'error',
      error: { code: 'UNAUTHENTICATED' },
    });
  });

  it('go by the token where there are both', async () => {
    const signed = { alg: 'EdDSA', kid: 'key-1', issuedAt: undefined };
    const { run } = setUp({ bySignature: () => ({ id: 'signer' }) });
    const { principal } = await run(message({ token: 'alice' }, { signed }));
    expect(principal?.id).toBe('alice');
  });
});
