import { GatewireError } from '../../lib/protocol/gatewire-error.js';
import { EngineFixture } from '../support/engine-fixture.js';
import { hasPythonWebsockets, runPython } from './python-client.js';
import { describeWith } from './required-program.js';

describeWith('python3-websockets', hasPythonWebsockets)('a Python asyncio client', () => {
  it('echoes, joins, receives a broadcast, a stream and fragments, gets error replies, and sees a close code', async () => {
    const fixture: EngineFixture = await EngineFixture.start({
      options: { fragmentBytes: 4096 },
      handlers: {
        echo: (data) => data,
        join: (room, { connection }) => connection.join(room as string),
        announce: (data) => fixture.endpoint.server.to('lobby').emit('news', data),
        fail: () => {
          throw new GatewireError('NOT_FOUND', 'no such thing');
        },
        long: () => 'x'.repeat(100_000),
        async *count() {
          yield* [1, 2, 3];
          await Promise.resolve();
        },
        close: (_data, { connection }) => connection.close(4404, 'gone'),
      },
    });
    expect(await runPython('tour', fixture.url)).toEqual({
      echo: { id: 1, data: { text: 'grüße' } },
      joined: { id: 2, data: null },
      broadcast: { event: 'news', data: 'to all' },
      error: { id: 3, error: { code: 'NOT_FOUND', message: 'no such thing' } },
      refused: {
        event: 'exception',
        data: expect.objectContaining({ status: 'error', code: 'BAD_JSON' }) as unknown,
      },
      long: 100_000,
      stream: [
        { id: 5, data: 1, more: true },
        { id: 5, data: 2, more: true },
        { id: 5, data: 3, more: true },
        { id: 5, done: true },
      ],
      closed: [4404, 'gone'],
    });
    await fixture.stop();
  });
});
