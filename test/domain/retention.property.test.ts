import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { BackupSet } from '../../workflows/domain/backup-set.ts';
import { planDatabase, restoreSteps } from '../../workflows/domain/restore-plan.ts';
import { readStore, readsTheSame } from '../../workflows/domain/retention-check.ts';
import { decideRetention, type KeepReason, type RetentionVerdict } from '../../workflows/domain/retention.ts';
import { restorableWindow } from '../../workflows/domain/window.ts';
import { intersection } from '../../workflows/domain/interval.ts';
import { reachable } from './support/brute-force.ts';
import { anyServers, clockServers, everydayServers, moments } from './support/histories.ts';
import { restore } from './support/model-restore.ts';
import type { ModelServer } from './support/model-server.ts';

const runs = { numRuns: Number(process.env['PLAN_RUNS'] ?? 60) };

interface Scene {
  readonly server: ModelServer;
  readonly sets: readonly BackupSet[];
  readonly verdicts: readonly RetentionVerdict[];
  readonly left: readonly BackupSet[];
  readonly fromMs: number;
  readonly nowMs: number;
  readonly minFulls: number;
  readonly again: () => readonly RetentionVerdict[];
}

/** A history of a server, and a window that begins somewhere inside of it, mostly at one of its edges. */
function scenes(servers: fc.Arbitrary<ModelServer>): fc.Arbitrary<Scene> {
  return fc
    .record({
      server: servers,
      begin: fc.nat(),
      late: fc.constantFrom(0, 1, 60_000),
      minFulls: fc.integer({ min: 1, max: 3 }),
      named: fc.array(fc.nat(), { maxLength: 2 }),
    })
    .map(({ server, begin, late, minFulls, named }) => {
      const sets = server.store;
      const edges = moments(server);
      const nowMs = server.now + late;
      const fromMs = Math.min(edges[begin % edges.length] ?? nowMs, nowMs);
      const protections =
        sets.length === 0 ? [] : named.map((n) => ({ setId: sets[n % sets.length]?.id ?? '', reason: 'held' }));
      const decide = (of: readonly BackupSet[]): RetentionVerdict[] =>
        decideRetention({ sets: of, policy: { windowMs: nowMs - fromMs, minFulls }, nowMs, protections });
      const verdicts = decide(sets);
      const left = keptOf(verdicts);
      for (const { setId } of protections)
        assert.ok(
          left.some(({ id }) => id === setId),
          'what is held stays',
        );
      return { server, sets, verdicts, left, fromMs, nowMs, minFulls, again: () => decide(left) };
    });
}

function keptOf(verdicts: readonly RetentionVerdict[]): BackupSet[] {
  return verdicts.flatMap(({ set, keptFor }) => (keptFor === null ? [] : [set]));
}

function planned(sets: readonly BackupSet[], target: number | 'latest'): readonly string[] | null {
  const outcome = planDatabase(sets, target);
  return outcome.ok ? restoreSteps(outcome.plan).map(({ set, stopAt }) => `${set.id} ${stopAt}`) : null;
}

/** Moments of the window at which any plan may change. */
function inside({ server, fromMs, nowMs }: Scene): number[] {
  return [fromMs, ...moments(server).filter((ms) => ms >= fromMs && ms <= nowMs), nowMs];
}

test('every moment of the window that could be restored to still can, by the very same plan, and so can the latest', () => {
  fc.assert(
    fc.property(scenes(anyServers), (scene) => {
      const { sets, left, fromMs, nowMs } = scene;
      const span = [{ fromMs, toMs: nowMs }];
      const before = restorableWindow(sets).intervals;
      const after = restorableWindow(left).intervals;
      assert.deepEqual(intersection(after, span), intersection(before, span));
      assert.deepEqual(intersection(after, before), after, 'no moment is shown that was not reachable before');
      for (const ms of [...inside(scene), 'latest' as const]) assert.deepEqual(planned(left, ms), planned(sets, ms));
    }),
    runs,
  );
});

test('trying every order of backups reaches the same moments of the window as before', () => {
  fc.assert(
    fc.property(scenes(everydayServers), (scene) => {
      for (const ms of inside(scene)) assert.equal(reachable(scene.left, ms), reachable(scene.sets, ms));
    }),
    runs,
  );
});

test('what can still be restored, inside the window or before it, is what the database was then', () => {
  fc.assert(
    fc.property(scenes(fc.oneof(everydayServers, clockServers)), ({ server, left }) => {
      for (const ms of moments(server)) {
        const outcome = planDatabase(left, ms);
        if (outcome.ok) assert.equal(restore(modelWith(server, left), outcome.plan).content, server.contentAt(ms));
      }
    }),
    runs,
  );
});

/** Restores read the store and the backups only. */
function modelWith(server: ModelServer, store: readonly BackupSet[]): ModelServer {
  return { store, backups: server.backups } as unknown as ModelServer;
}

test('a set stays exactly when the window, a plan for a moment of it, or one of the other rules names it', () => {
  fc.assert(
    fc.property(scenes(anyServers), (scene) => {
      const { sets, verdicts, fromMs } = scene;
      const used = new Set(inside(scene).flatMap((ms) => planned(sets, ms)?.map((step) => step.split(' ')[0]) ?? []));
      const repaired = sets.map((set) => ({ ...set, isDamaged: false }));
      const latest = new Set(planned(sets, 'latest')?.map((step) => step.split(' ')[0]));
      for (const { set, keptFor } of verdicts) {
        const young = [set.startedAt, set.finishedAt, set.lastValidRestoreTime ?? ''].some(
          (at) => Date.parse(at) + 1000 > fromMs,
        );
        if (young || used.has(set.id) || latest.has(set.id)) assert.notEqual(keptFor, null, `${set.id} is needed`);
        if (!young && used.has(set.id)) assert.ok(['reachable', 'protected'].includes(keptFor ?? ''), String(keptFor));
        const reasons: Record<KeepReason, () => boolean> = {
          'in-window': () => young,
          reachable: () => used.has(set.id),
          'before-window': () => used.size === 0,
          'newest-chain': () => latest.has(set.id),
          'newest-fulls': () => scene.minFulls > 0,
          'differential-base': () => set.kind === 'full' && !set.copyOnly,
          repairable: () => sets.some((each) => each.isDamaged) && repaired.length > 0,
          protected: () => true,
          evidence: () => true,
          uncertain: () => false,
          'nothing-usable': () => sets.every((each) => each.kind !== 'full' || each.isDamaged),
        };
        if (keptFor !== null) assert.ok(reasons[keptFor](), `${set.id} stays as ${keptFor}`);
      }
    }),
    runs,
  );
});

test('evidence is the fewest of the newest that make the rest read as before', () => {
  fc.assert(
    fc.property(scenes(anyServers), ({ sets, verdicts, fromMs, nowMs }) => {
      const gone = new Set(verdicts.flatMap(({ set, keptFor }) => (keptFor === null ? [set.id] : [])));
      const newest = verdicts
        .filter(({ keptFor }) => keptFor === 'evidence')
        .map(({ set }) => set)
        .sort((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt) || (a.id < b.id ? 1 : -1));
      if (newest[0] === undefined) return;
      const without = sets.filter((set) => !gone.has(set.id) && set.id !== newest[0]?.id);
      assert.ok(!readsTheSame(readStore(sets), readStore(without), [{ fromMs, toMs: nowMs }]));
    }),
    runs,
  );
});

test('deciding again about what is left removes nothing more', () => {
  fc.assert(
    fc.property(scenes(anyServers), ({ left, again }) => {
      assert.deepEqual(keptOf(again()), left);
    }),
    runs,
  );
});
