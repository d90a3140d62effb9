import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SqlError } from './contracts.ts';
import { systemFunctions, versionText } from './exec/system/index.ts';
import { database, fixture, login, table } from './system-fixture.ts';

const raises = (number: number) => (error: unknown) =>
  error instanceof SqlError && error.messages[0]?.number === number;

describe('SERVERPROPERTY', () => {
  const server = fixture();
  const property = (name: string) => {
    const value = server.call('SERVERPROPERTY', name);
    return typeof value === 'object' && value !== null && 'value' in value ? [value.type.name, value.value] : value;
  };

  test('answers what backup scripts ask, each in its own base type', () => {
    assert.deepEqual(property('ProductVersion'), ['nvarchar', '16.0.4236.2']);
    assert.deepEqual(property('productmajorversion'), ['nvarchar', '16']);
    assert.deepEqual(property('EngineEdition'), ['int', 3]);
    assert.deepEqual(property('EditionID'), ['bigint', -2_117_995_310n]);
    assert.deepEqual(property('IsHadrEnabled'), ['int', 0]);
    assert.deepEqual(property('InstanceDefaultBackupPath'), ['nvarchar', '/var/opt/mssql/data']);
    assert.deepEqual(property('InstanceDefaultDataPath'), ['nvarchar', '/var/opt/mssql/data/']);
  });

  test('is NULL for the name of a default instance and for an unknown property', () => {
    assert.equal(property('InstanceName'), null);
    assert.equal(property('NoSuchProperty'), null);
  });

  test('@@VERSION prints update, build and platform on four lines', () => {
    assert.equal(
      versionText(server.instance),
      'Microsoft SQL Server 2022 (RTM-CU23) (KB5078297) - 16.0.4236.2 (X64) \n\tJan 22 2026 17:50:56 \n' +
        '\tCopyright (C) 2022 Microsoft Corporation\n\tDeveloper Edition (64-bit) on Linux (Ubuntu 22.04.5 LTS) <X64>',
    );
  });
});

describe('functions about databases', () => {
  const server = fixture([database(5, 'shop'), database(6, 'half', { state: 'RESTORING', recoveryModel: 'SIMPLE' })]);
  const property = (name: string, of: string) => {
    const value = server.call('DATABASEPROPERTYEX', of, name);
    return typeof value === 'object' && value !== null && 'value' in value ? value.value : value;
  };

  test('DB_ID and DB_NAME answer NULL for what does not exist', () => {
    assert.equal(server.call('DB_ID', 'SHOP'), 5);
    assert.equal(server.call('DB_ID', 'nowhere'), null);
    assert.equal(server.call('DB_ID'), 1);
    assert.equal(server.call('DB_NAME', 6), 'half');
    assert.equal(server.call('DB_NAME', 99), null);
    assert.equal(server.call('DB_NAME'), 'master');
  });

  test('DATABASEPROPERTYEX keeps what lies inside a database NULL while it is restoring', () => {
    assert.equal(property('Status', 'half'), 'RESTORING');
    assert.equal(property('Recovery', 'half'), 'SIMPLE');
    assert.equal(property('Collation', 'half'), null);
    assert.equal(property('Version', 'half'), null);
    assert.equal(property('Version', 'shop'), 957);
    assert.equal(property('Updateability', 'shop'), 'READ_WRITE');
    assert.equal(property('Status', 'nowhere'), null);
  });
});

describe('an argument left out', () => {
  const server = fixture();
  const context = server.context();
  const call = (name: string, args: null[], given?: number) =>
    systemFunctions.find((one) => one.name === name)?.evaluate(context, args, given);

  test('means the caller’s own, and NULL means NULL when the call says how many arguments it has', () => {
    for (const [name, own] of [
      ['DB_NAME', 'master'],
      ['DB_ID', 1],
      ['SUSER_SNAME', 'sa'],
      ['SUSER_ID', 1],
      ['USER_NAME', 'dbo'],
      ['SCHEMA_NAME', 'dbo'],
      ['SCHEMA_ID', 1],
    ] as const) {
      assert.equal(call(name, [], 0), own, name);
      assert.equal(call(name, [null], 1), null, name);
      assert.equal(call(name, [null]), own, name);
    }
  });
});

describe('functions about objects', () => {
  const orders = table({
    name: 'orders',
    columns: [{ name: 'id', type: { name: 'int' }, nullable: false, identity: { seed: 1n, increment: 1n } }],
    keys: [{ name: 'PK_orders', kind: 'primary', columns: [{ name: 'id', descending: false }] }],
  });
  const odd = table({ name: 'a.b]c', schema: 'dbo' });
  const server = fixture([
    database(5, 'shop', { tables: [orders, odd] }),
    database(6, 'half', { state: 'RESTORING', tables: [orders] }),
  ]);

  test('OBJECT_ID reads one, two and three part names with brackets, quotes and empty parts', () => {
    for (const name of ['shop.dbo.orders', 'shop..orders', '[shop].[dbo].[orders]', '"shop"."dbo"."ORDERS"']) {
      assert.equal(server.call('OBJECT_ID', name), orders.id, name);
    }
    assert.equal(server.call('OBJECT_ID', 'shop.dbo.[a.b]]c]'), odd.id);
    assert.equal(server.call('OBJECT_ID', 'shop.dbo.orders', 'V'), null);
    assert.equal(server.call('OBJECT_ID', 'shop.dbo.orders', 'U'), orders.id);
    assert.equal(server.call('OBJECT_ID', 'shop.dbo.'), null);
  });

  test('OBJECT_ID is NULL, not an error, in a database that is not open', () => {
    assert.equal(server.call('OBJECT_ID', 'half.dbo.orders'), null);
  });

  test('OBJECT_ID finds system views by sys., and compatibility views by a bare name', () => {
    const id = server.call('OBJECT_ID', 'sys.dm_os_file_exists');
    assert.ok(typeof id === 'number' && id < 0);
    assert.equal(server.call('OBJECT_NAME', id), 'dm_os_file_exists');
    assert.equal(server.call('OBJECT_ID', 'databases'), null);
    assert.ok(server.call('OBJECT_ID', 'sysdatabases') !== null);
    assert.equal(server.call('COL_NAME', server.call('OBJECT_ID', 'sys.databases'), 2), 'database_id');
  });

  test('COLUMNPROPERTY and OBJECTPROPERTY look into a table of the current database', () => {
    const context = server.context({ spid: 52, database: 'shop' });
    const call = (name: string, ...args: (string | number)[]) =>
      systemFunctions.find((one) => one.name === name)?.evaluate(context, args);
    assert.equal(call('COLUMNPROPERTY', orders.id, 'id', 'IsIdentity'), 1);
    assert.equal(call('COLUMNPROPERTY', orders.id, 'id', 'AllowsNull'), 0);
    assert.equal(call('OBJECTPROPERTY', orders.id, 'TableHasPrimaryKey'), 1);
    assert.equal(call('COL_LENGTH', 'dbo.orders', 'id'), 4);
  });
});

describe('functions about principals', () => {
  const server = fixture([database(5, 'shop')]);
  server.instance.putLogin(login('app', { serverRoles: ['dbcreator'], permissions: ['VIEW SERVER STATE'] }));
  const asApp = server.context({ spid: 60, who: server.instance.login('app') ?? assert.fail() });
  const call = (name: string, ...args: (string | null)[]) =>
    systemFunctions.find((one) => one.name === name)?.evaluate(asApp, args);

  test('SUSER_SNAME and SUSER_SID lead to each other', () => {
    assert.equal(server.call('SUSER_SNAME', Uint8Array.of(1)), 'sa');
    assert.equal(server.call('SUSER_SNAME', server.call('SUSER_SID', 'app')), 'app');
    assert.equal(server.call('SUSER_SID', 'nobody'), null);
  });

  test('IS_SRVROLEMEMBER is 1 for sysadmin in every role and NULL for a role that is none', () => {
    assert.equal(server.call('IS_SRVROLEMEMBER', 'dbcreator'), 1);
    assert.equal(call('IS_SRVROLEMEMBER', 'dbcreator'), 1);
    assert.equal(call('IS_SRVROLEMEMBER', 'sysadmin'), 0);
    assert.equal(server.call('IS_SRVROLEMEMBER', 'dbcreator', 'app'), 1);
    assert.equal(server.call('IS_SRVROLEMEMBER', 'captain'), null);
  });

  test('HAS_PERMS_BY_NAME tells held from not held and from nonsense', () => {
    assert.equal(call('HAS_PERMS_BY_NAME', null, null, 'VIEW SERVER STATE'), 1);
    assert.equal(call('HAS_PERMS_BY_NAME', null, null, 'CONTROL SERVER'), 0);
    assert.equal(call('HAS_PERMS_BY_NAME', null, null, 'MAKE COFFEE'), null);
    assert.equal(call('HAS_PERMS_BY_NAME', 'shop', 'DATABASE', 'BACKUP DATABASE'), 0);
    assert.equal(server.call('HAS_PERMS_BY_NAME', 'shop', 'DATABASE', 'BACKUP LOG'), 1);
    assert.equal(server.call('HAS_PERMS_BY_NAME', 'nowhere', 'DATABASE', 'ANY'), null);
  });

  test('HAS_DBACCESS is 0 without a user and NULL without a database', () => {
    assert.equal(call('HAS_DBACCESS', 'shop'), 0);
    assert.equal(call('HAS_DBACCESS', 'master'), 1);
    assert.equal(call('HAS_DBACCESS', 'nowhere'), null);
  });
});

describe('APPLOCK_MODE and APPLOCK_TEST', () => {
  const server = fixture();
  const call = (name: string, spid: number, ...args: (string | null)[]) =>
    systemFunctions.find((one) => one.name === name)?.evaluate(server.context({ spid }), args);

  test('tell the mode held and whether another could be had', async () => {
    await server.run('sp_getapplock', { '@Resource': 'r', '@LockMode': 'Shared', '@LockOwner': 'Session' });
    assert.equal(call('APPLOCK_MODE', 51, 'public', 'r', 'Session'), 'Shared');
    assert.equal(call('APPLOCK_MODE', 52, 'public', 'r', 'Session'), 'NoLock');
    assert.equal(call('APPLOCK_TEST', 52, 'public', 'r', 'Shared', 'Session'), 1);
    assert.equal(call('APPLOCK_TEST', 52, 'public', 'r', 'Exclusive', 'Session'), 0);
    assert.equal(call('APPLOCK_TEST', 51, 'public', 'r', 'Exclusive', 'Session'), 1);
  });

  test('need a transaction for the owner Transaction', () => {
    assert.throws(() => call('APPLOCK_MODE', 51, 'public', 'r', 'Transaction'), raises(3918));
    assert.throws(() => call('APPLOCK_TEST', 51, 'public', 'r', 'Odd', 'Session'), raises(1225));
    assert.throws(() => call('APPLOCK_MODE', 51, 'public', 'r', 'Nobody'), raises(1226));
  });
});
