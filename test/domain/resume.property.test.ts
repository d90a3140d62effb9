import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseLsn } from '../../workflows/domain/lsn.ts';
import { planDatabase, restoreSteps } from '../../workflows/domain/restore-plan.ts';
import { nextStep } from '../../workflows/domain/resume.ts';
import { anyServers, moments } from './support/histories.ts';
import { apply, restore, type Restoring } from './support/model-restore.ts';
import { full, log } from './support/set.ts';

test('a restore that dies after any step goes on behind it, and ends with the same content', () => {
  fc.assert(
    fc.property(anyServers, fc.nat(), (server, crash) => {
      for (const target of [...moments(server).filter((_, i) => i % 5 === 0), 'latest' as const]) {
        const outcome = planDatabase(server.store, target);
        if (!outcome.ok) continue;
        const steps = restoreSteps(outcome.plan);
        const sets = steps.map((step) => step.set);
        const done = crash % (steps.length + 1);

        const before = steps.slice(0, done).reduce<Restoring | null>((state, step) => apply(server, state, step), null);
        const redo =
          before === null ? { lsn: null, forkId: null } : { lsn: parseLsn(String(before.lsn)), forkId: before.fork };
        const next = nextStep(sets, redo);
        // A log inside which the restore stopped is taken again; one that was contained is not missed.
        if (before?.stopped !== true) assert.ok(next >= done, `${next} instead of ${done}`);
        const after = steps.slice(next).reduce<Restoring | null>((state, step) => apply(server, state, step), before);
        assert.equal(after?.content, restore(server, outcome.plan).content);
      }
    }),
    { numRuns: Number(process.env['PLAN_RUNS'] ?? 40) },
  );
});

const sets = [full('10:00:00', 100), log('10:10:00', 50, 200), log('10:20:00', 200, 300)];
const redo = (lsn: number | null, forkId: string | null = 'FORK-A') => ({
  lsn: lsn === null ? null : parseLsn(String(lsn)),
  forkId,
});

test('a database that is not there, or whose base was cut off, begins with the base', () => {
  assert.equal(nextStep(sets, redo(null)), 0);
  assert.equal(nextStep(sets, redo(null, null)), 0);
});

test('after the base comes the first log that ends behind it, wherever the redo point is', () => {
  assert.equal(nextStep(sets, redo(90)), 1, 'the base is in, even where the redo point lies before its end');
  assert.equal(nextStep(sets, redo(100)), 1);
  assert.equal(nextStep(sets, redo(199)), 1, 'stopped inside the log');
  assert.equal(nextStep(sets, redo(200)), 2);
  assert.equal(nextStep(sets, redo(300)), 3);
  assert.equal(nextStep(sets, redo(200, null)), 2, 'the fork is not known');
});

test('a redo point on a fork that is not in the plan begins anew', () => {
  assert.equal(nextStep(sets, redo(200, 'FORK-Z')), 0);
});
