import assert from 'node:assert/strict';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { failsWith, failure, Lab, moved, numbers, restoreOf, sa, backupOf } from './engine/testing/harness.ts';

const DATA = '/var/opt/mssql/data';

test('restoring beside the original without MOVE names both files and ends with 3119', async () => {
  await using lab = await Lab.open();
  await lab.create('shop');
  await lab.backup('shop', 'f.bak');
  const error = await failure(lab.restore('copy', 'f.bak'));
  assert.deepEqual(
    error.messages.map((m) => [m.number, m.class, m.state]),
    [
      [1834, 16, 1],
      [3156, 16, 4],
      [1834, 16, 1],
      [3156, 16, 4],
      [3119, 16, 1],
      [3013, 16, 1],
    ],
  );
  assert.equal(
    error.messages[0]!.text,
    `The file '${DATA}/shop.mdf' cannot be overwritten.  It is being used by database 'shop'.`,
  );
  assert.equal(lab.instance.database('copy'), undefined);
});

test('targets that are missing, foreign, doubled or unknown are refused while planning', async () => {
  await using lab = await Lab.open();
  await lab.create('shop');
  await lab.backup('shop', 'f.bak');
  const move = (data: string, log = `${DATA}/copy_log.ldf`) => ({
    moves: [
      { logicalName: 'shop', physicalName: data },
      { logicalName: 'shop_log', physicalName: log },
    ],
  });
  assert.deepEqual(await failsWith(lab.restore('copy', 'f.bak', move('/nowhere/copy.mdf'))), [5133, 3156, 3119, 3013]);
  assert.deepEqual(await failsWith(lab.restore('copy', 'f.bak', move('Z:\\data\\copy.mdf'))), [5133, 3156, 3119, 3013]);
  writeFileSync(join(lab.root, 'data', 'stray.mdf'), 'stray');
  assert.deepEqual(await failsWith(lab.restore('copy', 'f.bak', move(`${DATA}/stray.mdf`))), [3142, 3119, 3013]);
  const same = move(`${DATA}/x.mdf`, `${DATA}/x.mdf`);
  assert.deepEqual(await failsWith(lab.restore('copy', 'f.bak', same)), [3176, 3119, 3013]);
  const unknown = { moves: [{ logicalName: 'nope', physicalName: `${DATA}/x.mdf` }] };
  const error = await failure(lab.restore('copy', 'f.bak', unknown));
  assert.deepEqual(
    error.messages.map((m) => [m.number, m.state]),
    [
      [3234, 2],
      [3013, 1],
    ],
  );
  assert.match(error.message, /'nope' is not part of database 'copy'/);
  await lab.restore('copy', 'f.bak', { ...move(`${DATA}/stray.mdf`), replace: true, recovery: 'recovery' });
  assert.deepEqual(lab.ids('copy'), []);
});

test('an existing database is only overwritten when family, name and tail allow it, or with REPLACE', async () => {
  await using lab = await Lab.open();
  await lab.create('shop');
  await lab.create('other');
  await lab.backup('shop', 'f.bak');
  await lab.backup('other', 'o.bak');
  lab.insert('shop', 1);
  assert.deepEqual(await failsWith(lab.restore('shop', 'f.bak')), [3159, 3013]);
  assert.deepEqual(await failsWith(lab.restore('shop', 'o.bak')), [3154, 3013]);
  await lab.log('shop', 'tail.trn', { noRecovery: true });
  await lab.restore('shop', 'f.bak');
  await lab.restore('shop', 'tail.trn', { kind: 'log', recovery: 'recovery' });
  assert.deepEqual(lab.ids('shop'), [1]);
  await lab.restore('shop', 'f.bak', { replace: true, recovery: 'recovery' });
  assert.deepEqual(lab.ids('shop'), []);
  const created = lab.database('other').createDate.ticks;
  const other = { ...moved('shop', 'other'), replace: true, recovery: 'recovery' as const };
  await lab.restore('other', 'f.bak', other);
  assert.equal(lab.database('other').recovery.familyGuid, lab.database('shop').recovery.familyGuid);
  assert.equal(lab.database('other').createDate.ticks, created);
});

test('logs and differentials need a database that waits for them', async () => {
  await using lab = await Lab.open();
  await lab.create('shop');
  await lab.backup('shop', 'f.bak');
  await lab.backup('shop', 'd.bak', { differential: true });
  await lab.log('shop', 'l.trn');
  assert.deepEqual(await failsWith(lab.restore('none', 'l.trn', { kind: 'log' })), [3118, 3013]);
  assert.deepEqual(await failsWith(lab.restore('none', 'd.bak')), [3118, 3013]);
  assert.deepEqual(await failsWith(lab.restore('shop', 'l.trn', { kind: 'log' })), [3117, 3013]);
  assert.deepEqual(await failsWith(lab.restore('shop', undefined, { recovery: 'recovery' })), [3153, 3013]);
  assert.deepEqual(await failsWith(lab.restore('none', undefined, { recovery: 'recovery' })), [911, 3013]);
  assert.deepEqual(await failsWith(lab.restore('copy', 'f.bak', { kind: 'log' })), [3135, 3013]);
  assert.deepEqual(await failsWith(lab.restore('copy', 'l.trn')), [3135, 3013]);
  await lab.restore('copy', 'f.bak', moved('shop', 'copy'));
  assert.throws(() => lab.database('copy').open(), /Msg 927, Level 14, State 2/);
  assert.deepEqual(await failsWith(lab.backup('copy', 'x.bak')), [927, 3013]);
  await lab.restore('copy', 'l.trn', { kind: 'log' });
  assert.deepEqual(await failsWith(lab.restore('copy', 'd.bak')), [3136, 3013]);
});

test('a restore says what it did, file by file, and msdb keeps it', async () => {
  await using lab = await Lab.open();
  await lab.create('shop');
  await lab.backup('shop', 'f.bak');
  await lab.log('shop', 'l.trn');
  const full = await lab.restore('copy', 'f.bak', { ...moved('shop', 'copy'), stats: 50 });
  assert.deepEqual(
    numbers(full).filter((n) => n !== 3211),
    [4035, 4035, 3014],
  );
  const log = await lab.restore('copy', 'l.trn', { kind: 'log' });
  assert.match(
    log.find((m) => m.number === 4035)!.text,
    /^Processed 0 pages for database 'copy', file 'shop' on file 1\.$/,
  );
  const end = await lab.restore('copy', undefined, { recovery: 'recovery' });
  assert.deepEqual(numbers(end), [3014]);
  assert.match(
    end[0]!.text,
    /^RESTORE DATABASE successfully processed 0 pages in \d+\.\d{3} seconds \(0\.000 MB\/sec\)\.$/,
  );
  assert.deepEqual(
    lab.history('restorehistory').map((r) => [r['destination_database_name'], r['restore_type'], r['backup_set_id']]),
    [
      ['copy', 'D', 1],
      ['copy', 'L', 2],
    ],
  );
  assert.deepEqual(
    lab.history('restorefile').map((r) => r['destination_phys_name']),
    [`${DATA}/copy.mdf`, `${DATA}/copy_log.ldf`],
  );
});

test('a backup from another server enters backupset with its restore', async () => {
  await using source = await Lab.open({ serverName: 'there' });
  await source.create('shop');
  source.insert('shop', 1);
  await source.backup('shop', 'f.bak');
  await using lab = await Lab.open({ mounts: [{ path: '/there', target: source.root }] });
  chmodSync(source.root, 0o755);
  chmodSync(join(source.root, 'data'), 0o755);
  await lab.restore('shop', '/there/data/f.bak', { recovery: 'recovery' });
  assert.deepEqual(lab.ids('shop'), [1]);
  assert.deepEqual(
    lab.history('backupset').map((r) => r['server_name']),
    ['there'],
  );
});

test('nobody else may be in the database, and the own session neither', async () => {
  await using lab = await Lab.open();
  await lab.create('shop');
  await lab.backup('shop', 'f.bak');
  const { context } = sa(lab.instance, { currentDatabase: 'SHOP' });
  const restore = restoreOf('shop', 'f.bak', { replace: true });
  assert.deepEqual(await failsWith(lab.instance.restore(restore, context)), [3102, 3013]);
  lab.instance.sessions = { inDatabase: () => [77], kill: () => Promise.resolve() };
  assert.deepEqual(await failsWith(lab.restore('shop', 'f.bak', { replace: true })), [3101, 3013]);
  assert.deepEqual(await failsWith(lab.log('shop', 't.trn', { noRecovery: true })), [3101, 3013]);
});

test('a transaction, an unknown name, tempdb and a missing file are refused with their own numbers', async () => {
  await using lab = await Lab.open();
  await lab.create('shop');
  const inTransaction = sa(lab.instance, { inTransaction: true }).context;
  const error = await failure(lab.instance.backup(backupOf('shop', 'x.bak'), inTransaction));
  assert.deepEqual(
    error.messages.map((m) => [m.number, m.state]),
    [
      [3021, 0],
      [3013, 1],
    ],
  );
  assert.deepEqual(await failsWith(lab.instance.restore(restoreOf('shop', 'x.bak'), inTransaction)), [3021, 3013]);
  const unknown = await failure(lab.backup('nosuch', 'x.bak'));
  assert.deepEqual(
    unknown.messages.map((m) => [m.number, m.state]),
    [
      [911, 11],
      [3013, 1],
    ],
  );
  assert.deepEqual(await failsWith(lab.backup('tempdb', 'x.bak')), [3147, 3013]);
  const missing = await failure(lab.restore('copy', '/tmp/nope.bak'));
  assert.deepEqual(
    missing.messages.map((m) => [m.number, m.state]),
    [
      [3201, 2],
      [3013, 1],
    ],
  );
  assert.match(
    missing.message,
    /'\/tmp\/nope\.bak'\. Operating system error 2\(The system cannot find the file specified\.\)/,
  );
});

test('the server writes where its own user may, and says access is denied elsewhere', async () => {
  const store = mkdtempSync(join(tmpdir(), 'sim-store-'));
  try {
    await using lab = await Lab.open({ mounts: [{ path: '/backup-store', target: store }] });
    await lab.create('shop');
    const denied = async (path: string) => {
      const error = await failure(lab.backup('shop', path));
      assert.deepEqual(
        error.messages.map((m) => [m.number, m.state]),
        [
          [3201, 1],
          [3013, 1],
        ],
      );
      assert.match(error.message, /Operating system error 5\(Access is denied\.\)/);
    };
    await denied('/nodir/f.bak');
    await denied('/var/opt/mssql/nodir/f.bak');
    chmodSync(store, 0o755);
    await denied('/backup-store/f.bak');
    assert.equal(existsSync(join(store, 'f.bak')), false);
    mkdirSync(join(store, 'mine'));
    chownSync(join(store, 'mine'), 10_001, 0);
    await lab.backup('shop', '/backup-store/mine/f.bak');
    const made = statSync(join(store, 'mine', 'f.bak'));
    assert.deepEqual([made.uid, made.mode & 0o777], [10_001, 0o660]);
    chownSync(join(store, 'mine', 'f.bak'), 0, 0);
    chmodSync(join(store, 'mine', 'f.bak'), 0o600);
    const unreadable = await failure(lab.info('headeronly', '/backup-store/mine/f.bak'));
    assert.match(unreadable.message, /Operating system error 5\(Access is denied\.\)/);
    chmodSync(store, 0o775);
    await lab.backup('shop', '/backup-store/group.bak');
    await lab.backup('shop', 'C:\\var\\opt\\mssql\\data\\win.bak');
    assert.equal(existsSync(join(lab.root, 'data', 'win.bak')), true);
  } finally {
    rmSync(store, { recursive: true, force: true });
  }
});

test('rights: backup operators back up, strangers and plain users do not, owners and creators restore', async () => {
  await using lab = await Lab.open();
  await lab.create('shop');
  const login = (name: string, serverRoles: readonly string[] = []) => {
    const made = {
      name,
      sid: `AA0${name.length}`,
      defaultDatabase: 'master',
      disabled: false,
      serverRoles,
      permissions: [],
    };
    lab.instance.putLogin(made, 'Pw.1');
    return sa(lab.instance, { login: made }).context;
  };
  const user = (context: ReturnType<typeof login>, roles: readonly string[]) => {
    const transaction = lab.database('shop').begin();
    const { name, sid } = context.login;
    transaction.putUser({ name, sid, kind: 'user', defaultSchema: 'dbo', roles, permissions: [] });
    transaction.commit();
  };
  const [stranger, plainUser, operator_, creatorUser] = [
    login('a'),
    login('bb'),
    login('ccc'),
    login('dddd', ['dbcreator']),
  ];
  user(plainUser, []);
  user(operator_, ['db_backupoperator']);
  const backup = backupOf('shop', 'f.bak');
  const numbersAndTexts = async (work: Promise<unknown>) =>
    (await failure(work)).messages.map((m) => [m.number, m.class]);
  assert.deepEqual(await numbersAndTexts(lab.instance.backup(backup, stranger)), [
    [916, 14],
    [3013, 16],
  ]);
  const denied = await failure(lab.instance.backup(backup, plainUser));
  assert.match(denied.message, /Msg 262, Level 14, State 1: BACKUP DATABASE permission denied in database 'shop'\./);
  await lab.instance.backup(backup, operator_);
  const restore = restoreOf('copy', 'f.bak', moved('shop', 'copy'));
  const refused = await failure(lab.instance.restore(restore, operator_));
  assert.match(refused.message, /Msg 262, Level 14, State 1: CREATE DATABASE permission denied in database 'master'\./);
  await lab.instance.restore(restore, creatorUser);
  assert.equal(lab.database('copy').ownerSid, creatorUser.login.sid);
  const over = restoreOf('shop', 'f.bak', { replace: true });
  assert.deepEqual(await numbersAndTexts(lab.instance.restore(over, operator_)), [
    [3110, 14],
    [3013, 16],
  ]);
});

test('a backup that stands waits for its history while msdb is locked, also when its caller has given up', async () => {
  await using lab = await Lab.open();
  await lab.create('shop');
  const msdb = lab.database('msdb');
  const holder = msdb.begin();
  await holder.lock(msdb.table('dbo', 'backupset')!, 'exclusive', new AbortController().signal);
  const written = lab.instance.faults.addHold({ at: 'before-history', database: 'shop' });
  const caller = new AbortController();
  const { context } = sa(lab.instance, { signal: caller.signal });
  const backup = lab.instance.backup(backupOf('shop', 'f.bak'), context);
  await written.reached;
  caller.abort(new Error('attention'));
  lab.instance.faults.release(written.id);
  holder.rollback();
  await backup;
  assert.notEqual(lab.database('shop').recovery.differentialBaseGuid, null);
  assert.equal(existsSync(join(lab.root, 'data', 'f.bak')), true);
  assert.equal(lab.history('backupset').length, 1);
});
