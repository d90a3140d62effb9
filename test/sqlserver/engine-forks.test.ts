import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failsWith, Lab, lsnOf, moved, tick } from './engine/testing/harness.ts';

/** full, log 1, log 2 with rows 1..3 and a moment after row 2. */
async function history(lab: Lab) {
  await lab.create('shop');
  await lab.backup('shop', 'f.bak');
  lab.insert('shop', 1);
  await lab.log('shop', 'l1.trn');
  lab.insert('shop', 2);
  await tick();
  const after2 = lab.now();
  await tick();
  lab.insert('shop', 3);
  await lab.log('shop', 'l2.trn');
  return { after2 };
}

test('recovery begins a new fork at the recovered LSN, and family and base survive it', async () => {
  await using lab = await Lab.open();
  const { after2 } = await history(lab);
  await lab.restore('copy', 'f.bak', moved('shop', 'copy'));
  await lab.restore('copy', 'l1.trn', { kind: 'log' });
  await lab.restore('copy', 'l2.trn', { kind: 'log', stopAt: after2 });
  const stopped = lab.database('copy').recovery.redoStartLsn;
  await lab.restore('copy', undefined, { recovery: 'recovery' });
  assert.deepEqual(lab.ids('copy'), [1, 2]);
  const [source, copy] = [lab.database('shop').recovery, lab.database('copy').recovery];
  assert.equal(copy.familyGuid, source.familyGuid);
  assert.notEqual(copy.databaseGuid, source.databaseGuid);
  assert.notEqual(copy.recoveryForkGuid, source.recoveryForkGuid);
  assert.equal(copy.firstRecoveryForkGuid, source.recoveryForkGuid);
  assert.equal(copy.forkPointLsn, stopped);
  assert.equal(copy.redoStartLsn, null);
  assert.equal(copy.differentialBaseGuid, source.differentialBaseGuid);
});

test('the first log of a new fork crosses from the old one and continues the old chain', async () => {
  await using lab = await Lab.open();
  const { after2 } = await history(lab);
  await lab.restore('copy', 'f.bak', moved('shop', 'copy'));
  await lab.restore('copy', 'l1.trn', { kind: 'log' });
  await lab.restore('copy', 'l2.trn', { kind: 'log', stopAt: after2, recovery: 'recovery' });
  lab.insert('copy', 40);
  await lab.log('copy', 'c1.trn');
  lab.insert('copy', 50);
  await lab.log('copy', 'c2.trn');
  const [cross] = (await lab.info('headeronly', 'c1.trn')).records;
  const [plain] = (await lab.info('headeronly', 'c2.trn')).records;
  const [original] = (await lab.info('headeronly', 'l2.trn')).records;
  assert.equal(cross!['FirstRecoveryForkID'], original!['RecoveryForkID']);
  assert.notEqual(cross!['RecoveryForkID'], original!['RecoveryForkID']);
  assert.ok(lsnOf(cross!['ForkPointLSN']) > lsnOf(cross!['FirstLSN']));
  assert.equal(plain!['FirstRecoveryForkID'], plain!['RecoveryForkID']);
  assert.equal(plain!['ForkPointLSN'], null);

  await lab.restore('again', 'f.bak', moved('shop', 'again'));
  await lab.restore('again', 'l1.trn', { kind: 'log' });
  await lab.restore('again', 'c1.trn', { kind: 'log' });
  assert.deepEqual(await failsWith(lab.restore('again', 'l2.trn', { kind: 'log' })), [4330, 3013]);
  await lab.restore('again', 'c2.trn', { kind: 'log', recovery: 'recovery' });
  assert.deepEqual(lab.ids('again'), [1, 2, 40, 50]);
});

test('a log of another fork is refused once the database is past the fork point', async () => {
  await using lab = await Lab.open();
  const { after2 } = await history(lab);
  await lab.restore('copy', 'f.bak', moved('shop', 'copy'));
  await lab.restore('copy', 'l1.trn', { kind: 'log' });
  await lab.restore('copy', 'l2.trn', { kind: 'log', stopAt: after2, recovery: 'recovery' });
  for (let id = 100; id < 120; id += 1) lab.insert('copy', id);
  await lab.log('copy', 'c1.trn');
  await lab.restore('old', 'f.bak', moved('shop', 'old'));
  await lab.restore('old', 'l1.trn', { kind: 'log' });
  await lab.restore('old', 'l2.trn', { kind: 'log' });
  assert.deepEqual(await failsWith(lab.restore('old', 'c1.trn', { kind: 'log' })), [4330, 3013]);
});

test('a full backup of the new fork starts a chain of its own', async () => {
  await using lab = await Lab.open();
  await history(lab);
  await lab.restore('copy', 'f.bak', { ...moved('shop', 'copy'), recovery: 'recovery' });
  lab.insert('copy', 7);
  await lab.backup('copy', 'cf.bak');
  lab.insert('copy', 8);
  await lab.log('copy', 'cl.trn');
  await lab.restore('again', 'cf.bak', moved('shop', 'again'));
  await lab.restore('again', 'cl.trn', { kind: 'log', recovery: 'recovery' });
  assert.deepEqual(lab.ids('again'), [7, 8]);
});

test('after a stop inside a log under NORECOVERY the next log comes too late, the same log again is taken', async () => {
  await using lab = await Lab.open();
  const { after2 } = await history(lab);
  lab.insert('shop', 4);
  await lab.log('shop', 'l3.trn');
  await lab.restore('copy', 'f.bak', moved('shop', 'copy'));
  await lab.restore('copy', 'l1.trn', { kind: 'log', stopAt: after2 });
  await lab.restore('copy', 'l2.trn', { kind: 'log', stopAt: after2 });
  assert.deepEqual(await failsWith(lab.restore('copy', 'l3.trn', { kind: 'log', stopAt: after2 })), [4305, 3013]);
  await lab.restore('copy', 'l2.trn', { kind: 'log', stopAt: after2 });
  await lab.restore('copy', 'l2.trn', { kind: 'log' });
  await lab.restore('copy', 'l3.trn', { kind: 'log', recovery: 'recovery' });
  assert.deepEqual(lab.ids('copy'), [1, 2, 3, 4]);
});
