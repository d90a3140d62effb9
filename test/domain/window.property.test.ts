import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { covers } from '../../workflows/domain/interval.ts';
import { planDatabase } from '../../workflows/domain/restore-plan.ts';
import { restorableWindow } from '../../workflows/domain/window.ts';
import { anyServers, moments } from './support/histories.ts';

const runs = { numRuns: Number(process.env['PLAN_RUNS'] ?? 40) };

test('the window holds a moment exactly when it can be planned', () => {
  fc.assert(
    fc.property(anyServers, (server) => {
      const { intervals } = restorableWindow(server.store);
      const ends = intervals.flatMap(({ fromMs, toMs }) => [fromMs - 1, fromMs, toMs, toMs + 1]);
      for (const ms of [...moments(server), ...ends]) {
        assert.equal(planDatabase(server.store, ms).ok, covers(intervals, ms), new Date(ms).toISOString());
      }
    }),
    runs,
  );
});

test('a refusal names the nearest moments on both sides that can be planned', () => {
  fc.assert(
    fc.property(anyServers, (server) => {
      const { intervals } = restorableWindow(server.store);
      for (const ms of moments(server)) {
        const outcome = planDatabase(server.store, ms);
        if (outcome.ok) continue;
        const { nearestBeforeMs, nearestAfterMs, reason } = outcome.refusal;
        assert.equal(nearestBeforeMs, intervals.findLast(({ toMs }) => toMs < ms)?.toMs ?? null);
        assert.equal(nearestAfterMs, intervals.find(({ fromMs }) => fromMs > ms)?.fromMs ?? null);
        assert.match(reason, /^[A-Z"].*\.$/);
        for (const near of [nearestBeforeMs, nearestAfterMs]) {
          if (near !== null) assert.ok(planDatabase(server.store, near).ok);
        }
      }
    }),
    runs,
  );
});

test('holes are what lies between the intervals, each with its reason', () => {
  fc.assert(
    fc.property(anyServers, (server) => {
      const { intervals, holes, latestMs } = restorableWindow(server.store);
      assert.equal(latestMs, intervals.at(-1)?.toMs ?? null);
      assert.deepEqual(
        holes.map(({ fromMs, toMs }) => ({ fromMs, toMs })),
        intervals.slice(1).map(({ fromMs }, i) => ({ fromMs: (intervals[i]?.toMs ?? 0) + 1, toMs: fromMs - 1 })),
      );
      for (const { fromMs, toMs, reason } of holes) {
        assert.ok(fromMs <= toMs);
        assert.notEqual(reason, '');
      }
    }),
    runs,
  );
});
