import { jest } from '@jest/globals';
import { describeWithRedis } from '../support/redis-server.js';
import type { StoreKind } from './mortals.js';
import { runKills } from './run-kills.js';
import { smallestFailure } from './smallest-failure.js';

const chosen = process.env['GATEWIRE_STORE'];
const asked = process.env['GATEWIRE_KILLS'];
const seed = Number(process.env['GATEWIRE_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

jest.setTimeout(240_000 + Number(asked ?? 0) * 2_000);

function keepsItsPromises(store: StoreKind, kills: number): void {
  if (chosen !== undefined && chosen !== store) return;
  it(`a server that is killed ${kills} times keeps what it has promised in ${store} (seed ${seed})`, async () => {
    const report = await runKills({ seed, kills, store });
    process.stdout.write(`${JSON.stringify({ ...report, violations: report.violations.length })}\n`);
    if (report.violations.length > 0) {
      const { settings, report: smallest } = await smallestFailure({ seed, kills, store }, report);
      process.stdout.write(`the smallest that fails: ${JSON.stringify(settings)}\n`);
      expect(smallest.violations.slice(0, 10)).toEqual([]);
    }
    expect(report).toMatchObject({ kills });
    // A run that has not met what it is for proves nothing.
    expect(report.deathsInside).toBeGreaterThan(kills / 10);
    expect(report.resumes).toBeGreaterThan(kills);
    expect(report.repeatedEffects).toBeGreaterThan(0);
    expect(report.unknown).toBeGreaterThan(0);
  });
}

describe('SQLite', () => keepsItsPromises('sqlite', Number(asked ?? 12)));
describeWithRedis('Redis', () => keepsItsPromises('redis', Number(asked ?? 6)));
