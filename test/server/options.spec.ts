import { Admission } from '../../lib/server/admission.js';
import { type EngineOptions, resolveEngineOptions } from '../../lib/server/options.js';

describe('options', () => {
  it('have the defaults that the README names', () => {
    const { limits, timeouts, heartbeat, concurrency, slowConsumer, fragmentBytes, drainMs, session } =
      resolveEngineOptions();
    expect(session).toMatchObject({
      resumeMs: 120_000,
      messages: 1_000,
      bytes: 1_048_576,
      away: 10_000,
      helloMs: 10_000,
    });
    expect(limits).toEqual({
      maxPayloadBytes: 1_048_576,
      maxFragments: 1024,
      maxBufferedChunks: 16_384,
      maxPendingAutoPongs: 60,
      jsonDepth: 64,
      batchItems: 256,
      sendQueueBytes: 1_048_576,
      inboundQueueMessages: 256,
      inboundQueueBytes: 262_144,
      roomsPerConnection: 128,
      requestsInFlight: 1024,
      connections: Infinity,
      connectionsPerAddress: Infinity,
      handshakesInFlight: 1024,
    });
    expect(timeouts).toEqual({
      handshakeMs: 10_000,
      connectMs: 10_000,
      authenticateMs: 10_000,
      expiryWarningMs: 60_000,
      idleMs: Infinity,
      closeMs: 5_000,
      requestMs: 10_000,
    });
    expect(heartbeat).toEqual({ intervalMs: 25_000, timeoutMs: 20_000 });
    expect({ concurrency, slowConsumer, fragmentBytes, drainMs }).toEqual({
      concurrency: 32,
      slowConsumer: 'disconnect',
      fragmentBytes: Infinity,
      drainMs: 30_000,
    });
  });

  it('are switched off with `false`', () => {
    const { limits, timeouts, heartbeat, concurrency } = resolveEngineOptions({
      limits: { sendQueueBytes: false },
      timeouts: { handshakeMs: false },
      heartbeat: false,
    });
    expect([limits.sendQueueBytes, timeouts.handshakeMs, heartbeat.intervalMs, concurrency]).toEqual([
      Infinity,
      Infinity,
      Infinity,
      32,
    ]);
  });

  it.each<[string, unknown]>([
    ['session.resumeMs', { session: { resumeMs: 0 } }],
    ['session.messages', { session: { messages: 0 } }],
    ['session.bytes', { session: { bytes: 1.5 } }],
    ['session.away', { session: { away: 0 } }],
    ['session.helloMs', { session: { helloMs: -1 } }],
    ['limits.jsonDepth', { limits: { jsonDepth: 0 } }],
    ['limits.batchItems', { limits: { batchItems: 1.5 } }],
    ['limits.sendQueueBytes', { limits: { sendQueueBytes: true } }],
    ['timeouts.connectMs', { timeouts: { connectMs: 2 ** 31 } }],
    ['heartbeat.intervalMs', { heartbeat: { intervalMs: -1 } }],
    ['concurrency', { concurrency: 0 }],
    ['slowConsumer', { slowConsumer: 'wait' }],
    ['fragmentBytes', { fragmentBytes: '1k' }],
    ['origins', { origins: ['app.example.com'] }],
    ['compatibility', { compatibility: 'socket.io' }],
    ['shutdown.drainMs', { shutdown: { drainMs: NaN } }],
  ])('are refused where they cannot work: %s', (option, options) => {
    expect(() => resolveEngineOptions(options as EngineOptions)).toThrow(
      `gatewire option "${option}": expected`,
    );
  });
});

describe('admission', () => {
  it('lets 1024 handshakes be in flight, and not one more until one is done', () => {
    const admission = new Admission(resolveEngineOptions().limits);
    for (let i = 0; i < 1024; i++) expect(admission.enter('10.0.0.1')).toBeUndefined();
    expect(admission.enter('10.0.0.1')).toMatchObject({ status: 503 });
    admission.handshakeDone();
    expect(admission.enter('10.0.0.1')).toBeUndefined();
    expect(admission.connections).toBe(1025);
  });
});
