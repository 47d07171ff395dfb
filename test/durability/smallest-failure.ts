import { type KillReport, type KillSettings, runKills } from './run-kills.js';

/** Nothing is done twice in the same way by processes that are killed: each run gets so many tries. */
const tries = 3;

const steps: readonly Partial<KillSettings>[] = [
  { clients: 1, modes: ['after'] },
  { clients: 1, modes: ['before'] },
  { clients: 1, modes: ['transaction'] },
  { clients: 1 },
  { clients: 2 },
  {},
];

/**
 * Looks for a smaller run that fails as well: one client, one way to handle messages, and as few kills as it took. Gives the smallest that
 * it has found in the time it has, or the one that it was given.
 */
export async function smallestFailure(
  failed: KillSettings,
  report: KillReport,
  budgetMs = 120_000,
): Promise<{ readonly settings: KillSettings; readonly report: KillReport }> {
  const until = performance.now() + budgetMs;
  for (const step of steps) {
    for (let attempt = 0; attempt < tries && performance.now() < until; attempt++) {
      // A run ends at its first violation: more kills than it took are not needed.
      const settings = { ...failed, ...step, kills: Math.min(failed.kills, 20), seed: failed.seed + attempt };
      const smaller = await runKills(settings);
      if (smaller.violations.length > 0)
        return { settings: { ...settings, kills: smaller.kills }, report: smaller };
    }
  }
  return { settings: failed, report };
}
