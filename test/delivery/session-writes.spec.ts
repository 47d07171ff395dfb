import { SessionWrites } from '../../lib/delivery/session-writes.js';
import type { SessionStore } from '../../lib/store/session-store.js';

/** A store whose answers are given by hand; it is busy with one call. */
class StoreByHand implements Pick<SessionStore, 'write' | 'isBusy'> {
  readonly written: string[] = [];
  readonly #answers: { resolve: () => void; reject: (error: Error) => void }[] = [];

  get isBusy(): boolean {
    return this.#answers.length >= 1;
  }

  write(id: string): Promise<void> {
    this.written.push(id);
    return new Promise<void>((resolve, reject) => this.#answers.push({ resolve, reject }));
  }

  /** Answers all that is under way, at once. */
  answer(error?: Error): void {
    for (const { resolve, reject } of this.#answers.splice(0)) {
      if (error === undefined) resolve();
      else reject(error);
    }
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('writes of sessions', () => {
  let store: StoreByHand;
  let writes: SessionWrites;
  beforeEach(() => {
    store = new StoreByHand();
    writes = new SessionWrites(store as unknown as SessionStore, 'me');
  });
  /** As a session does. */
  const write = (id: string): void => {
    const work = (): void => void writes.write(id, {})?.then(undefined, () => undefined);
    if (writes.mustWait) writes.wait(work);
    else work();
  };

  it('have their turns in the order in which they came', async () => {
    for (const id of ['a', 'b', 'c']) write(id);
    expect(store.written).toEqual(['a']);
    const handed = writes.handed();
    store.answer();
    await turn();
    expect(store.written).toEqual(['a', 'b']);
    // Not before who stands in line.
    write('d');
    for (let i = 0; i < 2; i++) {
      store.answer();
      await turn();
    }
    expect(store.written).toEqual(['a', 'b', 'c', 'd']);
    await handed;
    await writes.handed();
  });

  it('have their turns after everybody has heard what has failed at the same time', async () => {
    const heard: string[] = [];
    const fails = (id: string): void =>
      void writes
        .write(id, {})
        ?.then(undefined, (error: unknown) => heard.push(`${id}: ${(error as Error).message}`));
    fails('a');
    fails('b');
    writes.wait(() => heard.push('turn'));
    store.answer(new Error('full'));
    await turn();
    expect(heard).toEqual(['a: full', 'b: full', 'turn']);
  });
});
