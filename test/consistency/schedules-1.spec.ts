import { expectSchedules } from './expect-schedules.js';

it('every message finds its one end, whatever happens to connections, pages and servers (part 1 of 2)', async () => {
  await expectSchedules(0);
}, 14_400_000);
