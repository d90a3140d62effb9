import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { BackupStatement } from './contracts.ts';
import { addBallast, touchBallast } from './engine/ballast.ts';
import { failsWith, failure, Lab, lsnOf, moved, numbers } from './engine/testing/harness.ts';

const onDisk = (lab: Lab, name: string) => join(lab.root, 'data', name);
const disks = (...paths: readonly string[]): BackupStatement['devices'] =>
  paths.map((path) => ({ type: 'DISK', path }));

function flipByte(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = bytes[at]! ^ 0xff;
  writeFileSync(path, bytes);
}

test('NOINIT appends, INIT replaces the sets and keeps the media, FORMAT makes new media', async () => {
  await using lab = await Lab.open();
  await lab.create('shop');
  const label = async () => (await lab.info('labelonly', 'm.bak')).records[0]!;
  const count = async () => (await lab.info('headeronly', 'm.bak')).records.length;
  await lab.backup('shop', 'm.bak', { mediaName: 'tape 1' });
  const first = await label();
  assert.equal(first['MediaName'], 'tape 1');
  const messages = await lab.backup('shop', 'm.bak');
  assert.match(messages[0]!.text, /on file 2\.$/);
  assert.equal(await count(), 2);
  await lab.backup('shop', 'm.bak', { init: true });
  assert.equal(await count(), 1);
  assert.equal((await label())['MediaSetId'], first['MediaSetId']);
  await lab.backup('shop', 'm.bak', { format: true, init: true });
  assert.notEqual((await label())['MediaSetId'], first['MediaSetId']);
  assert.equal(await count(), 1);
});

test('INIT spares a set that has not expired unless SKIP is given', async () => {
  await using lab = await Lab.open();
  await lab.create('shop');
  const expireDate = { ticks: lab.now().ticks + 864_000_000_000n };
  await lab.backup('shop', 'm.bak', { expireDate });
  assert.deepEqual(await failsWith(lab.backup('shop', 'm.bak', { init: true })), [4030, 3013]);
  assert.equal((await lab.info('headeronly', 'm.bak')).records.length, 1);
  await lab.backup('shop', 'm.bak', { init: true, skip: true });
});

test('a file that is no backup is refused, and only FORMAT overwrites it', async () => {
  await using lab = await Lab.open();
  await lab.create('shop');
  writeFileSync(onDisk(lab, 'notes.txt'), 'x'.repeat(10_000));
  assert.deepEqual(await failsWith(lab.backup('shop', 'notes.txt')), [3241, 3013]);
  assert.deepEqual(await failsWith(lab.info('headeronly', 'notes.txt')), [3241, 3013]);
  assert.equal(readFileSync(onDisk(lab, 'notes.txt'), 'utf8'), 'x'.repeat(10_000));
  writeFileSync(onDisk(lab, 'empty.bak'), '');
  assert.deepEqual(await failsWith(lab.restore('copy', 'empty.bak')), [3254, 3013]);
  await lab.backup('shop', 'notes.txt', { format: true });
  await lab.info('verifyonly', 'notes.txt');
});

test('compression is decided by the media and makes the file smaller', async () => {
  await using lab = await Lab.open();
  const database = await lab.create('shop');
  await addBallast(database, 4);
  await lab.backup('shop', 'plain.bak');
  await lab.backup('shop', 'small.bak', { compression: true });
  assert.ok(statSync(onDisk(lab, 'small.bak')).size < 0.7 * statSync(onDisk(lab, 'plain.bak')).size);
  await lab.log('shop', 'small.bak');
  const [full, log] = (await lab.info('headeronly', 'small.bak')).records;
  assert.equal(log!['Compressed'], 1);
  assert.equal(log!['CompressionAlgorithm'], 'MS_XPRESS');
  assert.ok(Number(full!['CompressedBackupSize']) < 0.7 * Number(full!['BackupSize']));
  assert.deepEqual(await failsWith(lab.log('shop', 'plain.bak', { compression: true })), [3098, 3013]);
  lab.instance.configuration.set('backup compression default', 1);
  await lab.backup('shop', 'default.bak');
  assert.equal((await lab.info('headeronly', 'default.bak')).records[0]!['Compressed'], 1);
});

test('stripes belong together: all are needed, in any order', async () => {
  await using lab = await Lab.open();
  const database = await lab.create('shop');
  await addBallast(database, 7);
  lab.insert('shop', 1);
  const devices = disks('s1.bak', 's2.bak', 's3.bak');
  await lab.backup('shop', '', { devices, compression: true });
  for (const name of ['s1.bak', 's2.bak', 's3.bak']) assert.ok(statSync(onDisk(lab, name)).size > 500_000);
  assert.equal((await lab.info('labelonly', 's2.bak')).records[0]!['FamilySequenceNumber'], 2);
  const two = { ...moved('shop', 'copy'), devices: disks('s1.bak', 's3.bak') };
  assert.deepEqual(await failsWith(lab.restore('copy', '', two)), [3132, 3013]);
  const twice = { ...moved('shop', 'copy'), devices: disks('s1.bak', 's1.bak', 's3.bak') };
  assert.deepEqual(await failsWith(lab.restore('copy', '', twice)), [3227, 3013]);
  assert.deepEqual(await failsWith(lab.log('shop', 's1.bak')), [3231, 3013]);
  const all = { ...moved('shop', 'copy'), devices: disks('s3.bak', 's1.bak', 's2.bak'), recovery: 'recovery' as const };
  await lab.restore('copy', '', all);
  assert.deepEqual(lab.ids('copy'), [1]);
  assert.deepEqual(await lab.database('copy').check(new AbortController().signal), []);
});

test('a differential holds only what changed since its base', async () => {
  await using lab = await Lab.open();
  const database = await lab.create('shop');
  await addBallast(database, 12);
  await lab.backup('shop', 'f.bak');
  await touchBallast(database, 3);
  await lab.backup('shop', 'd.bak', { differential: true });
  const size = (name: string) => statSync(onDisk(lab, name)).size;
  assert.ok(size('f.bak') > 12 << 20);
  assert.ok(size('d.bak') > 3 << 20 && size('d.bak') < 5 << 20);
  const [full] = (await lab.info('headeronly', 'f.bak')).records;
  const [diff] = (await lab.info('headeronly', 'd.bak')).records;
  assert.equal(diff!['Flags'], 2560);
  assert.equal(diff!['DifferentialBaseGUID'], full!['BackupSetGUID']);
  assert.equal(lsnOf(diff!['DifferentialBaseLSN']), lsnOf(full!['CheckpointLSN']));
  assert.equal(lsnOf(diff!['DatabaseBackupLSN']), lsnOf(full!['CheckpointLSN']));
  assert.equal(lsnOf(full!['DatabaseBackupLSN']), 0n);
  await lab.backup('shop', 'f2.bak');
  await lab.restore('copy', 'f2.bak', moved('shop', 'copy'));
  assert.deepEqual(await failsWith(lab.restore('copy', 'd.bak')), [3136, 3013]);
});

test('a truncated copy is refused with the end of the file', async () => {
  await using lab = await Lab.open();
  const database = await lab.create('shop');
  await addBallast(database, 4);
  await lab.backup('shop', 'f.bak');
  truncateSync(onDisk(lab, 'f.bak'), 2 << 20);
  assert.deepEqual(await failsWith(lab.info('verifyonly', 'f.bak')), [3203, 3013]);
  const error = await failure(lab.restore('copy', 'f.bak', moved('shop', 'copy')));
  assert.match(error.message, /failed: 38\(Reached the end of the file\.\)/);
});

test('a damaged backup is found by its checksums, before and during a restore', async () => {
  await using lab = await Lab.open();
  const database = await lab.create('shop');
  await addBallast(database, 4);
  await lab.backup('shop', 'f.bak', { checksum: true });
  flipByte(onDisk(lab, 'f.bak'), 2 << 20);
  assert.deepEqual(await failsWith(lab.info('verifyonly', 'f.bak')), [3189, 3013]);
  assert.deepEqual(await failsWith(lab.restore('copy', 'f.bak', moved('shop', 'copy'))), [3183, 3013]);
  assert.equal(lab.database('copy').state, 'RESTORING');
  const messages = await lab.restore('copy', 'f.bak', { continueAfterError: true, recovery: 'recovery' });
  assert.ok(numbers(messages).includes(3184));
  assert.equal((await lab.database('copy').check(new AbortController().signal)).length, 1);
});

test('without CHECKSUM damage goes through unseen until DBCC CHECKDB looks', async () => {
  await using lab = await Lab.open();
  const database = await lab.create('shop');
  await addBallast(database, 4);
  await lab.backup('shop', 'f.bak');
  flipByte(onDisk(lab, 'f.bak'), 2 << 20);
  await lab.restore('copy', 'f.bak', { ...moved('shop', 'copy'), recovery: 'recovery' });
  assert.equal((await lab.database('copy').check(new AbortController().signal)).length, 1);
  const asked = { ...moved('shop', 'c2'), checksum: true };
  assert.deepEqual(await failsWith(lab.restore('c2', 'f.bak', asked)), [3187, 3013]);
});

test('BACKUP WITH CHECKSUM refuses a damaged page and says so in suspect_pages', async () => {
  await using lab = await Lab.open();
  const database = await lab.create('shop');
  await addBallast(database, 3);
  await lab.backup('shop', 'f.bak');
  flipByte(database.realPath('ROWS'), (3 << 20) + 100);
  await lab.reopen();
  assert.deepEqual(await failsWith(lab.backup('shop', 'c.bak', { checksum: true })), [3043, 3013]);
  assert.equal(lab.history('suspect_pages').length, 1);
  assert.ok(!readdirSync(join(lab.root, 'data')).includes('c.bak'));
  const messages = await lab.backup('shop', 'c.bak', { checksum: true, continueAfterError: true });
  assert.ok(numbers(messages).includes(3042));
  assert.deepEqual(await failsWith(lab.restore('copy', 'c.bak', moved('shop', 'copy'))), [3182, 3013]);
  assert.equal((await lab.info('headeronly', 'c.bak')).records[0]!['IsDamaged'], true);
});

test('a set number behind the last one is refused', async () => {
  await using lab = await Lab.open();
  await lab.create('shop');
  await lab.backup('shop', 'f.bak');
  assert.deepEqual(await failsWith(lab.restore('copy', 'f.bak', { position: 3 })), [3287, 3013]);
  const error = await failure(lab.info('filelistonly', 'f.bak', { position: 2 }));
  assert.match(error.message, /Msg 3013.*RESTORE FILELIST is terminating abnormally/);
});
