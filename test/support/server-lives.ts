import { MemorySessionStore } from '../../lib/store/memory/memory-session-store.js';
import type { FixtureOptions } from './engine-fixture.js';
import { LateSessionStore } from './late-session-store.js';
import { SessionFixture } from './session-fixture.js';

/** One life of a server. */
export interface Life {
  readonly at: SessionFixture;
  /** What it sees of the store. */
  readonly store: LateSessionStore;
}

/** Servers, one after another or side by side, on the same store of sessions. */
export class ServerLives {
  readonly disk = new MemorySessionStore();
  readonly #started: SessionFixture[] = [];

  async start(fixture: FixtureOptions = {}, store = new LateSessionStore(this.disk)): Promise<Life> {
    const session = fixture.options?.session ?? {};
    const options = { ...fixture.options, session: { ...session, store } };
    const at = await SessionFixture.start({ ...fixture, options });
    this.#started.push(at);
    return { at, store };
  }

  /** The process dies, at once: nothing of it reaches the store or its clients any more. */
  async kill({ at, store }: Life): Promise<void> {
    store.cut();
    for (const client of at.fixture.clients) client.terminate();
    await Promise.all(at.fixture.clients.map((client) => client.closed));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#started.map((at) => at.fixture.stop()));
  }
}
