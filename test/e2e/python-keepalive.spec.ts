import { jest } from '@jest/globals';
import { EngineFixture } from '../support/engine-fixture.js';
import { hasPythonWebsockets, runPython } from './python-client.js';
import { describeWith } from './required-program.js';

// A minute of real time, as the keepalive is the other side's: a file of its own, so that others go on beside it.
jest.setTimeout(90_000);

const minute = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 60 * 1000));

describeWith('python3-websockets', hasPythonWebsockets)("Python's keepalive of 20 s", () => {
  it('survives a handler of 60 s, also one that holds up 500 messages behind it', async () => {
    const handlers = {
      slow: (_data: unknown, message: { id: unknown }) => (message.id === undefined ? undefined : minute()),
    };
    const [plain, flooded] = await Promise.all([
      EngineFixture.start({ handlers }),
      EngineFixture.start({ handlers, options: { concurrency: 1 } }),
    ]);
    const [first, second] = await Promise.all([
      runPython('slow', plain.url, '0'),
      runPython('slow', flooded.url, '500'),
    ]);
    for (const { frame, seconds } of [first, second]) {
      expect(frame).toEqual({ id: 'slow', data: null });
      expect(seconds).toBeGreaterThanOrEqual(60);
    }
    expect(flooded.engine.server.stats().counters.inboundPauses).toBeGreaterThan(0);
    await Promise.all([plain.stop(), flooded.stop()]);
  });
});
