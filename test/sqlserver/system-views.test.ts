import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import { SqlError, type SqlValue } from './contracts.ts';
import { systemViews } from './exec/system/index.ts';
import { lsnText } from './exec/system/values.ts';
import { database, fixture, login, table } from './system-fixture.ts';

const lsn = (value: bigint) => ({ unscaled: value, scale: 0 });

/** TypeScript names of what each wire type takes. */
function fits(typeName: string, value: SqlValue): boolean {
  if (value === null) return true;
  switch (typeName) {
    case 'bit':
      return typeof value === 'boolean';
    case 'tinyint':
    case 'smallint':
    case 'int':
      return typeof value === 'number' && Number.isInteger(value);
    case 'real':
    case 'float':
      return typeof value === 'number';
    case 'bigint':
      return typeof value === 'bigint';
    case 'numeric':
      return typeof value === 'object' && 'unscaled' in value;
    case 'varbinary':
    case 'binary':
      return value instanceof Uint8Array;
    case 'datetime':
    case 'datetime2':
    case 'datetimeoffset':
      return typeof value === 'object' && 'ticks' in value;
    case 'sql_variant':
      return typeof value === 'object' && 'type' in value;
    default:
      return typeof value === 'string';
  }
}

describe('system views', () => {
  const shop = table({
    name: 'orders',
    columns: [
      { name: 'id', type: { name: 'int' }, nullable: false, identity: { seed: 1n, increment: 1n } },
      {
        name: 'note',
        type: { name: 'nvarchar', length: 40 },
        nullable: true,
        defaultText: "N'x'",
        defaultName: 'DF_note',
      },
      { name: 'price', type: { name: 'decimal', precision: 10, scale: 2 }, nullable: true },
    ],
    keys: [{ name: 'PK_orders', kind: 'primary', columns: [{ name: 'id', descending: false }] }],
  });
  const server = fixture([database(5, 'shop', { tables: [shop] })]);

  test('every view gives values of its columns’ types and no NULL where it says NOT NULL', () => {
    const context = server.context({ database: 'shop' });
    for (const view of systemViews) {
      const args = view.parameters?.map(() => 5) ?? [];
      for (const row of view.rows(context, args, new Map())) {
        assert.equal(row.length, view.columns.length, view.name);
        for (const [i, column] of view.columns.entries()) {
          const value = row[i] ?? null;
          assert.ok(column.nullable === true || value !== null, `${view.name}.${column.name} is NULL`);
          assert.ok(fits(column.type.name, value), `${view.name}.${column.name}: ${inspect(value)}`);
        }
      }
    }
  });

  test('no two views share a name', () => {
    const names = systemViews.map((view) => `${view.onlyIn ?? ''}.${view.schema}.${view.name}`.toLowerCase());
    assert.deepEqual(
      names.filter((name, i) => names.indexOf(name) !== i),
      [],
    );
  });

  test('sys.master_files has the 32 columns of SQL Server 2022 with LSNs as numeric(25,0)', () => {
    const view = systemViews.find((one) => one.name === 'master_files');
    assert.equal(view?.columns.length, 32);
    const redo = view?.columns.find((column) => column.name === 'redo_start_lsn');
    assert.deepEqual(redo, {
      name: 'redo_start_lsn',
      type: { name: 'numeric', precision: 25, scale: 0 },
      nullable: true,
      flags: 33,
    });
  });

  test('the catalog describes a table, its columns, its key and its default', () => {
    const context = server.context({ database: 'shop' });
    const [found] = server.select('sys.tables', { context });
    assert.equal(found?.['name'], 'orders');
    const columns = server.select('sys.columns', { context });
    assert.deepEqual(
      columns.map((column) => [column['name'], column['user_type_id'], column['max_length'], column['is_identity']]),
      [
        ['id', 56, 4, true],
        ['note', 231, 80, false],
        ['price', 106, 9, false],
      ],
    );
    const types = server.select('sys.objects', { context }).map((object) => object['type']);
    assert.deepEqual(types, ['U ', 'PK', 'D ']);
    const [byDefault] = server.select('sys.default_constraints', { context });
    assert.equal(byDefault?.['object_id'], columns[1]?.['default_object_id']);
    assert.equal(byDefault?.['parent_column_id'], 2);
    const [index] = server.select('sys.indexes', { context });
    assert.deepEqual([index?.['type_desc'], index?.['is_primary_key']], ['CLUSTERED', true]);
  });
});

describe('the state of a database', () => {
  const server = fixture([
    database(5, 'live', { recovery: { lastLogBackupLsn: 39_000_000_055_200_001n } }),
    database(6, 'half', {
      state: 'RESTORING',
      recovery: {
        redoStartLsn: 39_000_000_114_400_001n,
        redoStartForkGuid: '22222222-2222-2222-2222-222222222222',
        differentialBaseLsn: 39_000_000_099_200_001n,
      },
    }),
    database(7, 'gone', { state: 'OFFLINE' }),
    database(8, 'warm', { isInStandby: true }),
  ]);
  const row = (view: string, id: number, key = 'database_id') =>
    server.select(view).find((one) => one[key] === id) ?? assert.fail(`no row ${id}`);

  test('an online database shows its collation and what holds up its log', () => {
    const live = row('sys.databases', 5);
    assert.equal(live['state_desc'], 'ONLINE');
    assert.equal(live['collation_name'], 'SQL_Latin1_General_CP1_CI_AS');
    assert.deepEqual([live['log_reuse_wait'], live['log_reuse_wait_desc']], [2, 'LOG_BACKUP']);
    assert.deepEqual(row('sys.database_recovery_status', 5)['last_log_backup_lsn'], lsn(39_000_000_055_200_001n));
  });

  test('a database that is not online has no collation and no recovery status', () => {
    for (const [id, state, number] of [
      [6, 'RESTORING', 1],
      [7, 'OFFLINE', 6],
    ] as const) {
      const found = row('sys.databases', id);
      assert.deepEqual([found['state'], found['state_desc'], found['collation_name']], [number, state, null]);
      const status = row('sys.database_recovery_status', id);
      assert.deepEqual([status['database_guid'], status['last_log_backup_lsn']], [null, null]);
    }
  });

  test('a database in standby is online and read-only', () => {
    const warm = row('sys.databases', 8);
    assert.deepEqual([warm['state'], warm['is_in_standby'], warm['is_read_only']], [0, true, true]);
  });

  test('sys.master_files says where redo goes on, for data files only', () => {
    const files = server.select('sys.master_files').filter((file) => file['database_id'] === 6);
    assert.deepEqual(
      files.map((file) => [file['state_desc'], file['redo_start_lsn'], file['differential_base_lsn']]),
      [
        ['RESTORING', lsn(39_000_000_114_400_001n), lsn(39_000_000_099_200_001n)],
        ['RESTORING', null, null],
      ],
    );
  });

  test('sys.master_files is empty for a login that may create no database', () => {
    const who = login('app');
    const context = server.context({ spid: 60, who });
    assert.deepEqual(server.select('sys.master_files', { context }), []);
    assert.equal(server.select('sys.databases', { context }).length, 8);
  });

  test('sys.dm_db_log_stats writes LSNs in hexadecimal and 1900-01-01 for a log never backed up', () => {
    const [stats] = server.select('sys.dm_db_log_stats', { args: [5] });
    assert.equal(stats?.['log_min_lsn'], '00000027:00000228:0001');
    assert.deepEqual(stats?.['log_backup_time'], { ticks: 599_266_080_000_000_000n });
    assert.equal(stats?.['log_since_last_log_backup_mb'], 0.5);
    assert.equal(lsnText(39_000_000_172_000_001n), '00000027:000006b8:0001');
  });
});

describe('sessions and requests', () => {
  test('a backup shows its progress and the time it will still take', () => {
    const server = fixture();
    const session = server.session(52);
    Object.assign(session, {
      request: {
        startTime: { ticks: 0n },
        startedAt: server.instance.clock.now() - 30_000,
        command: 'BACKUP DATABASE',
        percentComplete: 25,
        text: 'BACKUP DATABASE a TO DISK = N’a’',
        statementStart: 0,
        statementEnd: 32,
        status: 'suspended',
        waitType: 'BACKUPIO',
        blockedBy: 0,
      },
    });
    const [request] = server.select('sys.dm_exec_requests');
    assert.equal(request?.['command'], 'BACKUP DATABASE');
    assert.equal(request?.['percent_complete'], 25);
    assert.equal(request?.['estimated_completion_time'], 90_000n);
    const handle = request?.['sql_handle'] ?? null;
    assert.equal(
      server.select('sys.dm_exec_sql_text', { args: [handle] })[0]?.['text'],
      'BACKUP DATABASE a TO DISK = N’a’',
    );
  });

  test('without VIEW SERVER STATE a login sees its own session only, and no connections', () => {
    const server = fixture();
    server.session(51);
    const who = login('app');
    const context = server.context({ spid: 60, who });
    assert.deepEqual(
      server.select('sys.dm_exec_sessions', { context }).map((one) => one['session_id']),
      [60],
    );
    assert.throws(
      () => server.select('sys.dm_exec_connections', { context }),
      (error) => error instanceof SqlError && error.messages.map((one) => one.number).join() === '300,297',
    );
    const allowed = server.context({ spid: 61, who: login('watch', { permissions: ['VIEW SERVER STATE'] }) });
    assert.equal(server.select('sys.dm_exec_sessions', { context: allowed }).length, 3);
  });
});

describe('principals', () => {
  const server = fixture([
    database(5, 'shop', {
      ownerSid: '01',
      users: [
        {
          name: 'backup_user',
          sid: login('backup_user').sid,
          kind: 'user',
          defaultSchema: 'dbo',
          roles: ['db_backupoperator'],
          permissions: ['VIEW DATABASE STATE'],
        },
      ],
    }),
  ]);
  server.instance.putLogin(login('backup_user', { serverRoles: ['dbcreator'], permissions: ['VIEW SERVER STATE'] }));

  test('"who may back up" finds the member of db_backupoperator', () => {
    const context = server.context({ database: 'shop' });
    const principals = server.select('sys.database_principals', { context });
    const role = principals.find((one) => one['name'] === 'db_backupoperator');
    const members = server
      .select('sys.database_role_members', { context })
      .filter((one) => one['role_principal_id'] === role?.['principal_id'])
      .map((one) => principals.find((user) => user['principal_id'] === one['member_principal_id'])?.['name']);
    assert.deepEqual(members, ['backup_user']);
  });

  test('server roles and permissions hang on the login', () => {
    const id = server.call('SUSER_ID', 'backup_user');
    assert.ok(
      server
        .select('sys.server_role_members')
        .some((one) => one['member_principal_id'] === id && one['role_principal_id'] === 9),
    );
    assert.deepEqual(
      server
        .select('sys.server_permissions')
        .filter((one) => one['grantee_principal_id'] === id)
        .map((one) => [one['type'], one['permission_name']]),
      [
        ['COSQ', 'CONNECT SQL'],
        ['VWSS', 'VIEW SERVER STATE'],
      ],
    );
  });

  test('grants and denials on objects and schemas carry their class and the id of what they are on', () => {
    const orders = table({ name: 'orders' });
    const user = {
      name: 'app',
      sid: 'AA'.repeat(16),
      kind: 'user' as const,
      defaultSchema: 'dbo',
      roles: [],
      permissions: [
        'SELECT ON OBJECT::DBO.ORDERS',
        'DENY INSERT ON SCHEMA::DBO',
        'BACKUP LOG',
        'SELECT ON OBJECT::DBO.GONE',
      ],
    };
    const other = fixture([database(5, 'shop', { tables: [orders], users: [user] })]);
    const context = other.context({ database: 'shop' });
    const id = other.select('sys.database_principals', { context }).find((one) => one['name'] === 'app')?.[
      'principal_id'
    ];
    assert.deepEqual(
      other
        .select('sys.database_permissions', { context })
        .filter((one) => one['grantee_principal_id'] === id)
        .map((one) => [one['class'], one['major_id'], one['type'], one['permission_name'], one['state']]),
      [
        [1, orders.id, 'SL  ', 'SELECT', 'G'],
        [3, 1, 'IN  ', 'INSERT', 'D'],
        [0, 0, 'BALO', 'BACKUP LOG', 'G'],
        [0, 0, 'CO  ', 'CONNECT', 'G'],
      ],
    );
  });

  test('a login without rights sees sa and itself', () => {
    const context = server.context({ spid: 70, who: login('backup_user') });
    assert.deepEqual(
      server.select('sys.sql_logins', { context }).map((one) => one['name']),
      ['sa', 'backup_user'],
    );
  });
});

describe('files as the server sees them', () => {
  const tree: Record<string, { name: string; isDirectory: boolean; sizeBytes: number; modified: number }[]> = {
    '/backup': [
      { name: 'a.bak', isDirectory: false, sizeBytes: 7, modified: Date.UTC(2026, 3, 20) },
      { name: 'a.txt', isDirectory: false, sizeBytes: 1, modified: 0 },
      { name: 'deep', isDirectory: true, sizeBytes: 0, modified: 0 },
    ],
    '/backup/deep': [{ name: 'b.BAK', isDirectory: false, sizeBytes: 9, modified: 0 }],
  };
  const server = fixture([], {
    files: { ...fixture().instance.files, list: (path) => tree[path] ?? assert.fail(`listed ${path}`) },
  });

  test('sys.dm_os_enumerate_filesystem walks the whole tree and matches names without case', () => {
    const found = server.select('sys.dm_os_enumerate_filesystem', { args: ['C:\\backup\\', '*.bak'] });
    assert.deepEqual(
      found.map((row) => [row['full_filesystem_path'], row['level'], row['size_in_bytes']]),
      [
        ['/backup/a.bak', 0, 7n],
        ['/backup/deep/b.BAK', 1, 9n],
      ],
    );
  });

  test('level = 0 keeps the walk out of the folders below', () => {
    const view = systemViews.find((one) => one.name === 'dm_os_enumerate_filesystem');
    const rows = [...(view?.rows(server.context(), ['/backup', '*'], new Map([['level', 0]])) ?? [])];
    assert.deepEqual(
      rows.map((row) => row[2]),
      ['a.bak', 'a.txt', 'deep'],
    );
  });
});
