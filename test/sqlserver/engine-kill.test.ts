import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { addBallast } from './engine/ballast.ts';
import { backupOf, failsWith, Lab, moved, restoreOf } from './engine/testing/harness.ts';
import { killAt } from './engine/testing/kill.ts';
import type { VictimOrder } from './engine/testing/victim.ts';

/** Hands the data root to another process for one statement, kills it there, and takes the root back. */
async function killDuring(lab: Lab, order: Omit<VictimOrder, 'root'>): Promise<void> {
  await lab.instance.close();
  await killAt({ root: lab.root, ...order });
  await lab.reopen();
}

test('a server that dies while it writes a log backup has not moved the archive point: the next log covers the range', async () => {
  await using lab = await Lab.open();
  await lab.create('shop');
  await lab.backup('shop', 'f.bak');
  lab.insert('shop', 1);
  const before = lab.database('shop').recovery.lastLogBackupLsn;
  await killDuring(lab, { hold: { at: 'backup-log' }, backup: backupOf('shop', 'torn.trn', { kind: 'log' }) });
  assert.equal(lab.database('shop').recovery.lastLogBackupLsn, before);
  assert.deepEqual(await failsWith(lab.info('verifyonly', 'torn.trn')), [3256, 3013]);
  assert.equal(lab.history('backupset').length, 1);
  await lab.log('shop', 'l.trn');
  await lab.restore('copy', 'f.bak', moved('shop', 'copy'));
  await lab.restore('copy', 'l.trn', { kind: 'log', recovery: 'recovery' });
  assert.deepEqual(lab.ids('copy'), [1]);
});

test('a log backup stands before its history is written (3009): a server that dies in between goes on after it', async () => {
  await using lab = await Lab.open();
  await lab.create('shop');
  await lab.backup('shop', 'f.bak');
  const sets: number[] = [];
  for (const [i, at] of (['before-history', 'after-history'] as const).entries()) {
    lab.insert('shop', i + 1);
    await killDuring(lab, { hold: { at }, backup: backupOf('shop', `${at}.trn`, { kind: 'log' }) });
    await lab.info('verifyonly', `${at}.trn`);
    sets.push(lab.history('backupset').length);
  }
  assert.deepEqual(sets, [1, 2]);
  await lab.restore('copy', 'f.bak', moved('shop', 'copy'));
  await lab.restore('copy', 'before-history.trn', { kind: 'log' });
  await lab.restore('copy', 'after-history.trn', { kind: 'log', recovery: 'recovery' });
  assert.deepEqual(lab.ids('copy'), [1, 2]);
});

test('a restore that dies half-way leaves the database RESTORING until its set is restored again', async () => {
  await using lab = await Lab.open();
  const database = await lab.create('shop');
  await addBallast(database, 8);
  lab.insert('shop', 1);
  await lab.backup('shop', 'f.bak');
  lab.insert('shop', 2);
  await lab.log('shop', 'l.trn');
  const full = restoreOf('copy', 'f.bak', moved('shop', 'copy'));
  await killDuring(lab, { hold: { at: 'restore-database', atPercent: 50 }, restore: full });
  assert.equal(lab.database('copy').state, 'RESTORING');
  assert.deepEqual(await failsWith(lab.restore('copy', undefined, { recovery: 'recovery' })), [4333, 3013]);
  assert.deepEqual(await failsWith(lab.restore('copy', 'l.trn', { kind: 'log' })), [4319, 3013]);
  await lab.restore('copy', 'f.bak', moved('shop', 'copy'));
  await lab.restore('copy', 'l.trn', { kind: 'log', recovery: 'recovery' });
  assert.deepEqual(lab.ids('copy'), [1, 2]);
  assert.deepEqual(await lab.database('copy').check(new AbortController().signal), []);
});

test('a log restore that dies half-way takes only its own log again', async () => {
  await using lab = await Lab.open();
  const database = await lab.create('shop');
  await lab.backup('shop', 'f.bak');
  for (let megabyte = 0; megabyte < 4; megabyte += 1) {
    database.writeBallast([{ op: 'filler', bytes: Buffer.alloc(1 << 20, megabyte) }]);
    lab.insert('shop', megabyte);
  }
  await lab.log('shop', 'l1.trn');
  lab.insert('shop', 10);
  await lab.log('shop', 'l2.trn');
  await lab.restore('copy', 'f.bak', moved('shop', 'copy'));
  const redo = lab.database('copy').recovery.redoStartLsn;
  await killDuring(lab, {
    hold: { at: 'restore-log', atPercent: 50 },
    restore: restoreOf('copy', 'l1.trn', { kind: 'log' }),
  });
  assert.equal(lab.database('copy').state, 'RESTORING');
  assert.equal(lab.database('copy').recovery.redoStartLsn, redo);
  assert.deepEqual(await failsWith(lab.restore('copy', 'l2.trn', { kind: 'log' })), [4319, 3013]);
  assert.deepEqual(await failsWith(lab.restore('copy', undefined, { recovery: 'recovery' })), [4319, 3013]);
  await lab.restore('copy', 'l1.trn', { kind: 'log' });
  await lab.restore('copy', 'l2.trn', { kind: 'log', recovery: 'recovery' });
  assert.deepEqual(lab.ids('copy'), [0, 1, 2, 3, 10]);
});

test('a server that dies before recovery is written comes back RESTORING, with the redo point where it was', async () => {
  await using lab = await Lab.open();
  await lab.create('shop');
  lab.insert('shop', 1);
  await lab.backup('shop', 'f.bak');
  await lab.restore('copy', 'f.bak', moved('shop', 'copy'));
  const redo = lab.database('copy').recovery.redoStartLsn;
  await killDuring(lab, { hold: { at: 'recover' }, restore: restoreOf('copy', undefined, { recovery: 'recovery' }) });
  assert.equal(lab.database('copy').state, 'RESTORING');
  assert.equal(lab.database('copy').recovery.redoStartLsn, redo);
  await lab.restore('copy', undefined, { recovery: 'recovery' });
  assert.deepEqual(lab.ids('copy'), [1]);
});

test('a full backup that dies leaves a torn file, and neither base nor chain', async () => {
  await using lab = await Lab.open();
  const database = await lab.create('shop');
  await addBallast(database, 4);
  await killDuring(lab, { hold: { at: 'backup-database', atPercent: 50 }, backup: backupOf('shop', 'f.bak') });
  assert.ok(statSync(join(lab.root, 'data', 'f.bak')).size > 0);
  assert.equal(lab.database('shop').recovery.differentialBaseGuid, null);
  const [torn] = (await lab.info('headeronly', 'f.bak')).records;
  assert.equal(torn!['BackupName'], '*** INCOMPLETE ***');
  assert.deepEqual(await failsWith(lab.restore('copy', 'f.bak', moved('shop', 'copy'))), [3256, 3013]);
  assert.deepEqual(await failsWith(lab.log('shop', 'l.trn')), [4214, 3013]);
});
