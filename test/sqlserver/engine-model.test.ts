import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failsWith, failure, Lab, lsnOf, moved, sa } from './engine/testing/harness.ts';
import { lsnAt } from './engine/log/lsn.ts';

const alter = (lab: Lab, name: string, model: 'FULL' | 'SIMPLE' | 'BULK_LOGGED') =>
  lab.instance.alterDatabase(name, { set: 'recovery', model }, sa(lab.instance).context);

test('a new database in FULL cannot back up its log before a full backup', async () => {
  await using lab = await Lab.open();
  await lab.create('shop');
  assert.equal(lab.database('shop').recovery.lastLogBackupLsn, null);
  assert.deepEqual(await failsWith(lab.log('shop', 'l.trn')), [4214, 3013]);
  await lab.backup('shop', 'copy.bak', { copyOnly: true });
  assert.deepEqual(await failsWith(lab.log('shop', 'l.trn')), [4214, 3013]);
  assert.deepEqual(await failsWith(lab.backup('shop', 'd.bak', { differential: true })), [3035, 3013]);
  await lab.backup('shop', 'f.bak');
  await lab.log('shop', 'l.trn');
});

test('SIMPLE forbids log backups, and a differential re-arms the chain behind it', async () => {
  await using lab = await Lab.open();
  await lab.create('shop');
  await lab.backup('shop', 'f.bak');
  await alter(lab, 'shop', 'SIMPLE');
  assert.deepEqual(await failsWith(lab.log('shop', 'l.trn')), [4208, 3013]);
  lab.insert('shop', 1);
  await alter(lab, 'shop', 'FULL');
  assert.deepEqual(await failsWith(lab.log('shop', 'l.trn')), [4214, 3013]);
  await lab.backup('shop', 'd.bak', { differential: true });
  lab.insert('shop', 2);
  await lab.log('shop', 'l.trn');
  await lab.restore('copy', 'f.bak', moved('shop', 'copy'));
  await lab.restore('copy', 'd.bak');
  await lab.restore('copy', 'l.trn', { kind: 'log', recovery: 'recovery' });
  assert.deepEqual(lab.ids('copy'), [1, 2]);
  assert.equal((await lab.info('headeronly', 'l.trn')).records[0]!['BeginsLogChain'], true);
});

test('the log of the switch to SIMPLE is gone: an older log does not join the new chain', async () => {
  await using lab = await Lab.open();
  await lab.create('shop');
  await lab.backup('shop', 'f1.bak');
  await alter(lab, 'shop', 'SIMPLE');
  lab.insert('shop', 1);
  await alter(lab, 'shop', 'FULL');
  await lab.backup('shop', 'f2.bak');
  lab.insert('shop', 2);
  await lab.log('shop', 'l.trn');
  await lab.restore('copy', 'f1.bak', moved('shop', 'copy'));
  const error = await failure(lab.restore('copy', 'l.trn', { kind: 'log' }));
  assert.deepEqual(
    error.messages.map((m) => m.number),
    [4305, 3013],
  );
  const { records } = await lab.info('headeronly', 'l.trn');
  assert.match(error.message, new RegExp(`begins at LSN ${lsnOf(records[0]!['FirstLSN'])}`));
});

test('a log backup with bulk-logged changes cannot be stopped inside', async () => {
  await using lab = await Lab.open();
  await lab.create('shop');
  await lab.backup('shop', 'f.bak');
  await alter(lab, 'shop', 'BULK_LOGGED');
  await new Promise((resolve) => setTimeout(resolve, 10));
  const before = lab.now();
  await new Promise((resolve) => setTimeout(resolve, 10));
  lab.insert('shop', 1);
  await lab.log('shop', 'l.trn');
  const [header] = (await lab.info('headeronly', 'l.trn')).records;
  assert.equal(header!['HasBulkLoggedData'], true);
  assert.equal(Number(header!['Flags']) & 1, 1);
  await lab.restore('copy', 'f.bak', moved('shop', 'copy'));
  assert.deepEqual(await failsWith(lab.restore('copy', 'l.trn', { kind: 'log', stopAt: before })), [4341, 3013]);
  await lab.restore('copy', 'l.trn', { kind: 'log', recovery: 'recovery' });
  assert.deepEqual(lab.ids('copy'), [1]);
});

test('a copy-only full backup changes neither base nor chain, a copy-only log is covered again', async () => {
  await using lab = await Lab.open();
  await lab.create('shop');
  await lab.backup('shop', 'f.bak');
  const base = lab.database('shop').recovery.differentialBaseGuid;
  await lab.backup('shop', 'copy.bak', { copyOnly: true });
  assert.equal(lab.database('shop').recovery.differentialBaseGuid, base);
  lab.insert('shop', 1);
  const before = lab.database('shop').recovery.lastLogBackupLsn;
  await lab.log('shop', 'copy.trn', { copyOnly: true });
  assert.equal(lab.database('shop').recovery.lastLogBackupLsn, before);
  await lab.log('shop', 'l.trn');
  const [copy] = (await lab.info('headeronly', 'copy.trn')).records;
  const [log] = (await lab.info('headeronly', 'l.trn')).records;
  assert.equal(lsnOf(copy!['FirstLSN']), lsnOf(log!['FirstLSN']));
  assert.equal(copy!['IsCopyOnly'], true);
  assert.equal(Number(copy!['Flags']) & 1024, 1024);
  await lab.restore('new', 'copy.bak', moved('shop', 'new'));
  await lab.restore('new', 'l.trn', { kind: 'log', recovery: 'recovery' });
  assert.deepEqual(lab.ids('new'), [1]);
});

test('logs span full backups: an older full rolls through newer ones', async () => {
  await using lab = await Lab.open();
  await lab.create('shop');
  await lab.backup('shop', 'f1.bak');
  lab.insert('shop', 1);
  await lab.backup('shop', 'f2.bak');
  lab.insert('shop', 2);
  await lab.log('shop', 'l1.trn');
  await lab.backup('shop', 'f3.bak');
  lab.insert('shop', 3);
  await lab.log('shop', 'l2.trn');
  for (const [i, full] of ['f1.bak', 'f2.bak'].entries()) {
    const name = `copy${i}`;
    await lab.restore(name, full, moved('shop', name));
    await lab.restore(name, 'l1.trn', { kind: 'log' });
    await lab.restore(name, 'l2.trn', { kind: 'log', recovery: 'recovery' });
    assert.deepEqual(lab.ids(name), [1, 2, 3]);
  }
  await lab.restore('late', 'f3.bak', moved('shop', 'late'));
  assert.deepEqual(await failsWith(lab.restore('late', 'l1.trn', { kind: 'log' })), [4326, 3013]);
  await lab.restore('late', 'l2.trn', { kind: 'log', recovery: 'recovery' });
  assert.deepEqual(lab.ids('late'), [1, 2, 3]);
});

test('a lost log backup is a hole that nothing bridges but a data backup', async () => {
  await using lab = await Lab.open();
  await lab.create('shop');
  await lab.backup('shop', 'f.bak');
  lab.insert('shop', 1);
  await lab.log('shop', 'lost.trn');
  lab.insert('shop', 2);
  await lab.log('shop', 'l2.trn');
  await lab.restore('copy', 'f.bak', moved('shop', 'copy'));
  assert.deepEqual(await failsWith(lab.restore('copy', 'l2.trn', { kind: 'log' })), [4305, 3013]);
});

test('the last valid restore time of an idle database lags behind its log backups', async () => {
  await using lab = await Lab.open();
  await lab.create('shop');
  await lab.backup('shop', 'f.bak');
  lab.insert('shop', 1);
  await lab.log('shop', 'l1.trn');
  await lab.log('shop', 'l2.trn');
  const [one] = (await lab.info('headeronly', 'l1.trn')).records;
  const [two] = (await lab.info('headeronly', 'l2.trn')).records;
  assert.notEqual(one!['LastValidRestoreTime'], null);
  assert.deepEqual(two!['LastValidRestoreTime'], one!['LastValidRestoreTime']);
  assert.equal((await lab.info('headeronly', 'f.bak')).records[0]!['LastValidRestoreTime'], null);
});

test('the log stays as long as a backup needs it and is cut off behind', async () => {
  await using lab = await Lab.open();
  const database = await lab.create('shop');
  const body = 'x'.repeat(50_000);
  const fill = () => {
    for (let id = 0; id < 200; id += 1) {
      const transaction = database.begin();
      const row = transaction.insert(database.table('dbo', 'items')!, [1_000_000 + id, body]);
      transaction.delete(database.table('dbo', 'items')!, row);
      transaction.commit();
    }
  };
  await lab.backup('shop', 'f.bak');
  fill();
  await lab.backup('shop', 'f2.bak');
  assert.ok(database.storage.log.sizeBytes > 9_000_000);
  assert.equal(database.logStats().reuseWait, 'LOG_BACKUP');
  await lab.log('shop', 'l.trn');
  assert.ok(database.storage.log.sizeBytes < 1_000_000);
  assert.equal(database.logStats().reuseWait, 'NOTHING');
  assert.equal(database.recovery.lastLogBackupLsn, lsnAt(database.storage.log.end));
  fill();
  await lab.log('shop', 'l2.trn');
  await lab.restore('copy', 'f.bak', moved('shop', 'copy'));
  await lab.restore('copy', 'l.trn', { kind: 'log' });
  await lab.restore('copy', 'l2.trn', { kind: 'log', recovery: 'recovery' });
  assert.deepEqual(lab.ids('copy'), []);
});

test('a backup to NUL is thrown away and still moves base and archive point', async () => {
  await using lab = await Lab.open();
  await lab.create('shop');
  await lab.backup('shop', 'f.bak');
  lab.insert('shop', 1);
  const before = lab.database('shop').recovery;
  await lab.log('shop', 'NUL');
  assert.notEqual(lab.database('shop').recovery.lastLogBackupLsn, before.lastLogBackupLsn);
  lab.insert('shop', 2);
  await lab.log('shop', 'l.trn');
  await lab.restore('copy', 'f.bak', moved('shop', 'copy'));
  assert.deepEqual(await failsWith(lab.restore('copy', 'l.trn', { kind: 'log' })), [4305, 3013]);
  await lab.backup('shop', 'NUL');
  await lab.backup('shop', 'd.bak', { differential: true });
  assert.deepEqual(await failsWith(lab.restore('copy', 'd.bak')), [3136, 3013]);
});
