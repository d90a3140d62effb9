import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { limitMends } from '../../workflows/domain/mends.ts';
import type { StoreChain } from '../../workflows/domain/plan-types.ts';

type Work = Parameters<typeof limitMends>[0];

/** A chain that is restorable up to a moment; null for one of data backups only. */
function chain(database: string, latestRestorableMs: number | null): [string, StoreChain] {
  return [
    database,
    { database, head: { latestRestorableMs }, differentialBases: [], lost: null } as unknown as StoreChain,
  ];
}

test('the most exposed are mended first: what cannot be restored at all, then what has waited longest', () => {
  const work: Work = [
    { database: 'fresh', action: 'differential', reason: 'log-taken-elsewhere' },
    { database: 'old', action: 'differential', reason: 'log-taken-elsewhere' },
    { database: 'fine', action: 'log' },
    { database: 'new', action: 'full', reason: 'first-backup' },
    { database: 'data only', action: 'full', reason: 'log-chain-not-started' },
  ];
  const chains = new Map([chain('fresh', 2_000), chain('old', 1_000), chain('data only', null)]);
  const { work: now, waiting } = limitMends(work, chains, 3);
  assert.deepEqual(
    now.map(({ database }) => database),
    ['old', 'fine', 'new', 'data only'],
  );
  assert.deepEqual(waiting, [{ database: 'fresh', action: 'differential', reason: 'log-taken-elsewhere' }]);
});

test('a backup that was asked for never waits, and every mend is taken or waits', () => {
  const item = fc.record({ mends: fc.boolean(), latest: fc.option(fc.nat(5)) });
  fc.assert(
    fc.property(fc.array(item, { maxLength: 30 }), fc.integer({ min: 1, max: 10 }), (items, most) => {
      const work: Work = items.map(({ mends }, i) =>
        mends ? { database: `db${i}`, action: 'full', reason: 'file-lost' } : { database: `db${i}`, action: 'log' },
      );
      const chains = new Map(items.map(({ latest }, i) => chain(`db${i}`, latest)));
      const { work: now, waiting } = limitMends(work, chains, most);
      const mends = work.filter(({ reason }) => reason !== undefined);
      assert.equal(now.filter(({ reason }) => reason !== undefined).length, Math.min(most, mends.length));
      assert.equal(now.length + waiting.length, work.length);
      const exposed = (database: string): number => chains.get(database)?.head?.latestRestorableMs ?? -1;
      const taken = now.filter(({ reason }) => reason !== undefined).map(({ database }) => exposed(database));
      for (const { database } of waiting) assert.ok(taken.every((latest) => latest <= exposed(database)));
    }),
  );
});
