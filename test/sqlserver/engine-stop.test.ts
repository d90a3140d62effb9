import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { failsWith, Lab, lsnOf, moved, numbers, tick } from './engine/testing/harness.ts';

test('a stop time behind the end of the log leaves the database RESTORING even WITH RECOVERY', async () => {
  await using lab = await Lab.open();
  await lab.create('shop');
  await lab.backup('shop', 'f.bak');
  lab.insert('shop', 1);
  await lab.log('shop', 'l.trn');
  await tick();
  const later = lab.now();
  await lab.restore('copy', 'f.bak', moved('shop', 'copy'));
  const messages = await lab.restore('copy', 'l.trn', { kind: 'log', stopAt: later, recovery: 'recovery' });
  assert.deepEqual(numbers(messages), [4322, 4035, 4035, 3014]);
  assert.ok(messages.every((m) => m.class === 0));
  assert.equal(lab.database('copy').state, 'RESTORING');
  await lab.restore('copy', undefined, { recovery: 'recovery' });
  assert.deepEqual(lab.ids('copy'), [1]);
});

test('a stop time before the data backup ended is refused, on the database and on its log', async () => {
  await using lab = await Lab.open();
  await lab.create('shop');
  const early = lab.now();
  await tick();
  lab.insert('shop', 1);
  await lab.backup('shop', 'f.bak');
  lab.insert('shop', 2);
  await lab.log('shop', 'l.trn');
  assert.deepEqual(
    await failsWith(lab.restore('copy', 'f.bak', { ...moved('shop', 'copy'), stopAt: early })),
    [4338, 3013],
  );
  assert.equal(lab.instance.database('copy'), undefined);
  await lab.restore('copy', 'f.bak', moved('shop', 'copy'));
  assert.deepEqual(await failsWith(lab.restore('copy', 'l.trn', { kind: 'log', stopAt: early })), [4335, 3013]);
});

test('the same stop time on every log: earlier ones wait, the one that contains it recovers', async () => {
  await using lab = await Lab.open();
  await lab.create('shop');
  await lab.backup('shop', 'f.bak');
  for (const id of [1, 2]) {
    lab.insert('shop', id);
    await lab.log('shop', `l${id}.trn`);
  }
  await tick();
  const stopAt = lab.now();
  await tick();
  lab.insert('shop', 3);
  await lab.log('shop', 'l3.trn');
  await lab.restore('copy', 'f.bak', { ...moved('shop', 'copy'), stopAt });
  for (const log of ['l1.trn', 'l2.trn']) {
    const messages = await lab.restore('copy', log, { kind: 'log', stopAt, recovery: 'recovery' });
    assert.ok(numbers(messages).includes(4322));
    assert.equal(lab.database('copy').state, 'RESTORING');
  }
  const messages = await lab.restore('copy', 'l3.trn', { kind: 'log', stopAt, recovery: 'recovery' });
  assert.ok(!numbers(messages).includes(4322));
  assert.deepEqual(lab.ids('copy'), [1, 2]);
});

test('STOPAT on a backup of a SIMPLE database is refused', async () => {
  await using lab = await Lab.open();
  const database = await lab.create('shop');
  database.storage.boot.recoveryModel = 'SIMPLE';
  await lab.backup('shop', 'f.bak');
  const stopAt = lab.now();
  assert.deepEqual(await failsWith(lab.restore('copy', 'f.bak', { ...moved('shop', 'copy'), stopAt })), [3145, 3013]);
});

test('marks stop a restore after or before their transaction, and msdb lists them', async () => {
  await using lab = await Lab.open();
  const database = await lab.create('shop');
  await lab.backup('shop', 'f.bak');
  lab.insert('shop', 1);
  const marked = database.begin();
  marked.mark = { name: 'Release', description: 'before the release' };
  marked.insert(database.table('dbo', 'items')!, [2, 'marked']);
  marked.commit();
  lab.insert('shop', 3);
  await lab.log('shop', 'l.trn');
  for (const [before, ids] of [
    [false, [1, 2]],
    [true, [1]],
  ] as const) {
    const name = before ? 'before' : 'at';
    await lab.restore(name, 'f.bak', moved('shop', name));
    const stopMark = { name: 'release', before, after: undefined };
    await lab.restore(name, 'l.trn', { kind: 'log', stopMark, recovery: 'recovery' });
    assert.deepEqual(lab.ids(name), ids);
  }
  const [mark] = lab.history('logmarkhistory');
  assert.equal(mark!['mark_name'], 'Release');
  await lab.restore('lsn', 'f.bak', moved('shop', 'lsn'));
  const stopMark = { name: `lsn:${lsnOf(mark!['lsn'])}`, before: true, after: undefined };
  await lab.restore('lsn', 'l.trn', { kind: 'log', stopMark, recovery: 'recovery' });
  assert.deepEqual(lab.ids('lsn'), [1]);
  await lab.restore('none', 'f.bak', moved('shop', 'none'));
  const nowhere = { name: 'elsewhere', before: false, after: undefined };
  const messages = await lab.restore('none', 'l.trn', { kind: 'log', stopMark: nowhere, recovery: 'recovery' });
  assert.ok(numbers(messages).includes(4329));
  assert.equal(lab.database('none').state, 'RESTORING');
});

test('a standby database is readable and read-only, and takes more logs', async () => {
  await using lab = await Lab.open();
  await lab.create('shop');
  await lab.backup('shop', 'f.bak');
  lab.insert('shop', 1);
  await lab.log('shop', 'l1.trn');
  lab.insert('shop', 2);
  await lab.log('shop', 'l2.trn');
  const standby = '/var/opt/mssql/data/undo.bak';
  await lab.restore('copy', 'f.bak', { ...moved('shop', 'copy'), recovery: { standby } });
  const copy = lab.database('copy');
  assert.equal(copy.state, 'ONLINE');
  assert.equal(copy.isInStandby, true);
  assert.deepEqual(lab.ids('copy'), []);
  await lab.restore('copy', 'l1.trn', { kind: 'log', recovery: { standby } });
  assert.deepEqual(lab.ids('copy'), [1]);
  assert.throws(() => lab.insert('copy', 9), /Msg 3906/);
  assert.deepEqual(await failsWith(lab.backup('copy', 'x.bak')), [3036, 3013]);
  await lab.restore('copy', 'l2.trn', { kind: 'log', recovery: 'recovery' });
  assert.deepEqual(lab.ids('copy'), [1, 2]);
  lab.insert('copy', 9);
  assert.equal(copy.isReadOnly, false);
});

test('a tail-log backup leaves the source RESTORING and brings its last row along', async () => {
  await using lab = await Lab.open();
  await lab.create('shop');
  await lab.backup('shop', 'f.bak');
  lab.insert('shop', 1);
  await lab.log('shop', 'tail.trn', { noRecovery: true });
  assert.equal(lab.database('shop').state, 'RESTORING');
  assert.throws(() => lab.ids('shop'), /Msg 927/);
  const [header] = (await lab.info('headeronly', 'tail.trn')).records;
  assert.equal(Number(header!['Flags']) & 64, 64);
  await lab.restore('copy', 'f.bak', moved('shop', 'copy'));
  await lab.restore('copy', 'tail.trn', { kind: 'log', recovery: 'recovery' });
  assert.deepEqual(lab.ids('copy'), [1]);
  await lab.restore('shop', undefined, { recovery: 'recovery' });
  assert.deepEqual(lab.ids('shop'), [1]);
});

test('a tail-log backup WITH NO_TRUNCATE saves the last rows of a database whose data file is lost', async () => {
  await using lab = await Lab.open();
  await lab.create('shop');
  await lab.backup('shop', 'f.bak');
  lab.insert('shop', 1);
  await lab.log('shop', 'l.trn');
  lab.insert('shop', 2);
  rmSync(lab.database('shop').realPath('ROWS'));
  await lab.reopen();
  assert.equal(lab.database('shop').state, 'RECOVERY_PENDING');
  assert.deepEqual(await failsWith(lab.log('shop', 'tail.trn')), [945, 3013]);
  await lab.log('shop', 'tail.trn', { noTruncate: true });
  await lab.restore('shop', 'f.bak', { replace: true });
  await lab.restore('shop', 'l.trn', { kind: 'log' });
  await lab.restore('shop', 'tail.trn', { kind: 'log', recovery: 'recovery' });
  assert.deepEqual(lab.ids('shop'), [1, 2]);
});

test('a mark is found wherever it lies in a long log', async () => {
  await using lab = await Lab.open();
  const database = await lab.create('shop');
  await lab.backup('shop', 'f.bak');
  for (let id = 0; id < 60; id += 1) {
    database.writeBallast([{ op: 'filler', bytes: Buffer.alloc(50_000 + id * 977) }]);
    const marked = database.begin();
    marked.mark = { name: `m${id}`, description: 'x'.repeat(200) };
    marked.insert(database.table('dbo', 'items')!, [id, 'y'.repeat(2000)]);
    marked.commit();
  }
  await lab.log('shop', 'l.trn');
  await lab.restore('copy', 'f.bak', moved('shop', 'copy'));
  for (let id = 0; id < 60; id += 1) {
    const stopMark = { name: `m${id}`, before: false, after: undefined };
    const messages = await lab.restore('copy', 'l.trn', { kind: 'log', stopMark });
    assert.ok(!numbers(messages).includes(4329), `m${id}`);
  }
  await lab.restore('copy', undefined, { recovery: 'recovery' });
  assert.equal(lab.ids('copy').length, 60);
});
