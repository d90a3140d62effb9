import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startControl } from './control.ts';
import { addBallast } from './engine/ballast.ts';
import { backupOf, failsWith, failure, Lab, moved, numbers, restoreOf, sa } from './engine/testing/harness.ts';

const BACKUPS = '/var/opt/mssql/data/';

test('a full disk ends the backup with 112 and takes back what it wrote', async () => {
  await using lab = await Lab.open();
  const database = await lab.create('shop');
  await addBallast(database, 4);
  await lab.backup('shop', 'm.bak');
  const before = statSync(join(lab.root, 'data', 'm.bak')).size;
  const fault = lab.instance.faults.addFile({ kind: 'full', prefix: BACKUPS, afterBytes: 2 << 20 });
  const error = await failure(lab.backup('shop', 'new.bak'));
  assert.equal(error.messages[0]!.text, 'Write on "new.bak" failed: 112(There is not enough space on the disk.)');
  assert.deepEqual(numbers(error.messages), [3202, 3013]);
  assert.equal(existsSync(join(lab.root, 'data', 'new.bak')), false);
  assert.deepEqual(await failsWith(lab.backup('shop', 'm.bak')), [3202, 3013]);
  assert.equal(statSync(join(lab.root, 'data', 'm.bak')).size, before);
  assert.deepEqual(await failsWith(lab.restore('copy', 'm.bak', moved('shop', 'copy'))), [3257, 3119, 3013]);
  lab.instance.faults.removeFile(fault.id);
  await lab.info('verifyonly', 'm.bak');
  await lab.backup('shop', 'new.bak');
});

test('torn and corrupted writes give files that a verify refuses', async () => {
  await using lab = await Lab.open();
  const database = await lab.create('shop');
  await addBallast(database, 3);
  const write = async (kind: 'torn' | 'corrupt', name: string) => {
    const fault = lab.instance.faults.addFile({ kind, prefix: `${BACKUPS}${name}`, afterBytes: 2 << 20 });
    await lab.backup('shop', name, { checksum: true });
    lab.instance.faults.removeFile(fault.id);
    return failsWith(lab.info('verifyonly', name));
  };
  assert.deepEqual(await write('corrupt', 'c.bak'), [3189, 3013]);
  assert.equal((await write('torn', 't.bak')).at(-1), 3013);
});

test('a cancelled backup removes its file and moves nothing', async () => {
  await using lab = await Lab.open();
  const database = await lab.create('shop');
  await addBallast(database, 4);
  await lab.backup('shop', 'f.bak');
  lab.insert('shop', 1);
  for (const [at, statement] of [
    ['backup-database', backupOf('shop', 'x.bak')],
    ['backup-log', backupOf('shop', 'x.trn', { kind: 'log' })],
  ] as const) {
    const state = database.recovery;
    const hold = lab.instance.faults.addHold({ at, database: 'shop', atPercent: 50 });
    const cancel = new AbortController();
    const { context } = sa(lab.instance, { signal: cancel.signal });
    const work = lab.instance.backup(statement, context);
    await Promise.race([hold.reached, work]);
    cancel.abort(new Error('attention'));
    await assert.rejects(work, /attention/);
    lab.instance.faults.release(hold.id);
    assert.deepEqual(database.recovery, state);
    assert.equal(existsSync(join(lab.root, 'data', statement.devices[0]!.path)), false);
    assert.equal(database.storage.pins.size, 0);
  }
});

test('a log backup runs beside a full backup, a second full backup waits for the first', async () => {
  await using lab = await Lab.open();
  const database = await lab.create('shop');
  await lab.backup('shop', 'f0.bak');
  const hold = lab.instance.faults.addHold({ at: 'backup-database' });
  const first = lab.backup('shop', 'f1.bak');
  await hold.reached;
  lab.insert('shop', 1);
  await lab.log('shop', 'l1.trn');
  assert.equal(database.logStats().reuseWait, 'ACTIVE_BACKUP_OR_RESTORE');
  const impatient = sa(lab.instance, { lockTimeoutMs: 10 }).context;
  const error = await failure(lab.instance.backup(backupOf('shop', 'f2.bak', { differential: true }), impatient));
  assert.deepEqual(
    error.messages.map((m) => [m.number, m.state]),
    [
      [3023, 2],
      [3013, 1],
    ],
  );
  const second = lab.backup('shop', 'f3.bak');
  lab.insert('shop', 2);
  lab.instance.faults.release(hold.id);
  await Promise.all([first, second]);
  lab.insert('shop', 3);
  await lab.log('shop', 'l2.trn');
  await lab.restore('copy', 'f1.bak', moved('shop', 'copy'));
  assert.deepEqual(await failsWith(lab.restore('copy', 'l1.trn', { kind: 'log' })), [4326, 3013]);
  await lab.restore('copy', 'l2.trn', { kind: 'log', recovery: 'recovery' });
  assert.deepEqual(lab.ids('copy'), [1, 2, 3]);
  await lab.restore('long', 'f0.bak', moved('shop', 'long'));
  await lab.restore('long', 'l1.trn', { kind: 'log' });
  await lab.restore('long', 'l2.trn', { kind: 'log', recovery: 'recovery' });
  assert.deepEqual(lab.ids('long'), [1, 2, 3]);
});

test('rows that are written while a full backup runs are in it, and open transactions are not', async () => {
  await using lab = await Lab.open();
  const database = await lab.create('shop');
  await addBallast(database, 3);
  lab.insert('shop', 1);
  const open = database.begin();
  open.insert(database.table('dbo', 'items')!, [99, 'open']);
  const hold = lab.instance.faults.addHold({ at: 'backup-database', atPercent: 50 });
  const backup = lab.backup('shop', 'f.bak');
  await hold.reached;
  open.rollback();
  lab.insert('shop', 2);
  await addBallast(database, 1);
  lab.instance.faults.release(hold.id);
  await backup;
  lab.insert('shop', 3);
  await lab.restore('copy', 'f.bak', { ...moved('shop', 'copy'), recovery: 'recovery' });
  assert.deepEqual(lab.ids('copy'), [1, 2]);
  assert.deepEqual(await lab.database('copy').check(new AbortController().signal), []);
  assert.equal(lab.database('copy').boot!.ballast.count, 4);
});

test('the control port holds, throttles, breaks and tells, in JSON', async () => {
  await using lab = await Lab.open();
  await lab.create('shop');
  const control = await startControl(lab.instance, 0);
  const call = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`http://127.0.0.1:${control.port}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, value: (await response.json()) as Record<string, unknown> };
  };
  try {
    const grown = await call('POST', '/databases/shop/ballast', { megabytes: 2 });
    assert.equal(grown.value['ballastMegabytes'], 2);
    assert.deepEqual((await call('POST', '/databases/shop/ballast/touch', { megabytes: 5 })).value, { touched: 2 });
    const hold = await call('POST', '/holds', { at: 'backup-database', database: 'shop', atPercent: 50 });
    const reached = call('GET', `/holds/${String(hold.value['id'])}/reached`);
    const { context } = sa(lab.instance);
    const backup = lab.instance.backup(backupOf('shop', 'f.bak'), context);
    assert.equal((await reached).value['reachedBy'], 'shop');
    await call('DELETE', `/holds/${String(hold.value['id'])}`);
    await backup;
    assert.deepEqual((await call('POST', '/throttle', { backup: 1_000_000_000 })).value, { backup: 1_000_000_000 });
    assert.deepEqual((await call('POST', '/throttle', { backup: null })).value, {});
    const fault = await call('POST', '/faults', { kind: 'full', prefix: BACKUPS, afterBytes: 0 });
    assert.deepEqual(await failsWith(lab.backup('shop', 'g.bak')), [3202, 3013]);
    assert.equal((await call('DELETE', `/faults/${String(fault.value['id'])}`)).status, 200);
    await call('POST', '/clock', { offsetMs: 3_600_000 });
    assert.ok(lab.instance.clock.now() - Date.now() > 3_500_000);
    const state = await call('GET', '/state');
    const names = (state.value['databases'] as { name: string }[]).map((d) => d.name);
    assert.deepEqual(names, ['master', 'tempdb', 'model', 'msdb', 'shop']);
    assert.equal((await call('POST', '/holds', { at: 'lunch' })).status, 400);
    assert.equal((await call('GET', '/nothing')).status, 404);
  } finally {
    await control.close();
  }
});

test('a throttled backup reports its progress on the way', async () => {
  await using lab = await Lab.open();
  const database = await lab.create('shop');
  await addBallast(database, 20);
  lab.instance.faults.setRate('backup', 400_000_000);
  const percents: number[] = [];
  const { context, messages } = sa(lab.instance, { progress: (percent) => percents.push(percent) });
  await lab.instance.backup(backupOf('shop', 'f.bak', { stats: 25 }), context);
  const told = messages.filter((m) => m.number === 3211).map((m) => Number.parseInt(m.text, 10));
  assert.deepEqual(
    told.map((percent) => Math.floor(percent / 25)),
    [1, 2, 3, 4],
  );
  assert.ok(percents.length > 10);
  assert.deepEqual(
    percents,
    percents.toSorted((a, b) => a - b),
  );
});

test('the error log tells of backups, restores and failures in the words of the real one', async () => {
  await using lab = await Lab.open();
  await lab.create('shop');
  await lab.backup('shop', 'f.bak');
  await lab.log('shop', 'l.trn');
  await failsWith(lab.backup('shop', '/nodir/x.bak'));
  await lab.restore('copy', 'f.bak', moved('shop', 'copy'));
  const { context } = sa(lab.instance);
  await lab.instance.restore(restoreOf('copy', 'l.trn', { kind: 'log' }), context);
  const text = readFileSync(join(lab.root, 'log', 'errorlog'), 'utf8');
  assert.match(
    text,
    /Backup {6}Database backed up\. Database: shop, creation date\(time\): \d{4}\/\d\d\/\d\d\(\d\d:\d\d:\d\d\), pages dumped: \d+, first LSN: 39:\d+:1, last LSN: 39:\d+:1, number of dump devices: 1, device information: \(FILE=1, TYPE=DISK: \{'f\.bak'\}\)\./,
  );
  assert.match(text, /Log was backed up\. Database: shop/);
  assert.match(text, /BACKUP failed to complete the command BACKUP DATABASE shop\./);
  assert.match(text, /Database was restored: Database: copy/);
  assert.match(text, /Log was restored\. Database: copy/);
  assert.match(
    text,
    /The database 'copy' is marked RESTORING and is in a state that does not allow recovery to be run\./,
  );
});
