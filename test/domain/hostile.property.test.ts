import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { chainHead } from '../../workflows/domain/chain.ts';
import { planDatabase } from '../../workflows/domain/restore-plan.ts';
import { restorableWindow } from '../../workflows/domain/window.ts';
import { covers } from '../../workflows/domain/interval.ts';
import { reachable } from './support/brute-force.ts';
import { hostileMoments, hostileSets } from './support/hostile-sets.ts';

const runs = { numRuns: Number(process.env['PLAN_RUNS'] ?? 100) };

test('manifests that contradict each other never make a plan that breaks the rules, nor an exception', () => {
  fc.assert(
    fc.property(hostileSets, (sets) => {
      assert.equal(planDatabase(sets, 'latest').ok, chainHead(sets) !== null);
      const { intervals } = restorableWindow(sets);
      for (const ms of hostileMoments) {
        const { ok } = planDatabase(sets, ms);
        if (ok) assert.ok(reachable(sets, ms));
        assert.equal(ok, covers(intervals, ms));
      }
    }),
    runs,
  );
});
