import { MemoryMessageLog } from '../../lib/store/memory/memory-message-log.js';
import type { LoggedMessage, LogQuery, MessageLog, Retention } from '../../lib/store/message-log.js';
import { createRandom, type Random, wholeNumber } from '../protocol/random.js';
import { EngineFixture } from '../support/engine-fixture.js';
import { until } from '../support/session-fixture.js';
import type { TestClient } from '../support/test-client.js';

/** Answers late, and out of order; what is appended takes its place at once, what is read is as of some time in between. */
class RestlessLog implements MessageLog {
  readonly #log = new MemoryMessageLog();
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  async append(log: string, message: LoggedMessage, retention: Retention) {
    const position = this.#log.append(log, message, retention);
    await this.#turns();
    return position;
  }

  async read(log: string, query: LogQuery) {
    await this.#turns();
    const page = this.#log.read(log, query);
    await this.#turns();
    return page;
  }

  remove(log: string): void {
    this.#log.remove(log);
  }

  async #turns(): Promise<void> {
    for (let left = wholeNumber(this.#random, 4); left > 0; left--)
      await new Promise((resolve) => setImmediate(resolve));
  }
}

const room = 'chat.1';

/** One subscriber, and what it knows. */
class Subscriber {
  readonly client: TestClient;
  readonly problems: string[] = [];
  epoch = '';
  /** The last message it has. */
  offset = 0;
  /** What was on its way while it asked comes again: up to here. */
  #again = 0;
  isIn = false;
  asked = 0;
  answered = 0;

  constructor(client: TestClient) {
    this.client = client;
    client.socket.on('message', (data: Buffer) => this.#take(JSON.parse(data.toString())));
  }

  enter(): void {
    const since = this.epoch === '' ? undefined : { epoch: this.epoch, offset: this.offset };
    this.client.send({ event: '$subscribe', id: `in-${++this.asked}`, data: { room, since } });
  }

  leave(): void {
    this.client.send({ event: '$unsubscribe', id: `out-${++this.asked}`, data: { room } });
  }

  #take(envelope: {
    id?: string;
    data: { epoch: string; offset: number; recovered?: boolean };
    offset?: number;
  }) {
    const { id, data, offset } = envelope;
    if (offset !== undefined) {
      if (!this.isIn) this.problems.push(`${offset} has come outside`);
      if (offset <= this.#again) return;
      if (offset !== this.offset + 1) this.problems.push(`${offset} has come after ${this.offset}`);
      this.offset = offset;
      return;
    }
    this.answered++;
    const wasIn = this.isIn;
    this.isIn = id?.startsWith('in') === true;
    if (!this.isIn) return;
    if (this.epoch !== '' && data.recovered !== true) this.problems.push('not recovered');
    if (this.epoch === '') this.offset = data.offset;
    else if (data.offset > this.offset) this.problems.push(`put to ${data.offset}`);
    this.epoch = data.epoch;
    this.#again = wasIn ? this.offset : 0;
  }
}

const seed = Number(process.env['GATEWIRE_SEED'] ?? 51_123);
const schedules = Number(process.env['GATEWIRE_SCHEDULES'] ?? 60);

it('gives each subscriber every message once, in order, whenever it comes, goes and comes back', async () => {
  const problems: string[] = [];
  for (let source = seed; source < seed + schedules; source++) {
    const found = await run(createRandom(source));
    problems.push(...found.map((problem) => `GATEWIRE_SEED=${source}: ${problem}`));
  }
  expect(problems).toEqual([]);
}, 600_000);

async function run(random: Random): Promise<string[]> {
  const server = await EngineFixture.start({
    authorizers: [{ pattern: '**', canSubscribe: () => true }],
    options: {
      history: { rooms: { 'chat.*': { count: 1_000 } }, log: new RestlessLog(random), pageBytes: 200 },
    },
  });
  const subscribers: Subscriber[] = [];
  for (let left = 3; left > 0; left--) subscribers.push(new Subscriber(await server.connect()));
  let published = 0;
  for (let steps = 80; steps > 0; steps--) {
    const dice = random();
    const subscriber = subscribers[wholeNumber(random, 3)] as Subscriber;
    if (dice < 0.5) server.endpoint.server.publish(room, 'n', ++published);
    else if (dice < 0.7) subscriber.enter();
    else if (dice < 0.8) subscriber.leave();
    else await new Promise((resolve) => setImmediate(resolve));
    // What is asked is asked from where the answer of before has put it.
    if (dice >= 0.5 && dice < 0.8) await until(() => subscriber.answered === subscriber.asked);
  }
  for (const subscriber of subscribers) subscriber.enter();
  await until(() =>
    subscribers.every(({ offset, answered, asked }) => offset === published && answered === asked),
  );
  await server.stop();
  return subscribers.flatMap((subscriber) => subscriber.problems);
}
