import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BackupSet } from '../../workflows/domain/backup-set.ts';
import { restorePoint } from '../../workflows/domain/restore-point.ts';
import { decideRetention, type RetentionInput } from '../../workflows/domain/retention.ts';
import { differential, full, log, ms } from './support/set.ts';

type Over = Partial<RetentionInput> & { readonly from: string; readonly minFulls?: number };

/** Sets that stay, of a window from a time of 1 March to noon. */
function kept(sets: readonly BackupSet[], { from, minFulls = 1, ...over }: Over): BackupSet[] {
  const nowMs = ms('12:00:00');
  const policy = { windowMs: nowMs - ms(from), minFulls };
  const verdicts = decideRetention({ sets, policy, nowMs, ...over });
  return verdicts.flatMap(({ set, keptFor }) => (keptFor === null ? [] : [set]));
}

function whyOf(sets: readonly BackupSet[], set: BackupSet, { from, minFulls = 1 }: Over): string {
  const nowMs = ms('12:00:00');
  const verdicts = decideRetention({ sets, policy: { windowMs: nowMs - ms(from), minFulls }, nowMs });
  return verdicts.find((verdict) => verdict.set === set)?.why ?? '';
}

const first = full('08:00:00', 100);
const morning = [first, log('08:30:00', 50, 200), log('09:00:00', 200, 300)];
const second = full('09:10:00', 310);
const noon = [second, log('09:30:00', 300, 400), log('10:00:00', 400, 500), log('11:00:00', 500, 600)];

test('everything inside the window stays', () => {
  assert.deepEqual(kept([...morning, ...noon], { from: '07:00:00' }), [...morning, ...noon]);
});

test('a full goes, with its logs, when a newer one leads to every moment of the window', () => {
  assert.deepEqual(kept([...morning, ...noon], { from: '09:20:00' }), noon);
});

test('the base of the first moments of the window stays, however old, and the logs from it to the window', () => {
  const sets = [...morning, ...noon];
  assert.deepEqual(kept(sets, { from: '09:05:00' }), sets);
  assert.equal(whyOf(sets, first, { from: '09:05:00' }), 'a restore to 2026-03-01T09:05:00Z needs it');
  // A log that ended before the window is part of the way.
  assert.deepEqual(kept([second, ...noon.slice(1)], { from: '10:30:00' }), [second, ...noon.slice(1)]);
});

test('a differential keeps the full that it stands on, and makes the logs between them dispensable', () => {
  const middle = differential('10:10:00', 510, second);
  const sets = [second, ...noon.slice(1, 3), middle, log('11:00:00', 500, 600)];
  assert.deepEqual(
    kept(sets, { from: '10:20:00', minFulls: 1 }),
    sets,
    'the newest full stays useful: its logs lead on',
  );
  const third = full('10:50:00', 590);
  const more = [...sets, third, log('11:30:00', 600, 700)];
  const left = kept(more, { from: '10:20:00' });
  assert.deepEqual(left, [second, middle, log11(more), third, more.at(-1)]);
});

function log11(sets: readonly BackupSet[]): BackupSet | undefined {
  return sets.find((set) => set.kind === 'log' && set.startedAt.includes('T11:00'));
}

test('a copy-only full is a base like any other, but the next differential stands on the full before it', () => {
  const copy = full('10:05:00', 505, { copyOnly: true });
  const sets = [...morning, ...noon.slice(0, 3), copy, log('11:00:00', 500, 600)];
  assert.deepEqual(kept(sets, { from: '10:30:00' }), [second, copy, log11(sets)]);
  assert.equal(whyOf(sets, second, { from: '10:30:00' }), 'the next differential may stand on it');
});

test('as many of the newest fulls as the policy says stay, with the logs that lead on from them', () => {
  const sets = [...morning, ...noon];
  assert.deepEqual(kept(sets, { from: '11:30:00', minFulls: 2 }), sets);
  assert.match(whyOf(sets, first, { from: '11:30:00', minFulls: 2 }), /one of the newest 2 fulls/);
  assert.deepEqual(kept(sets, { from: '11:30:00', minFulls: 1 }), noon);
});

test('the newest chain stays, however old it is', () => {
  assert.deepEqual(kept([...morning, ...noon], { from: '11:59:00' }), noon);
});

test('a chain on another fork goes when the window has left it, and stays while it has not', () => {
  const fork = { recoveryForkId: 'FORK-B' };
  const other = [full('09:10:00', 250, fork), log('10:00:00', 240, 400, fork)];
  assert.deepEqual(kept([...morning, ...other], { from: '09:30:00' }), other);
  assert.deepEqual(kept([...morning, ...other], { from: '08:45:00' }), [...morning, ...other]);
});

test('a log that crosses a fork keeps the chain before it', () => {
  const crossing = log('09:30:00', 300, 400, {
    firstRecoveryForkId: 'FORK-A',
    recoveryForkId: 'FORK-B',
    forkPointLsn: 300,
  });
  const after = log('10:00:00', 400, 500, { recoveryForkId: 'FORK-B' });
  const sets = [...morning, crossing, after];
  assert.deepEqual(kept(sets, { from: '09:45:00' }), sets);
});

test('of a database without log backups, what was taken inside the window stays, and the state at its beginning', () => {
  const fulls = ['08:00:00', '09:00:00', '10:00:00', '11:00:00'].map((time, i) => full(time, 100 + i * 10));
  assert.deepEqual(kept(fulls, { from: '09:30:00' }), fulls.slice(1));
  assert.equal(
    whyOf(fulls, fulls[1] as BackupSet, { from: '09:30:00' }),
    'it is the state at the beginning of the window',
  );
});

test('while the base of the window is damaged, the one before it stays, and so does the damaged one', () => {
  const damaged = { ...second, isDamaged: true };
  const sets = [...morning, damaged, ...noon.slice(1)];
  assert.deepEqual(kept(sets, { from: '09:45:00' }), sets);
  assert.match(whyOf(sets, damaged, { from: '09:45:00' }), /^should a good copy of what is damaged come back/);
});

test('where no usable full is left, nothing goes', () => {
  const sets = [{ ...first, isDamaged: true }, ...morning.slice(1), ...noon.slice(1)];
  assert.deepEqual(kept(sets, { from: '11:30:00' }), sets);
});

test('what a lease or a hold names stays, and nothing that was read with it is read otherwise', () => {
  const sets = [...morning, ...noon];
  const protections = [{ setId: first.id, reason: 'held' }];
  assert.deepEqual(kept(sets, { from: '09:20:00', protections }), [first, ...noon]);
});

test('the log that proves that the server was put back to a snapshot stays as long as what it parts', () => {
  // 200 to 300 are logged twice: at 09:00, and, after the volume was put back, at 09:30.
  const lost = log('09:00:00', 200, 300);
  const held = full('08:45:00', 250, { copyOnly: true });
  const since = full('09:20:00', 260);
  const again = [
    since,
    log('09:30:00', 200, 320, { databaseBackupLsn: since.checkpointLsn }),
    log('10:30:00', 320, 400, { databaseBackupLsn: since.checkpointLsn }),
  ];
  const sets = [first, log('08:30:00', 50, 200), held, lost, ...again];
  const protections = [{ setId: held.id, reason: 'held' }];
  const left = kept(sets, { from: '10:00:00', protections });
  assert.ok(left.includes(lost), 'else the full of 08:45 would be led on by the log of 09:30');
  assert.deepEqual(kept(sets, { from: '10:00:00' }), again);
});

test('a restore point names what it needs', () => {
  const sets = [...morning, ...noon];
  const ids = (...of: readonly (BackupSet | undefined)[]): unknown[] => of.map((set) => set?.id);
  const at = restorePoint(sets, { atMs: ms('08:45:00') });
  assert.deepEqual(at.ok && at.setIds, ids(...morning));
  const full1 = restorePoint(sets, { setId: first.id.toLowerCase() });
  assert.deepEqual(full1.ok && full1.setIds, ids(first));
  const diff = differential('10:10:00', 510, second);
  const point = restorePoint([...sets, diff], { setId: diff.id });
  assert.deepEqual(point.ok && point.setIds, ids(second, diff));
  const last = restorePoint(sets, { setId: noon[2]?.id ?? '' });
  assert.deepEqual(last.ok && last.setIds, ids(...noon.slice(0, 3)));
  const none = restorePoint(sets, { atMs: ms('07:00:00') });
  assert.match(none.ok ? '' : none.problem, /cannot be reached.*Nearest reachable: 2026-03-01T08:00:01Z/);
});
