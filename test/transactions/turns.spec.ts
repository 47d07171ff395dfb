import { Turns } from '../../lib/store/transaction/turns.js';

/** Work that tells when it begins, and ends when it is told to. */
function held(name: string, began: string[]) {
  let end!: (error?: Error) => void;
  const over = new Promise<void>((resolve, reject) => {
    end = (error) => (error === undefined ? resolve() : reject(error));
  });
  const work = (): Promise<string> => {
    began.push(name);
    return over.then(() => name);
  };
  return { work, end };
}

it('lets one begin when the one before has ended, and single statements before all that waits', async () => {
  const turns = new Turns();
  const began: string[] = [];
  const [first, second, third] = ['first', 'second', 'third'].map((name) => held(name, began));
  const done = [turns.run(first!.work), turns.run(second!.work), turns.runNext(third!.work)];
  await Promise.resolve();
  expect(began).toEqual(['first']);
  for (const { end } of [first!, second!, third!]) end();
  expect(await Promise.all(done)).toEqual(['first', 'second', 'third']);
  expect(began).toEqual(['first', 'third', 'second']);
});

it('goes on after one that has failed or thrown, and when it was idle', async () => {
  const turns = new Turns();
  const began: string[] = [];
  const failing = held('failing', began);
  const failed = turns.run(failing.work);
  const thrown = turns.run(() => {
    throw new Error('at once');
  });
  const last = turns.run(async () => 'last');
  failing.end(new Error('no'));
  await expect(failed).rejects.toThrow('no');
  await expect(thrown).rejects.toThrow('at once');
  expect(await last).toBe('last');
  expect(await turns.run(async () => 'again')).toBe('again');
});
