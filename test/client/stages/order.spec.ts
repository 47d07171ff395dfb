import { pipeline } from '../../../lib/client/pipeline.js';
import { deduplicate } from '../../../lib/client/stages/deduplicate.js';
import { ClientFixture } from '../support/client-fixture.js';

let fixture: ClientFixture;
beforeEach(async () => {
  fixture = await ClientFixture.start();
});
afterEach(() => fixture.stop());

it('tells what came before a connection ended, although a stage was still at work on it, before the next begins', async () => {
  const goOn: (() => void)[] = [];
  const [client, side] = await fixture.open({
    pipeline: pipeline(
      {
        name: 'slow',
        inbound: async ({ envelope }, next) => {
          if (envelope.event === 'note') await new Promise<void>((resolve) => goOn.push(resolve));
          return next();
        },
      },
      deduplicate(),
    ),
  });
  const heard: unknown[] = [];
  client.on('note', (data) => heard.push(data));
  client.when('state', ({ state }) => state !== 'open' && heard.push(state));
  const note = (data: number) => ({ event: 'note', data, meta: { key: String(data) } });
  side.send(note(1), note(2));
  await fixture.until(() => goOn.length === 1);
  side.socket.close(1012);
  await side.until(({ closed }) => closed !== undefined);
  expect(heard).toEqual([]);
  goOn.shift()?.();
  await fixture.until(() => goOn.length === 1);
  goOn.shift()?.();
  await fixture.comeBack({ resumed: true, recovered: true, seq: 3 });
  expect(heard.slice(0, 3)).toEqual([1, 2, 'waiting']);
});
