import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BackupSet } from '../../workflows/domain/backup-set.ts';
import { restorableWindow } from '../../workflows/domain/window.ts';
import { differential, full, log, ms, type SetFields } from './support/set.ts';

/** A hole between two chains, the second of them begun by what `change` says. */
function reasonOf(change: SetFields, logChange: SetFields = change): string {
  const second = full('11:00:00', 500, change);
  const sets: BackupSet[] = [
    full('10:00:00', 100),
    log('10:10:00', 90, 200),
    second,
    log('11:10:00', 495, 600, { beginsLogChain: false, ...logChange }),
  ];
  const { holes } = restorableWindow(sets);
  assert.equal(holes.length, 1);
  const [hole] = holes;
  assert.ok(hole);
  assert.deepEqual([hole.fromMs, hole.toMs], [ms('10:10:00.001'), ms('11:00:00.999')]);
  return hole.reason;
}

test('a hole says what happened: a log that is not there, a restore, another database, a recovery model', () => {
  const stretch =
    'The backups in the store do not cover the time between 2026-03-01T10:10:00Z and 2026-03-01T11:00:01Z';
  assert.equal(
    reasonOf({}),
    `${stretch}: the log from LSN 200 to 495 is not in the store; another tool backed it up, or its file was removed.`,
  );
  assert.equal(
    reasonOf({ recoveryForkId: 'FORK-B', firstRecoveryForkId: 'FORK-B' }),
    `${stretch}: it was restored over, and what was logged before that was not backed up.`,
  );
  assert.equal(reasonOf({ familyId: 'FAMILY-2' }), `${stretch}: it was dropped and made anew.`);
  const simple = `${stretch}: its recovery model was SIMPLE, which ends the log chain.`;
  assert.equal(reasonOf({}, { beginsLogChain: true }), simple);
  assert.equal(reasonOf({ recoveryModel: 'SIMPLE' }, {}), simple);
});

test('a hole that a lost file leaves names the file; a differential ends it', () => {
  const base = full('10:00:00', 100);
  const lost = { ...log('10:20:00', 200, 300), isDamaged: true };
  const sets = [
    base,
    log('10:10:00', 90, 200),
    lost,
    log('10:30:00', 300, 400),
    differential('10:35:00', 450, base),
    log('10:40:00', 400, 500),
  ];
  const { holes, latestMs } = restorableWindow(sets, new Map([[lost, 'db1_log.trn is gone']]));
  assert.deepEqual(holes, [
    {
      fromMs: ms('10:10:00.001'),
      toMs: ms('10:35:00.999'),
      reason: 'It needs a backup that is damaged or gone: db1_log.trn is gone.',
    },
  ]);
  assert.equal(latestMs, ms('10:40:00'));
});
