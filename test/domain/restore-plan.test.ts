import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BackupSet } from '../../workflows/domain/backup-set.ts';
import type { DatabasePlan, Refusal } from '../../workflows/domain/plan-types.ts';
import { planDatabase, restoreSteps } from '../../workflows/domain/restore-plan.ts';
import { at, differential, full, log, ms } from './support/set.ts';

function planned(sets: readonly BackupSet[], target: string): DatabasePlan {
  const outcome = planDatabase(sets, target === 'latest' ? target : ms(target));
  assert.ok(outcome.ok, outcome.ok ? '' : outcome.refusal.reason);
  return outcome.plan;
}

function refused(sets: readonly BackupSet[], target: string): Refusal {
  const outcome = planDatabase(sets, ms(target));
  assert.ok(!outcome.ok);
  return outcome.refusal;
}

function stepsOf(plan: DatabasePlan): BackupSet[] {
  return restoreSteps(plan).map((step) => step.set);
}

// Symptoms that users of another tool reported over eight years; github.com/dataplat/dbatools/issues/<number>.

test('3660: a differential that was running at the target is not used, and the logs from before it are', () => {
  const base = full('17:00:00', 100);
  const running = differential('17:30:00', 400, base, { finishedAt: at('17:40:00') });
  const logs = [
    log('17:10:00', 50, 200),
    log('17:20:00', 200, 300),
    log('17:33:00', 300, 350),
    log('17:45:00', 350, 500),
  ];
  assert.deepEqual(stepsOf(planned([base, running, ...logs], '17:35:00')), [base, ...logs]);
  assert.deepEqual(stepsOf(planned([base, running, ...logs], '17:44:00')), [base, running, logs[3]]);
});

test('6297: a full that had begun before the target but was finished after it is not the base', () => {
  const old = full('10:00:00', 100);
  const running = full('12:00:00', 900, { firstLsn: 300, finishedAt: at('12:20:00') });
  const logs = [log('11:00:00', 50, 200), log('12:15:00', 200, 800), log('13:00:00', 800, 1000)];
  assert.deepEqual(stepsOf(planned([old, running, ...logs], '12:10:00')), [old, logs[0], logs[1]]);
});

test('6467, 4385, 8719: the log that was begun after the target is part of the plan, not only those before it', () => {
  const base = full('18:00:00', 100);
  const logs = [log('18:10:00', 50, 200), log('18:20:00', 200, 300), log('18:30:00', 300, 400)];
  const plan = planned([base, ...logs], '18:24:13');
  assert.deepEqual(plan.logs, logs);
  assert.equal(plan.reach, 'nothing-between');
});

test('6467: a target after everything in the store is refused before anything is restored, with the nearest moment', () => {
  const refusal = refused([full('18:00:00', 100), log('18:10:00', 50, 200)], '18:24:13');
  assert.equal(refusal.code, 'after-last');
  assert.equal(refusal.nearestBeforeMs, ms('18:10:00'));
  assert.equal(refusal.nearestAfterMs, null);
  assert.equal(refusal.reason, 'The backups in the store cover it up to 2026-03-01T18:10:00Z.');
});

test('3027, 9626: a target at or within the time of a log backup takes every log once', () => {
  const base = full('17:00:00', 100);
  const slow = log('17:30:00', 50, 300, { finishedAt: at('17:34:00'), lastValidRestoreTime: at('17:33:58') });
  const next = log('18:00:00', 300, 400, { lastValidRestoreTime: at('17:59:59') });
  for (const target of ['17:30:00', '17:32:00', '17:33:58']) {
    assert.deepEqual(planned([base, slow, next], target).logs, [slow], target);
  }
  for (const target of ['17:33:59', '17:34:00', '18:00:00']) {
    assert.deepEqual(planned([base, slow, next], target).logs, [slow, next], target);
  }
});

test('9626 on SQL Server 2019: without last_valid_restore_time a moment within a log backup needs the next log', () => {
  const base = full('17:00:00', 100);
  const slow = log('17:30:00', 50, 300, { finishedAt: at('17:34:00') });
  const next = log('18:00:00', 300, 400);
  assert.deepEqual(planned([base, slow, next], '17:32:00').logs, [slow, next]);
  assert.equal(refused([base, slow], '17:32:00').code, 'after-last');
});

test('3009: of two logs that end at the same LSN, the first that reaches the target is used, and only that one', () => {
  const base = full('10:00:00', 100);
  const logs = [log('10:10:00', 50, 200), log('10:20:00', 200, 200), log('10:30:00', 200, 200)];
  assert.deepEqual(planned([base, ...logs], '10:15:00').logs, [logs[0], logs[1]]);
  assert.deepEqual(planned([base, ...logs], '10:25:00').logs, [logs[0], logs[2]]);
});

test('10408: a copy-only full is a base for logs, and the plan still goes on to the log that covers the target', () => {
  const first = full('09:00:00', 50);
  const copy = full('10:00:00', 250, { copyOnly: true });
  const logs = [log('09:30:00', 10, 200), log('10:30:00', 200, 300), log('11:00:00', 300, 400)];
  assert.deepEqual(stepsOf(planned([first, copy, ...logs], '10:45:00')), [copy, logs[1], logs[2]]);
  assert.deepEqual(stepsOf(planned([copy, ...logs], '10:45:00')), [copy, logs[1], logs[2]]);
});

test('10408: a differential never stands on a copy-only full, though its LSNs would fit', () => {
  const base = full('09:00:00', 50);
  const copy = full('10:00:00', 250, { copyOnly: true });
  const onBase = differential('11:00:00', 350, base);
  const end = log('12:00:00', 340, 500);
  assert.deepEqual(stepsOf(planned([base, copy, onBase, end], '11:30:00')), [base, onBase, end]);
  assert.equal(refused([copy, onBase, end], '11:30:00').code, 'after-last');
});

test('7515: a log that was taken while a full ran is part of the chain of the full before it', () => {
  const old = full('00:00:00', 100);
  const long = full('01:00:00', 500, { firstLsn: 200, finishedAt: at('01:30:00') });
  const during = log('01:15:00', 50, 400);
  const later = log('02:00:00', 400, 600);
  assert.deepEqual(stepsOf(planned([old, long, during, later], '01:10:00')), [old, during]);
  assert.deepEqual(stepsOf(planned([old, long, during, later], '01:45:00')), [long, later]);
});

test('2374: a log that ends within the full is left out', () => {
  const base = full('12:00:00', 744, { firstLsn: 656 });
  const logs = [log('11:58:00', 592, 656), log('12:01:00', 656, 816), log('12:02:00', 816, 880)];
  assert.deepEqual(planned([base, ...logs], '12:01:30').logs, logs.slice(1));
});

test('3469: a database in the SIMPLE model has no exact moment, but its newest state can be had, without STOPAT', () => {
  const base = full('06:00:00', 100, { recoveryModel: 'SIMPLE' });
  const day = differential('18:00:00', 200, base, { recoveryModel: 'SIMPLE' });
  const refusal = refused([base, day], '18:30:00');
  assert.equal(refusal.code, 'after-last');
  assert.match(refusal.reason, /no exact moment is known; "latest"/);

  const plan = planned([base, day], 'latest');
  assert.equal(plan.reach, 'end-of-backups');
  assert.deepEqual(restoreSteps(plan), [
    { set: base, stopAt: null },
    { set: day, stopAt: null },
  ]);
  assert.equal(plan.targetMs, ms('18:00:00'));
});

test('10656: every log that may hold the target has STOPAT, and the plan says what the end of the last one proves', () => {
  const base = full('10:00:00', 100);
  const busy = log('10:10:00', 50, 200, { lastValidRestoreTime: at('10:09:59') });
  const last = log('10:20:00', 200, 300, { lastValidRestoreTime: at('10:19:30') });
  const inside = planned([base, busy, last], '10:15:00');
  assert.equal(inside.reach, 'stops-inside');
  assert.deepEqual(
    restoreSteps(inside).map((step) => step.stopAt),
    [null, '2026-03-01T10:15:00.000', '2026-03-01T10:15:00.000'],
  );
  assert.equal(planned([base, busy, last], '10:19:45').reach, 'nothing-between');
  assert.equal(planned([base, busy, last], '10:19:29.999').reach, 'stops-inside');
  assert.equal(
    planned([base, busy, last], '10:19:30').reach,
    'nothing-between',
    'the last record may be of this moment',
  );
});

test('7377: STOPAT is written in one form, whatever the culture, and in the local time of the source', () => {
  const east = { utcOffsetMinutes: 420 };
  const plan = planned([full('10:00:00', 100, east), log('10:10:00', 50, 200, east)], '10:07:08.129');
  assert.equal(restoreSteps(plan)[1]?.stopAt, '2026-03-01T17:07:08.127');
});

// What a store can hold beside that.

test('an idle database: log backups that move nothing still prove that nothing happened', () => {
  const base = full('10:00:00', 100);
  const logs = [log('10:10:00', 50, 200), log('10:20:00', 200, 200), log('10:30:00', 200, 200)];
  const sets = [base, ...logs].map((set) =>
    set.kind === 'log' ? { ...set, lastValidRestoreTime: at('10:05:00') } : set,
  );
  assert.equal(planned(sets, '10:30:00').reach, 'nothing-between');
  assert.equal(refused(sets, '10:30:01').nearestBeforeMs, ms('10:30:00'));
});

test('a log that ends where the full ends is the proof that nothing happened after the full', () => {
  const base = full('10:00:00', 100);
  const contained = log('10:10:00', 50, 100);
  assert.deepEqual(stepsOf(planned([base, contained], '10:07:00')), [base, contained]);
});

test('whole seconds: a full serves from the second after the one it was finished in', () => {
  const sets = [full('10:00:00', 100, { finishedAt: at('10:00:05') }), log('10:10:00', 50, 200)];
  assert.equal(refused(sets, '10:00:05.999').nearestAfterMs, ms('10:00:06'));
  assert.ok(planDatabase(sets, ms('10:00:06')).ok);
});

test('a lost log is a gap: what lies beyond the next full is reachable, what lies between is not', () => {
  const sets = [
    full('10:00:00', 100),
    log('10:10:00', 50, 200),
    log('10:30:00', 300, 400),
    full('10:40:00', 450),
    log('10:50:00', 400, 500),
  ];
  const refusal = refused(sets, '10:25:00');
  assert.equal(refusal.code, 'gap');
  assert.equal(refusal.nearestBeforeMs, ms('10:10:00'));
  assert.equal(refusal.nearestAfterMs, ms('10:40:01'));
  assert.equal(
    refusal.reason,
    'The backups in the store do not cover the time between 2026-03-01T10:10:00Z and 2026-03-01T10:40:01Z: the log from LSN 200 to 300 is not in the store; another tool backed it up, or its file was removed.',
  );
  assert.ok(planDatabase(sets, ms('10:45:00')).ok);
});

test('when the newest full is damaged, an older one and more logs do', () => {
  const old = full('09:00:00', 50);
  const bad = full('10:00:00', 250, { isDamaged: true });
  const logs = [log('09:30:00', 10, 200), log('10:30:00', 200, 300)];
  assert.deepEqual(stepsOf(planned([old, bad, ...logs], '10:15:00')), [old, ...logs]);
});

test('a moment that only a damaged backup covers is refused by that name', () => {
  const bad = log('10:10:00', 50, 200, { isDamaged: true });
  const refusal = refused([full('10:00:00', 100), bad, log('10:20:00', 200, 300)], '10:15:00');
  assert.equal(refusal.code, 'damaged');
  assert.equal(refusal.reason, `It needs a backup that is damaged or gone: ${bad.files[0]?.name}.`);
  assert.equal(refused([full('10:00:00', 100, { isDamaged: true })], '10:15:00').code, 'damaged');
});

test('a bulk-logged log is restored whole before the target, and never stopped inside', () => {
  const base = full('10:00:00', 100);
  const bulk = log('10:20:00', 200, 300, { hasBulkLoggedData: true, lastValidRestoreTime: at('10:17:00') });
  const logs = [log('10:10:00', 50, 200), bulk, log('10:30:00', 300, 400)];
  const refusal = refused([base, ...logs], '10:15:00');
  assert.equal(refusal.code, 'bulk-logged');
  assert.equal(
    refusal.reason,
    'The log backup of 2026-03-01T10:20:00Z holds bulk-logged changes and cannot be stopped inside.',
  );
  assert.equal(refusal.nearestBeforeMs, ms('10:10:00'));
  assert.equal(refusal.nearestAfterMs, ms('10:17:01'));

  const plan = planned([base, ...logs], '10:25:00');
  assert.deepEqual(plan.whole, [bulk.id]);
  assert.deepEqual(
    restoreSteps(plan).map((step) => step.stopAt !== null),
    [false, true, false, true],
  );
  assert.deepEqual(planned([base, ...logs], '10:19:00').logs, logs.slice(0, 2), 'nothing was logged after 10:17');
});

test('a differential leads around a bulk-logged log', () => {
  const base = full('10:00:00', 100);
  const bulk = log('10:20:00', 50, 300, { hasBulkLoggedData: true });
  const around = differential('10:25:00', 350, base);
  const end = log('10:30:00', 300, 400);
  assert.deepEqual(stepsOf(planned([base, bulk, around, end], '10:26:30')), [base, around, end]);
});

test('a copy-only log is a link where the ordinary one is missing', () => {
  const base = full('10:00:00', 100);
  const copy = log('10:10:00', 50, 200, { copyOnly: true });
  const ordinary = log('10:20:00', 50, 300);
  assert.deepEqual(planned([base, copy, ordinary], '10:05:00').logs, [copy]);
  assert.deepEqual(planned([base, copy, ordinary], '10:15:00').logs, [ordinary]);
  assert.deepEqual(planned([base, copy, log('10:20:00', 150, 300)], '10:15:00').logs.length, 2);
});

test('after a restore over the database, each moment is taken from the fork that the database was on', () => {
  const a = [full('10:00:00', 100), log('10:10:00', 50, 200), log('10:20:00', 200, 300)];
  const fork = { recoveryForkId: 'FORK-B', firstRecoveryForkId: 'FORK-B' };
  const b = [full('11:00:00', 250, fork), log('11:10:00', 240, 350, fork)];
  const sets = [...b, ...a];
  assert.deepEqual(stepsOf(planned(sets, '10:15:00')), a);
  assert.deepEqual(stepsOf(planned(sets, '11:05:00')), b);
  assert.equal(refused(sets, '10:45:00').code, 'gap');
});

test('a log that crosses a fork leads on from before the fork point, never from the branch that was abandoned', () => {
  const a = [full('10:00:00', 100), log('10:10:00', 50, 200), log('10:20:00', 200, 300)];
  const crossing = log('11:10:00', 200, 400, {
    firstRecoveryForkId: 'FORK-A',
    recoveryForkId: 'FORK-B',
    forkPointLsn: 250,
  });
  const next = log('11:20:00', 400, 500, { recoveryForkId: 'FORK-B', firstRecoveryForkId: 'FORK-B' });
  assert.deepEqual(stepsOf(planned([...a, crossing, next], '11:15:00')), [a[0], a[1], crossing, next]);
  assert.equal(refused([...a, crossing, next], '10:50:00').code, 'gap', 'it may have been on the old fork still');
});

test('a database that was dropped and made anew is another one, though its name and LSNs fit', () => {
  const old = [full('10:00:00', 100), log('10:10:00', 50, 200)];
  const anew = { familyId: 'FAMILY-2', recoveryForkId: 'FORK-N' };
  const sets = [...old, full('11:00:00', 90, anew), log('11:10:00', 80, 200, anew)];
  assert.deepEqual(stepsOf(planned(sets, '10:05:00')), old);
  assert.deepEqual(stepsOf(planned(sets, '11:05:00')), sets.slice(2));
  assert.equal(planned(sets, 'latest').base.familyId, 'FAMILY-2');
});

test('a differential is not put on a copy-only full that it names, nor on a full of another fork', () => {
  const copy = full('10:00:00', 100, { copyOnly: true });
  const before = full('10:00:00', 100);
  const fork = { recoveryForkId: 'FORK-B' };
  for (const [base, fields] of [[copy, {}] as const, [before, fork] as const]) {
    const sets = [base, differential('10:30:00', 300, base, fields), log('11:00:00', 250, 400, fields)];
    assert.equal(planDatabase(sets, ms('10:45:00')).ok, false);
  }
});

test('a log that crosses a fork and a change of the clock is restored whole, or not at all', () => {
  const summer = { utcOffsetMinutes: 120 };
  const winter = { utcOffsetMinutes: 60 };
  const base = full('00:00:00', 100, summer);
  const logs = [log('00:30:00', 50, 200, summer), log('01:00:00', 200, 300, winter)];
  const b = { ...winter, recoveryForkId: 'FORK-B', lastValidRestoreTime: at('01:29:50') };
  const crossing = log('01:30:00', 200, 400, { ...b, firstRecoveryForkId: 'FORK-A', forkPointLsn: 250 });
  const next = log('02:00:00', 400, 500, { ...b, lastValidRestoreTime: at('01:59:50') });
  const plan = planned([base, ...logs, crossing, next], '01:45:00');
  assert.deepEqual(plan.logs, [logs[0], crossing, next]);
  assert.deepEqual(plan.whole, [crossing.id]);
});

test('when two databases changed their names for a while, a log of one says nothing of the time of the other', () => {
  const a = [full('10:00:00', 100), log('10:10:00', 50, 200), log('12:10:00', 200, 300)];
  const other = { familyId: 'FAMILY-2', recoveryForkId: 'FORK-N' };
  const b = [full('11:00:00', 90, other), log('11:10:00', 80, 150, other)];
  const sets = [...a, ...b];
  assert.deepEqual(stepsOf(planned(sets, '11:05:00')), b);
  assert.equal(refused(sets, '11:30:00').code, 'after-last');
  assert.equal(refused(sets, '11:30:00').nearestBeforeMs, ms('11:10:00'));
});

test('a moment at which an old and a new fork were both backed up within one second belongs to the old one', () => {
  const a = [full('10:00:00', 100), log('11:00:00', 50, 200)];
  const b = full('11:00:00', 150, { recoveryForkId: 'FORK-B', finishedAt: at('11:00:01') });
  assert.deepEqual(stepsOf(planned([...a, b], '11:00:00')), a);
});

test('latest goes to the end of the newest chain, beyond the last moment that can be named', () => {
  const base = full('10:00:00', 100);
  const last = log('10:10:00', 50, 200, { lastValidRestoreTime: at('10:10:00') });
  const newer = full('10:20:00', 300);
  assert.deepEqual(stepsOf(planned([base, last], 'latest')), [base, last]);
  assert.equal(planned([base, last], 'latest').targetMs, ms('10:10:00'));
  assert.deepEqual(stepsOf(planned([base, last, newer], 'latest')), [newer]);
  assert.ok(restoreSteps(planned([base, last], 'latest')).every((step) => step.stopAt === null));
});

test('latest takes along the log that proves up to when nothing is missing, though it adds nothing', () => {
  const base = full('10:00:00', 100);
  const idle = log('10:10:00', 50, 100);
  const plan = planned([base, idle], 'latest');
  assert.deepEqual(stepsOf(plan), [base, idle]);
  assert.equal(plan.targetMs, ms('10:10:00'));
});

test('latest never applies a log that leads to the fork on which its full was taken', () => {
  const old = full('09:00:00', 100);
  const crossing = log('10:00:00', 50, 300, {
    firstRecoveryForkId: 'FORK-A',
    recoveryForkId: 'FORK-B',
    forkPointLsn: 150,
    lastValidRestoreTime: at('10:00:01'),
  });
  const newer = full('10:00:01', 310, { recoveryForkId: 'FORK-B' });
  assert.deepEqual(stepsOf(planned([old, crossing, newer], 'latest')), [newer]);
});

test('a clock that was set back inside a log makes it ambiguous: it is restored whole or not at all', () => {
  const summer = { utcOffsetMinutes: 120 };
  const winter = { utcOffsetMinutes: 60 };
  const base = full('00:00:00', 100, summer);
  const logs = [
    log('00:45:00', 50, 200, { ...summer, lastValidRestoreTime: at('00:44:59') }),
    log('01:15:00', 200, 300, { ...winter, lastValidRestoreTime: at('01:14:58') }),
    log('01:45:00', 300, 400, { ...winter, lastValidRestoreTime: at('01:44:59') }),
  ];
  assert.equal(refused([base, ...logs], '01:10:00').code, 'clock-change');
  const plan = planned([base, ...logs], '01:30:00');
  assert.deepEqual(plan.whole, [logs[1]?.id]);
  assert.deepEqual(
    restoreSteps(plan).map((step) => step.stopAt),
    [null, '2026-03-01T03:30:00.000', null, '2026-03-01T02:30:00.000'],
  );
});

test('a server that was put back to a snapshot: old logs are not applied to the new history', () => {
  const base = full('10:00:00', 100);
  const logs = [log('10:10:00', 50, 200), log('10:20:00', 200, 300)];
  const since = full('11:00:00', 240, { checkpointLsn: 235 });
  const after = log('11:10:00', 200, 320, { databaseBackupLsn: since.checkpointLsn });
  const sets = [base, ...logs, since, after];
  assert.deepEqual(stepsOf(planned(sets, '10:15:00')), [base, ...logs]);
  assert.deepEqual(stepsOf(planned(sets, '11:05:00')), [since, after]);
});

test('after such a rewind a full is the newest chain at once, without the logs that it has left behind', () => {
  const old = [full('10:00:00', 100), log('10:10:00', 50, 200), log('10:20:00', 200, 300)];
  const since = full('11:00:00', 240);
  assert.deepEqual(stepsOf(planned([...old, since], 'latest')), [since]);
});

test('after such a rewind the full that a log names begins the new history, even where its LSNs are above the old ones', () => {
  const old = [full('10:00:00', 100), log('10:10:00', 50, 200), log('10:20:00', 200, 300)];
  const late = full('10:30:00', 305);
  const since = full('11:00:00', 310);
  const after = log('11:10:00', 200, 400, { databaseBackupLsn: since.checkpointLsn });
  assert.deepEqual(stepsOf(planned([...old, late, since, after], '11:05:00')), [since, after]);
  assert.equal(planDatabase([...old, late, after], ms('11:05:00')).ok, false);
});

test('after such a rewind, logs without a full of their own are not put behind the old ones', () => {
  const base = full('10:00:00', 100);
  const old = [base, log('10:10:00', 50, 200), log('10:20:00', 200, 300)];
  const after = log('11:10:00', 200, 320, { databaseBackupLsn: base.checkpointLsn });
  assert.deepEqual(stepsOf(planned([...old, after], '10:15:00')), old);
  assert.equal(refused([...old, after], '11:05:00').code, 'after-last');
});

test('a clock that is set back during a full does not make it usable earlier', () => {
  const sets = [full('10:00:07', 100, { finishedAt: at('10:00:02') }), log('10:10:00', 50, 200)];
  assert.equal(refused(sets, '10:00:07').nearestAfterMs, ms('10:00:08'));
});

test('the offset that the header of a data backup carries does not matter between log backups', () => {
  const odd = full('10:15:00', 250, { utcOffsetMinutes: 0 });
  const east = { utcOffsetMinutes: 60 };
  const sets = [full('10:00:00', 100, east), log('10:10:00', 50, 200, east), odd, log('10:20:00', 200, 300, east)];
  assert.ok(planDatabase(sets, ms('10:18:00')).ok);
});

test('sets whose headers contradict themselves are not used', () => {
  const sets = [full('10:00:00', 100), log('10:10:00', 50, 200)];
  const crossed = { firstRecoveryForkId: 'FORK-A', recoveryForkId: 'FORK-B', lastValidRestoreTime: at('11:00:10') };
  const wrong = [
    log('10:20:00', 200, 150),
    full('10:20:00', 300, { ...crossed, forkPointLsn: 299 }),
    log('11:00:00', 200, 400, { ...crossed, forkPointLsn: 500 }),
    log('11:00:00', 200, 400, { ...crossed, forkPointLsn: null }),
  ];
  for (const set of wrong) {
    const outcome = planDatabase([...sets, set], 'latest');
    assert.ok(outcome.ok);
    assert.deepEqual(stepsOf(outcome.plan), sets);
  }
});

test('a set that is in the store twice counts once, and as undamaged if one of them is', () => {
  const sets = [full('10:00:00', 100), log('10:10:00', 50, 200)];
  const damaged = sets.map((set) => ({ ...set, isDamaged: true }));
  for (const store of [
    [...sets, ...sets],
    [...damaged, ...sets],
    [...sets, ...damaged],
  ]) {
    assert.deepEqual(stepsOf(planned(store, '10:05:00')), sets);
  }
});

test('an empty store is refused as such', () => {
  const outcome = planDatabase([], ms('10:00:00'), 'db1');
  assert.deepEqual(outcome, {
    ok: false,
    refusal: {
      database: 'db1',
      code: 'no-backup',
      reason: 'The store holds no full backup of it.',
      nearestBeforeMs: null,
      nearestAfterMs: null,
    },
  });
  assert.equal(planDatabase([log('10:10:00', 50, 200)], 'latest').ok, false);
});

test('a target before the first full names the moment from which it can be restored', () => {
  const sets = [full('10:00:00', 100), log('10:10:00', 50, 200)];
  const refusal = refused(sets, '09:00:00');
  assert.equal(refusal.code, 'before-first');
  assert.equal(refusal.nearestAfterMs, ms('10:00:01'));
  assert.equal(refused([full('10:00:00', 100)], '09:00:00').code, 'before-first');
});
