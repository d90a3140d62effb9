import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SqlError } from './contracts.ts';
import type { AlterDatabase } from './contracts.ts';
import { openInstance } from './engine/instance.ts';
import { failsWith, ITEMS, Lab, moved, numbers, sa } from './engine/testing/harness.ts';

const alter = (lab: Lab, name: string, change: AlterDatabase) =>
  lab.instance.alterDatabase(name, change, sa(lab.instance).context);
const create = (lab: Lab, name: string) => lab.instance.createDatabase({ name, files: [] }, sa(lab.instance).context);
const drop = (lab: Lab, name: string) => lab.instance.dropDatabase(name, sa(lab.instance).context);

test('databases are created, renamed, taken offline, dropped, and all of it outlives a kill', async () => {
  await using lab = await Lab.open();
  await lab.create('Shop');
  assert.deepEqual(await failsWith(create(lab, 'SHOP')), [1801]);
  lab.insert('shop', 1);
  await alter(lab, 'shop', { set: 'name', name: 'store' });
  await lab.create('other');
  await alter(lab, 'other', { set: 'state', state: 'OFFLINE', rollbackImmediate: false });
  await create(lab, 'gone');
  await drop(lab, 'gone');
  await lab.reopen();
  const states = [...lab.instance.databases()].map((d) => [d.id, d.name, d.state]);
  assert.deepEqual(states.slice(4), [
    [5, 'store', 'ONLINE'],
    [6, 'other', 'OFFLINE'],
  ]);
  assert.deepEqual(lab.ids('store'), [1]);
  assert.throws(() => lab.ids('other'), /Msg 942/);
  await alter(lab, 'other', { set: 'state', state: 'ONLINE', rollbackImmediate: false });
  assert.deepEqual(lab.ids('other'), []);
  assert.equal(existsSync(join(lab.root, 'data', 'gone.mdf')), false);
});

test('system databases are neither dropped nor taken offline, and a database in use is not dropped', async () => {
  await using lab = await Lab.open();
  await create(lab, 'shop');
  assert.deepEqual(await failsWith(drop(lab, 'msdb')), [3708]);
  assert.deepEqual(await failsWith(drop(lab, 'nosuch')), [3701]);
  const offline: AlterDatabase = { set: 'state', state: 'OFFLINE', rollbackImmediate: true };
  assert.deepEqual(await failsWith(alter(lab, 'master', offline)), [5058, 5069]);
  lab.instance.sessions = { inDatabase: (id) => (id === 5 ? [60] : []), kill: () => Promise.resolve() };
  assert.deepEqual(await failsWith(drop(lab, 'shop')), [3702]);
});

test('ROLLBACK IMMEDIATE throws the others out and says so', async () => {
  await using lab = await Lab.open();
  await create(lab, 'shop');
  const inside = new Set([60, 61]);
  lab.instance.sessions = {
    inDatabase: () => [...inside],
    kill: (spid) => Promise.resolve(void inside.delete(spid)),
  };
  const { context, messages } = sa(lab.instance);
  const change: AlterDatabase = { set: 'access', access: 'SINGLE_USER', rollbackImmediate: true };
  await lab.instance.alterDatabase('shop', change, context);
  assert.deepEqual(numbers(messages), [5060, 5060]);
  assert.equal(lab.database('shop').userAccess, 'SINGLE_USER');
});

test('a database whose data file is gone waits for recovery, one whose snapshot is damaged is suspect', async () => {
  await using lab = await Lab.open();
  for (const name of ['lost', 'bad']) {
    await lab.create(name);
    lab.insert(name, 1);
  }
  await lab.instance.close();
  rmSync(join(lab.root, 'data', 'lost.mdf'));
  writeFileSync(join(lab.root, 'data', 'bad.mdf'), Buffer.alloc(3 << 20, 1), { flag: 'r+' });
  await lab.reopen();
  assert.equal(lab.database('lost').state, 'RECOVERY_PENDING');
  assert.equal(lab.database('bad').state, 'SUSPECT');
  assert.throws(() => lab.ids('lost'), /Msg 945/);
  assert.throws(() => lab.ids('bad'), /Msg 926/);
});

test('a secondary file is listed, backed up by name and moved by a restore', async () => {
  await using lab = await Lab.open();
  await lab.create('shop');
  const file = { logicalName: 'more', physicalName: '/var/opt/mssql/data/more.ndf', type: 'ROWS' as const };
  await alter(lab, 'shop', { set: 'file', file });
  await lab.backup('shop', 'f.bak');
  const { records } = await lab.info('filelistonly', 'f.bak');
  assert.deepEqual(
    records.map((r) => [r['FileId'], r['LogicalName'], r['Type']]),
    [
      [1n, 'shop', 'D'],
      [2n, 'shop_log', 'L'],
      [3n, 'more', 'D'],
    ],
  );
  assert.deepEqual(await failsWith(lab.restore('copy', 'f.bak', moved('shop', 'copy'))), [1834, 3156, 3119, 3013]);
  const { moves } = moved('shop', 'copy');
  const all = [...moves, { logicalName: 'more', physicalName: '/var/opt/mssql/data/copy2.ndf' }];
  await lab.restore('copy', 'f.bak', { moves: all, recovery: 'recovery' });
  assert.equal(existsSync(join(lab.root, 'data', 'copy2.ndf')), true);
  assert.deepEqual(
    lab.database('copy').files.map((f) => f.fileId),
    [1, 2, 3],
  );
});

test('a transaction that outlives its database cannot write into the one that took its place', async () => {
  await using lab = await Lab.open();
  const database = await lab.create('shop');
  await lab.backup('shop', 'f.bak');
  const stale = database.begin();
  stale.insert(database.table('dbo', 'items')!, [1, 'stale']);
  await lab.restore('shop', 'f.bak', { replace: true, recovery: 'recovery' });
  assert.throws(() => stale.commit(), /no longer/);
  await lab.reopen();
  assert.deepEqual(lab.ids('shop'), []);
});

test('a read-only database refuses changes', async () => {
  await using lab = await Lab.open();
  await lab.create('shop');
  await alter(lab, 'shop', { set: 'readonly', readOnly: true, rollbackImmediate: false });
  assert.throws(
    () => lab.insert('shop', 1),
    (error: unknown) => error instanceof SqlError && error.messages[0]?.number === 3906,
  );
  assert.throws(
    () =>
      lab
        .database('shop')
        .begin()
        .createTable({ ...ITEMS, name: 'x' }),
    /Msg 3906/,
  );
});

test('logins, passwords and configuration are kept in master', async () => {
  await using lab = await Lab.open();
  const login = {
    name: 'Backup',
    sid: 'AB',
    defaultDatabase: 'master',
    disabled: false,
    serverRoles: [],
    permissions: [],
  };
  lab.instance.putLogin(login, 'Pw.1');
  lab.instance.configuration.set('backup compression default', 1);
  await lab.reopen();
  assert.equal(lab.instance.checkPassword('BACKUP', 'Pw.1'), true);
  assert.equal(lab.instance.checkPassword('backup', 'pw.1'), false);
  assert.equal(lab.instance.checkPassword('sa', 'Secret.1'), true);
  assert.equal(lab.instance.configuration.get('backup compression default'), 1);
  lab.instance.putLogin({ ...login, disabled: true });
  assert.equal(lab.instance.checkPassword('backup', 'Pw.1'), true);
  lab.instance.dropLogin('backup');
  assert.equal(lab.instance.login('backup'), undefined);
});

test('tempdb is empty after every start', async () => {
  await using lab = await Lab.open();
  const transaction = lab.database('tempdb').begin();
  transaction.createTable(ITEMS);
  transaction.commit();
  assert.notEqual(lab.database('tempdb').table('dbo', 'items'), undefined);
  await lab.reopen();
  assert.equal(lab.database('tempdb').table('dbo', 'items'), undefined);
});

test('a second server does not start over the files of a live one', async () => {
  await using lab = await Lab.open();
  writeFileSync(join(lab.root, '.owner'), JSON.stringify({ pid: 1, started: startOfInit() }));
  await assert.rejects(openInstance({ dataRoot: lab.root }), /in use by process 1/);
  writeFileSync(join(lab.root, '.owner'), JSON.stringify({ pid: 1, started: 'another life' }));
  await lab.reopen();
});

function startOfInit(): string {
  const stat = readFileSync('/proc/1/stat', 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]!;
}

test('a file added after the full backup arrives with the log that knows it, where MOVE says', async () => {
  await using lab = await Lab.open();
  await lab.create('shop');
  await lab.backup('shop', 'f.bak');
  lab.insert('shop', 1);
  await lab.log('shop', 'l1.trn');
  const file = { logicalName: 'more', physicalName: '/var/opt/mssql/data/more.ndf', type: 'ROWS' as const };
  await alter(lab, 'shop', { set: 'file', file });
  lab.insert('shop', 2);
  await lab.log('shop', 'l2.trn');
  await lab.restore('copy', 'f.bak', moved('shop', 'copy'));
  await lab.restore('copy', 'l1.trn', { kind: 'log', ...moved('shop', 'copy') });
  assert.deepEqual(await failsWith(lab.restore('copy', 'l2.trn', { kind: 'log' })), [1834, 3156, 3119, 3013]);
  const moves = [{ logicalName: 'more', physicalName: '/var/opt/mssql/data/copy2.ndf' }];
  await lab.restore('copy', 'l2.trn', { kind: 'log', moves, recovery: 'recovery' });
  assert.deepEqual(
    lab.database('copy').files.map((f) => f.physicalName.split('/').at(-1)),
    ['copy.mdf', 'copy_log.ldf', 'copy2.ndf'],
  );
  assert.deepEqual(lab.ids('copy'), [1, 2]);
});
