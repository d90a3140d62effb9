import type { InstanceStanding, ShownDatabase } from './fleet.ts';

/**
 * Databases in the order in which they deserve a series of their own. What an instance's own series cannot tell is which of its
 * databases stays behind the others, so the lag behind the instance's best decides. It counts in powers of two minutes, and names
 * decide among equals: a database that is merely a few seconds behind must not push another one out at every run, for series that
 * come and go cost as much as series that stay.
 */
export function byLag(instances: readonly Pick<InstanceStanding, 'instance' | 'databases'>[]): ShownDatabase[] {
  return instances
    .flatMap(({ instance, databases }) => {
      const known = databases.flatMap(({ database, latestRestorableMs }) =>
        latestRestorableMs === null ? [] : [{ instance, database, latestRestorableMs }],
      );
      const best = known.reduce((latest, each) => Math.max(latest, each.latestRestorableMs), -Infinity);
      return known.map((each) => ({ each, rank: rank(best - each.latestRestorableMs) }));
    })
    .sort((a, b) => b.rank - a.rank || compare(a.each, b.each))
    .map(({ each }) => each);
}

function rank(lagMs: number): number {
  return Math.max(0, Math.ceil(Math.log2(lagMs / 60_000)));
}

function compare(a: ShownDatabase, b: ShownDatabase): number {
  if (a.instance !== b.instance) return a.instance < b.instance ? -1 : 1;
  return a.database < b.database ? -1 : a.database > b.database ? 1 : 0;
}
