import { EventEmitter } from 'node:events';
import type { Connection } from '../../lib/connection/connection.js';
import { InboundFrame } from '../../lib/pipeline/inbound-frame.js';
import { hmacKey, staticKeys } from '../../lib/pipeline/stages/signing/signing-keys.js';
import { SigningStage } from '../../lib/pipeline/stages/signing/signing-stage.js';
import { ThrottledLog } from '../../lib/primitives/throttled-log.js';
import { readJwsHeader, splitJws } from '../../lib/protocol/jws-compact.js';
import { isGatewireError } from '../../lib/protocol/gatewire-error.js';
import { pick, type Random, wholeNumber } from '../protocol/random.js';
import { FakeClock } from '../support/fake-clock.js';
import { fuzz, mutate } from './fuzz.js';

const clock = new FakeClock();
const sink = { warn: () => undefined, error: () => undefined };
const stage = new SigningStage(
  {
    keys: staticKeys([hmacKey('k', Buffer.alloc(32))]),
    outbound: 'all',
    now: () => 1_800_000_000_000,
    maxNonces: 1_000_000,
  },
  { clock, log: new ThrottledLog(sink, clock), count: () => undefined },
);
const connection = new EventEmitter() as unknown as Connection;

/** A frame that the stage itself has signed: the valid input. */
function valid(data: string): string {
  const frame = { data, isBinary: false, codec: 'json', message: {} as never };
  void stage.outboundFrame(frame, () => undefined);
  return frame.data;
}

const headers = [
  '{"alg":"HS256","kid":"k","cty":"json","iat":1800000000,"nonce":"a"}',
  '{"alg":"none"}',
  '{"alg":"HS256","crit":[]}',
  '[]',
  'null',
  '{"alg":1}',
  '{"alg":"HS256","kid":{}}',
  '{"__proto__":{"alg":"HS256"}}',
];

function input(random: Random): Uint8Array {
  const token = valid(JSON.stringify({ event: 'x', data: wholeNumber(random, 1000) }));
  if (random() < 0.3) {
    const [, payload, signature] = token.split('.');
    return Buffer.from(
      [Buffer.from(pick(random, headers)).toString('base64url'), payload, signature].join('.'),
    );
  }
  return mutate(random, Buffer.from(token), Buffer.from(valid('{}')));
}

it('a signed frame that has been tampered with is refused with a typed error, and never passes changed', () => {
  let passed = 0;
  fuzz(input, (bytes) => {
    const frame = new InboundFrame(connection, Buffer.from(bytes), false);
    const before = Buffer.from(bytes).toString('latin1');
    try {
      void stage.inboundFrame(frame, () => {
        if (frame.protection?.signed === undefined) return;
        passed++;
        // Only what the stage has signed can have passed: its payload is that of the token as it was.
        if (before.split('.')[1] !== frame.data.toString('base64url')) throw new Error('another payload');
      });
    } catch (error) {
      if (!isGatewireError(error)) throw error;
    }
  });
  expect(passed).toBeLessThan(100);
});

it('no text takes the parser by surprise', () => {
  fuzz(
    (random) => Buffer.from(input(random)).toString('latin1'),
    (text) => {
      const parts = splitJws(text);
      if (parts !== undefined) readJwsHeader(Buffer.from(parts.header, 'base64url').toString());
      readJwsHeader(text);
    },
  );
});
