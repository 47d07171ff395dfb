import { jest } from '@jest/globals';
import { runKills } from './run-kills.js';

jest.setTimeout(180_000);

/** Each has to be caught within so many kills. */
const kills = 60;
const seed = Number(process.env['GATEWIRE_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

it.each([
  'persist-after-ack',
  'group-commit-acks-early',
  'replay-from-the-wrong-epoch',
  'settle-after-commit',
])(`a server with the defect "%s" is caught (seed ${seed})`, async (mutant) => {
  const { violations, kills: needed } = await runKills({ seed, kills, mutant });
  process.stdout.write(`${mutant}: caught after ${needed} kills: ${violations[0]?.slice(0, 120)}\n`);
  expect(violations).not.toEqual([]);
  // By what it does, and not by a mistake in the mutant itself.
  expect(violations.join()).not.toMatch(/TypeError|ReferenceError/);
});
