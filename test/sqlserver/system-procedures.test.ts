import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SqlError, type SqlValue, type Transaction } from './contracts.ts';
import { parseErrorLog } from './exec/system/procedures/errorlog.ts';
import { reconfigure } from './exec/system/index.ts';
import { momentOf } from './exec/system/values.ts';
import { database, fixture, login, table } from './system-fixture.ts';

const raises = (number: number) => (error: unknown) =>
  error instanceof SqlError && error.messages[0]?.number === number;
const numbers = (outcome: { readonly messages: readonly { readonly number: number }[] }) =>
  outcome.messages.map((message) => message.number);

describe('sp_getapplock and sp_releaseapplock', () => {
  test('return 0, and -1 to another session that will not wait', async () => {
    const server = fixture();
    const args = { '@Resource': 'r', '@LockMode': 'Exclusive', '@LockOwner': 'session', '@LockTimeout': 0 };
    assert.equal((await server.run('sp_getapplock', args)).returned, 0);
    const other = server.context({ spid: 52 });
    assert.equal((await server.run('sp_getapplock', args, { context: other })).returned, -1);
    assert.equal((await server.run('sp_releaseapplock', { '@Resource': 'r', '@LockOwner': 'Session' })).returned, 0);
    assert.equal((await server.run('sp_getapplock', args, { context: other })).returned, 0);
  });

  test('answer a wrong call with -999 and a message, not with an exception', async () => {
    const server = fixture();
    const calls: [Record<string, SqlValue>, number][] = [
      [{ '@Resource': 'r', '@LockMode': 'Odd' }, 15625],
      [{ '@Resource': 'r', '@LockMode': 'Shared' }, 15626],
      [{ '@Resource': null, '@LockMode': 'Shared', '@LockOwner': 'Session' }, 1224],
      [{ '@Resource': 'r', '@LockMode': 'Shared', '@LockOwner': 'Session', '@LockTimeout': -2 }, 1227],
      [{ '@Resource': 'r', '@LockMode': 'Shared', '@LockOwner': 'Session', '@DbPrincipal': null }, 1230],
    ];
    for (const [args, number] of calls) {
      const outcome = await server.run('sp_getapplock', args);
      assert.deepEqual([outcome.returned, numbers(outcome)], [-999, [number]]);
    }
    const released = await server.run('sp_releaseapplock', { '@Resource': 'r', '@LockOwner': 'Session' });
    assert.deepEqual([released.returned, numbers(released)], [-999, [1223]]);
  });

  test('a wait ends with -2 when the request is cancelled', async () => {
    const server = fixture();
    const args = { '@Resource': 'r', '@LockMode': 'Exclusive', '@LockOwner': 'Session' };
    await server.run('sp_getapplock', args);
    const controller = new AbortController();
    const waiting = server.run('sp_getapplock', args, {
      context: server.context({ spid: 52 }),
      signal: controller.signal,
    });
    controller.abort();
    assert.equal((await waiting).returned, -2);
  });
});

describe('sp_configure', () => {
  const option = async (server: ReturnType<typeof fixture>, name: string) =>
    (await server.run('sp_configure', { '@configname': name })).sets[0]?.[0];

  test('a value is configured first and runs after RECONFIGURE', async () => {
    const server = fixture();
    const set = await server.run('sp_configure', { '@configname': 'backup compression default', '@configvalue': 1 });
    assert.deepEqual(numbers(set), [15457]);
    const before = await option(server, 'backup compression default');
    assert.deepEqual([before?.['config_value'], before?.['run_value']], [1, 0]);
    reconfigure(server.instance);
    const after = await option(server, 'backup compression default');
    assert.deepEqual([after?.['config_value'], after?.['run_value']], [1, 1]);
    assert.equal(server.instance.configuration.get('backup compression default'), 1);
  });

  test('advanced options are hidden until they are asked for', async () => {
    const server = fixture();
    await assert.rejects(server.run('sp_configure', { '@configname': 'xp_cmdshell' }), raises(15123));
    await server.run('sp_configure', { '@configname': 'show advanced options', '@configvalue': 1 });
    reconfigure(server.instance);
    assert.equal((await option(server, 'xp_cmdshell'))?.['run_value'], 0);
  });

  test('refuses values out of range and callers without ALTER SETTINGS', async () => {
    const server = fixture();
    const args = { '@configname': 'backup compression default', '@configvalue': 2 };
    await assert.rejects(server.run('sp_configure', args), raises(15129));
    const context = server.context({ spid: 60, who: login('app') });
    await assert.rejects(server.run('sp_configure', args, { context }), raises(15247));
  });
});

describe('procedures about files', () => {
  const entries = (path: string) =>
    path === '/backup'
      ? [
          { name: 'old.bak', isDirectory: false, sizeBytes: 1, modified: Date.UTC(2026, 3, 1) },
          { name: 'new.bak', isDirectory: false, sizeBytes: 1, modified: Date.UTC(2026, 3, 20) },
          { name: 'old.trn', isDirectory: false, sizeBytes: 1, modified: Date.UTC(2026, 3, 1) },
          { name: 'deep', isDirectory: true, sizeBytes: 0, modified: 0 },
        ]
      : path === '/backup/deep'
        ? [{ name: 'older.bak', isDirectory: false, sizeBytes: 1, modified: Date.UTC(2026, 2, 1) }]
        : [];
  const deleted: string[] = [];
  const server = fixture([], {
    files: {
      exists: (path) => ({ exists: false, isDirectory: path.startsWith('/backup'), parentExists: true }),
      list: entries,
      makeDirectory: (path) => deleted.push(`made ${path}`),
      deleteBackup: (path) => deleted.push(path),
    },
  });

  test('xp_delete_file takes files of the extension that are older than the date, in the folder only', async () => {
    deleted.length = 0;
    await server.run('xp_delete_file', {
      '@type': 0,
      '@path': '/backup',
      '@extension': 'bak',
      '@cutoff': '2026-04-19T19:55:31',
    });
    assert.deepEqual(deleted, ['/backup/old.bak']);
  });

  test('xp_delete_file goes one level down when asked', async () => {
    deleted.length = 0;
    await server.run('xp_delete_file', {
      '@type': 0,
      '@path': '/backup/',
      '@extension': 'bak',
      '@cutoff': '2026-04-19T19:55:31',
      '@subfolders': 1,
    });
    assert.deepEqual(deleted, ['/backup/old.bak', '/backup/deep/older.bak']);
  });

  test('xp_dirtree lists folders, and files when asked', async () => {
    const folders = await server.run('xp_dirtree', { '@path': 'C:\\backup' });
    assert.deepEqual(folders.sets[0], [{ subdirectory: 'deep', depth: 1 }]);
    const files = await server.run('xp_dirtree', { '@path': '/backup', '@depth': 1, '@file': 1 });
    assert.deepEqual(
      files.sets[0]?.map((row) => [row['subdirectory'], row['file']]),
      [
        ['deep', 0],
        ['new.bak', 1],
        ['old.bak', 1],
        ['old.trn', 1],
      ],
    );
  });

  test('xp_fileexist gives a row, or its OUTPUT parameter', async () => {
    const row = await server.run('xp_fileexist', { '@filename': '/backup' });
    assert.deepEqual(row.sets[0], [{ 'File Exists': 0, 'File is a Directory': 1, 'Parent Directory Exists': 1 }]);
    const output = await server.run('xp_fileexist', { '@filename': '/backup', '@exists': null });
    assert.deepEqual([output.sets.length, output.outputs.get('@exists')], [0, 0]);
  });

  test('xp_create_subdir is for sysadmin', async () => {
    deleted.length = 0;
    await server.run('xp_create_subdir', { '@path': '/backup/a/b' });
    assert.deepEqual(deleted, ['made /backup/a/b']);
    const context = server.context({ spid: 60, who: login('app') });
    await assert.rejects(server.run('xp_create_subdir', { '@path': '/x' }, { context }), raises(229));
  });

  test('the registry knows the folders and nothing else', async () => {
    const folder = await server.run('xp_instance_regread', {
      '@rootkey': 'HKEY_LOCAL_MACHINE',
      '@key': 'Software\\Microsoft\\MSSQLServer\\MSSQLServer',
      '@value_name': 'BackupDirectory',
      '@value': null,
    });
    assert.equal(folder.outputs.get('@value'), '/var/opt/mssql/data');
    const nothing = await server.run('xp_instance_regread', {
      '@rootkey': 'HKEY_LOCAL_MACHINE',
      '@key': 'Software',
      '@value_name': 'Colour',
      '@value': null,
    });
    assert.equal(nothing.outputs.get('@value'), null);
  });
});

describe('the error log', () => {
  const text = [
    '2026-04-20 19:46:00.12 spid1s      Starting up database ‘master’.',
    '2026-04-20 19:47:00.50 Backup      Database backed up. Database: shop',
    'second line',
    '2026-04-20 19:48:00.00 Logon       Error: 18456, Severity: 14, State: 8.',
    '',
  ].join('\n');

  test('a line without a date belongs to the one before it', () => {
    const entries = parseErrorLog(text);
    assert.equal(entries.length, 3);
    assert.deepEqual(entries[1], {
      date: momentOf(Date.UTC(2026, 3, 20, 19, 47, 0, 500), 0),
      source: 'Backup',
      text: 'Database backed up. Database: shop\r\nsecond line',
    });
  });

  test('sp_readerrorlog filters by text and is for securityadmin', async () => {
    const files = { ...fixture().instance.files, readLog: (name: string) => (name === 'errorlog' ? text : undefined) };
    const server = fixture([], { files });
    const found = await server.run('sp_readerrorlog', { '@p1': 0, '@p2': 1, '@p3': 'BACKED UP' });
    assert.deepEqual(
      found.sets[0]?.map((row) => row['ProcessInfo']),
      ['Backup'],
    );
    await assert.rejects(server.run('sp_readerrorlog', { '@p1': 3 }), raises(22004));
    const context = server.context({ spid: 60, who: login('app') });
    await assert.rejects(server.run('sp_readerrorlog', {}, { context }), raises(15003));
  });
});

describe('procedures about logins and users', () => {
  test('sp_addlogin, sp_addsrvrolemember and sp_droplogin change the list of logins', async () => {
    const server = fixture();
    await server.run('sp_addlogin', { '@loginame': 'app', '@passwd': 'Secret-1' });
    assert.equal(server.instance.login('app')?.sid.length, 32);
    await assert.rejects(server.run('sp_addlogin', { '@loginame': 'APP' }), raises(15025));
    await server.run('sp_addsrvrolemember', { '@loginame': 'app', '@rolename': 'DBCREATOR' });
    assert.deepEqual(server.instance.login('app')?.serverRoles, ['dbcreator']);
    await assert.rejects(
      server.run('sp_addsrvrolemember', { '@loginame': 'app', '@rolename': 'captain' }),
      raises(15402),
    );
    await server.run('sp_droplogin', { '@loginame': 'app' });
    assert.equal(server.instance.login('app'), undefined);
    await assert.rejects(server.run('sp_droplogin', { '@loginame': 'app' }), raises(15007));
  });

  test('sp_change_users_login reports users that a restore has orphaned and links them again', async () => {
    const orphan = {
      name: 'app',
      sid: 'AA'.repeat(16),
      kind: 'user' as const,
      defaultSchema: 'dbo',
      roles: [],
      permissions: [],
    };
    const server = fixture([database(5, 'shop', { users: [orphan] })]);
    server.instance.putLogin(login('app'));
    const context = server.context({ spid: 52, database: 'shop' });
    const report = await server.run('sp_change_users_login', { '@Action': 'Report' }, { context });
    assert.deepEqual(
      report.sets[0]?.map((row) => row['UserName']),
      ['app'],
    );
    const put: string[] = [];
    const transaction: Partial<Transaction> = { putUser: (user) => void put.push(`${user.name} ${user.sid}`) };
    const fixed = await server.run(
      'sp_change_users_login',
      { '@Action': 'Auto_Fix', '@UserNamePattern': 'app' },
      { context, transaction },
    );
    assert.deepEqual(put, [`app ${login('app').sid}`]);
    assert.deepEqual(numbers(fixed), [15292, 15295, 15294]);
  });
});

describe('msdb history', () => {
  const int = { name: 'int' } as const;
  const column = (name: string, type: { readonly name: 'int' | 'datetime' | 'nvarchar' } = int) => ({
    name,
    type,
    nullable: true,
  });
  const at = (day: number) => momentOf(Date.UTC(2026, 3, day), 0);

  test('sp_delete_backuphistory removes old sets, their files and restores, and media that are empty then', async () => {
    const tables = [
      table(
        {
          name: 'backupset',
          columns: [
            column('backup_set_id'),
            column('media_set_id'),
            column('backup_finish_date', { name: 'datetime' }),
          ],
        },
        [
          [1, 10, at(1)],
          [2, 10, at(20)],
          [3, 11, at(2)],
        ],
      ),
      table({ name: 'backupfile', columns: [column('backup_set_id')] }, [[1], [2], [3]]),
      table({ name: 'backupmediaset', columns: [column('media_set_id')] }, [[10], [11]]),
      table({ name: 'backupmediafamily', columns: [column('media_set_id')] }, [[10], [11]]),
      table({ name: 'restorehistory', columns: [column('restore_history_id'), column('backup_set_id')] }, [
        [100, 1],
        [101, 2],
      ]),
      table({ name: 'restorefile', columns: [column('restore_history_id')] }, [[100], [101]]),
    ];
    const msdb = database(4, 'msdb', { tables });
    const server = fixture([], { database: (name) => (name === 'msdb' ? msdb : database(1, 'master')) });
    const deleted: string[] = [];
    const gone = new Set<unknown>();
    const transaction: Partial<Transaction> = {
      lock: () => Promise.resolve(),
      delete: (from, row) => {
        deleted.push(`${from.definition.name} ${Number(row.values[0])}`);
        gone.add(row);
      },
    };
    for (const one of tables) {
      const all = [...one.rows()];
      Object.assign(one, { rows: () => all.filter((row) => !gone.has(row)) });
    }
    await server.run('sp_delete_backuphistory', { '@oldest_date': at(10) }, { transaction });
    assert.deepEqual(deleted.toSorted(), [
      'backupfile 1',
      'backupfile 3',
      'backupmediafamily 11',
      'backupmediaset 11',
      'backupset 1',
      'backupset 3',
      'restorefile 100',
      'restorehistory 100',
    ]);
  });
});

describe('procedures that drivers call', () => {
  const server = fixture([
    database(5, 'shop', {
      tables: [
        table({
          name: 'orders',
          columns: [
            { name: 'id', type: { name: 'int' }, nullable: false, identity: { seed: 1n, increment: 1n } },
            { name: 'at', type: { name: 'datetime2', scale: 3 }, nullable: true },
          ],
          keys: [{ name: 'PK_orders', kind: 'primary', columns: [{ name: 'id', descending: false }] }],
        }),
        table({ name: 'order_lines' }),
      ],
    }),
  ]);
  const context = server.context({ spid: 52, database: 'shop' });

  test('sp_tables matches patterns and kinds', async () => {
    const names = async (args: Record<string, SqlValue>) =>
      (await server.run('sp_tables', args, { context })).sets[0]?.map((row) => row['TABLE_NAME']);
    assert.deepEqual(await names({ '@table_name': 'order%', '@table_type': "'TABLE'" }), ['order_lines', 'orders']);
    assert.deepEqual(await names({ '@table_name': 'order[_]lines' }), ['order_lines']);
    assert.deepEqual(await names({ '@table_name': 'databases', '@table_owner': 'sys' }), ['databases']);
  });

  test('sp_columns_100 has the 29 columns JDBC inserts into its table, sp_columns 19', async () => {
    const wide = await server.run('sp_columns_100', { '@table_name': 'orders', '@ODBCVer': 3 }, { context });
    assert.equal(Object.keys(wide.sets[0]?.[0] ?? {}).length, 29);
    assert.deepEqual(
      wide.sets[0]?.map((row) => [row['COLUMN_NAME'], row['DATA_TYPE'], row['TYPE_NAME'], row['PRECISION']]),
      [
        ['id', 4, 'int identity', 10],
        ['at', 93, 'datetime2', 23],
      ],
    );
    const narrow = await server.run('sp_columns', { '@table_name': 'orders' }, { context });
    assert.equal(Object.keys(narrow.sets[0]?.[0] ?? {}).length, 19);
  });

  test('sp_pkeys names the key column', async () => {
    const keys = await server.run('sp_pkeys', { '@table_name': 'orders' }, { context });
    assert.deepEqual(
      keys.sets[0]?.map((row) => [row['COLUMN_NAME'], row['KEY_SEQ'], row['PK_NAME']]),
      [['id', 1, 'PK_orders']],
    );
  });
});

describe('procedures a person types', () => {
  const server = fixture([database(5, 'shop'), database(6, 'half', { state: 'RESTORING' })]);

  test('sp_helpdb lists every database and tells the state of one', async () => {
    const all = await server.run('sp_helpdb');
    assert.deepEqual(
      all.sets[0]?.map((row) => row['name']),
      ['master', 'tempdb', 'model', 'msdb', 'shop', 'half'],
    );
    const one = await server.run('sp_helpdb', { '@dbname': 'half' });
    assert.deepEqual([one.sets.length, one.sets[0]?.[0]?.['status']], [2, 'Status=RESTORING']);
    await assert.rejects(server.run('sp_helpdb', { '@dbname': 'nowhere' }), raises(15010));
  });

  test('sp_who knows the sessions of a login', async () => {
    server.session(51);
    const who = await server.run('sp_who', { '@loginame': 'sa' });
    assert.deepEqual(
      who.sets[0]?.map((row) => [row['spid'], row['cmd']]),
      [[51, 'AWAITING COMMAND'.padEnd(26)]],
    );
    assert.equal((await server.run('sp_who2')).sets[0]?.length, 1);
    await assert.rejects(server.run('sp_who', { '@loginame': 'nobody' }), raises(15007));
  });

  test('sp_set_session_context keeps a read-only key', async () => {
    await server.run('sp_set_session_context', { '@key': 'tenant', '@value': 'a', '@read_only': true });
    assert.deepEqual(server.call('SESSION_CONTEXT', 'tenant'), {
      type: { name: 'nvarchar', length: 4000 },
      value: 'a',
    });
    await assert.rejects(server.run('sp_set_session_context', { '@key': 'tenant', '@value': 'b' }), raises(15664));
  });
});
