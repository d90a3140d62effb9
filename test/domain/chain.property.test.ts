import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { chainHead, storeChain } from '../../workflows/domain/chain.ts';
import { decideBackup, type Decision } from '../../workflows/domain/decide.ts';
import { planDatabase } from '../../workflows/domain/restore-plan.ts';
import { restorableWindow } from '../../workflows/domain/window.ts';
import { anyServers } from './support/histories.ts';
import { restore } from './support/model-restore.ts';
import type { ModelServer } from './support/model-server.ts';

const runs = { numRuns: Number(process.env['PLAN_RUNS'] ?? 100) };

test('whatever happened, three runs mend the chain: the fourth takes a plain log backup, and its start can be restored', () => {
  fc.assert(
    fc.property(anyServers, (server) => {
      server.create();
      server.setModel('FULL');
      let last: Decision | null = null;
      let startMs = 0;
      for (let n = 0; n < 4; n += 1) {
        server.pass(61_000);
        server.commit();
        server.pass(2_000);
        startMs = server.now;
        last = logRun(server);
      }
      assert.deepEqual(last, { database: 'db1', action: 'log' });

      const head = chainHead(server.store);
      const coveredMs = Math.floor(startMs / 1000) * 1000;
      assert.ok(head?.latestRestorableMs != null && head.latestRestorableMs >= coveredMs);
      const outcome = planDatabase(server.store, coveredMs);
      assert.ok(outcome.ok);
      assert.equal(restore(server, outcome.plan).content, server.contentAt(coveredMs));
    }),
    runs,
  );
});

test('the head names a fork of the store and the end of the window on it', () => {
  fc.assert(
    fc.property(anyServers, (server) => {
      const head = chainHead(server.store);
      const { latestMs } = restorableWindow(server.store);
      if (head === null) {
        assert.ok(server.store.every((set) => set.kind !== 'full' || set.isDamaged));
        return;
      }
      const set = server.store.find((each) => each.id === head.lastSetId);
      assert.equal(set?.lastLsn, head.lastLsn);
      assert.equal(set?.recoveryForkId, head.recoveryForkId);
      if (head.latestRestorableMs === null) return;
      assert.ok(latestMs !== null && head.latestRestorableMs <= latestMs);
      assert.ok(planDatabase(server.store, head.latestRestorableMs).ok);
    }),
    runs,
  );
});

/** One run of the product over the one database: decide, back up, store. */
function logRun(server: ModelServer): Decision {
  const state = server.state();
  assert.ok(state);
  const decision = decideBackup('log', state, storeChain('db1', server.store));
  assert.notEqual(decision.action, 'skip');
  if (decision.action !== 'skip') {
    server.backUp({ kind: decision.action, copyOnly: false, fate: 'stored', lasts: [400, 900], busy: true });
  }
  return decision;
}
