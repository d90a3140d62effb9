import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { DatabasePlan } from '../../workflows/domain/plan-types.ts';
import { planDatabase } from '../../workflows/domain/restore-plan.ts';
import { reachable } from './support/brute-force.ts';
import { clockServers, everydayServers, moments, rewoundServers } from './support/histories.ts';
import { restore } from './support/model-restore.ts';
import type { Commit, ModelServer } from './support/model-server.ts';

const runs = { numRuns: Number(process.env['PLAN_RUNS'] ?? 40) };

test('a planned restore gives exactly the commits at or before the target', () => {
  fc.assert(
    fc.property(fc.oneof(everydayServers, clockServers), (server) => {
      for (const ms of moments(server)) {
        const outcome = planDatabase(server.store, ms);
        if (outcome.ok) assertRestores(server, outcome.plan);
      }
    }),
    runs,
  );
});

test('a moment is planned exactly when trying every order of backups reaches it', () => {
  fc.assert(
    fc.property(everydayServers, (server) => {
      for (const ms of moments(server)) {
        assert.equal(planDatabase(server.store, ms).ok, reachable(server.store, ms), new Date(ms).toISOString());
      }
    }),
    runs,
  );
});

test('latest applies everything of the newest chain, and nothing is missing up to the moment it names', () => {
  fc.assert(
    fc.property(everydayServers, (server) => {
      const outcome = planDatabase(server.store, 'latest');
      if (!outcome.ok) {
        assert.ok(server.store.every((set) => set.kind !== 'full' || set.isDamaged));
        return;
      }
      const { content } = restore(server, outcome.plan);
      // What happened within the second that a header names cannot be told.
      const { targetMs } = outcome.plan;
      if (server.replacedBetween(targetMs, targetMs + 1000)) return;
      const then = server.contentAt(targetMs);
      assert.ok(then !== 'absent' && contains(content, then), 'a commit from before the moment is missing');
    }),
    runs,
  );
});

test('a server that was put back to a snapshot never makes a restore mix two histories', () => {
  fc.assert(
    fc.property(rewoundServers, (server) => {
      for (const target of [...moments(server), 'latest' as const]) {
        const outcome = planDatabase(server.store, target);
        if (outcome.ok) restore(server, outcome.plan);
      }
    }),
    runs,
  );
});

function assertRestores(server: ModelServer, plan: DatabasePlan): void {
  const found = restore(server, plan);
  assert.equal(describe(found.content), describe(server.contentAt(plan.targetMs)));
  assert.ok(plan.reach === 'nothing-between' || found.stopped);
}

function describe(content: Commit | null | 'absent'): string {
  if (content === 'absent') return 'no database';
  return content === null ? 'empty' : `up to ${content.lsn} of ${new Date(content.ms).toISOString()}`;
}

function contains(content: Commit | null, part: Commit | null): boolean {
  if (part === null) return true;
  for (let at = content; at !== null; at = at.previous) if (at === part) return true;
  return false;
}
