import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { TestServer, type Client } from './exec-support.ts';

let server: TestServer;
let admin: Client;
const login = (user: string, database = ''): Promise<Client> =>
  server.connect({ user, password: 'P@ssw0rd-1', database });

before(async () => {
  server = await TestServer.open();
  admin = await server.database('guarded');
  await admin.ok('CREATE TABLE t (a int); INSERT t VALUES (1)');
  await admin.ok('CREATE PROCEDURE p AS SELECT a FROM t');
  for (const name of ['plain', 'operator', 'owner', 'creator'])
    await admin.ok(`CREATE LOGIN ${name} WITH PASSWORD = 'P@ssw0rd-1', CHECK_POLICY = OFF`);
  await admin.ok('CREATE USER operator FOR LOGIN operator; ALTER ROLE db_backupoperator ADD MEMBER operator');
  await admin.ok('CREATE USER owner FOR LOGIN owner; ALTER ROLE db_owner ADD MEMBER owner');
  await admin.ok('ALTER SERVER ROLE dbcreator ADD MEMBER creator');
});

after(() => server[Symbol.asyncDispose]());

test('a login without a user does not get into the database', async () => {
  const client = await login('plain');
  assert.equal(
    (await client.error('USE guarded'))?.text,
    'The server principal "plain" is not able to access the database "guarded" under the current security context.',
  );
  assert.equal((await client.error('SELECT * FROM guarded.dbo.t'))?.number, 916);
  await assert.rejects(login('plain', 'guarded'));
});

test('a backup operator may back up and read nothing', async () => {
  const client = await login('operator', 'guarded');
  await client.ok("BACKUP DATABASE guarded TO DISK = '/var/opt/mssql/data/g.bak' WITH INIT");
  assert.deepEqual(
    [(await client.error('SELECT * FROM t'))?.number, (await client.error('INSERT t VALUES (2)'))?.number],
    [229, 229],
  );
  assert.equal((await client.error('CREATE TABLE u (a int)'))?.number, 262);
  assert.equal((await client.error("RESTORE HEADERONLY FROM DISK = '/var/opt/mssql/data/g.bak'"))?.number, 262);
});

test('an owner of a database does everything in it, but not to the server', async () => {
  const client = await login('owner', 'guarded');
  await client.ok('SELECT * FROM t; CREATE TABLE u (a int); DROP TABLE u');
  assert.equal((await client.error('CREATE DATABASE x'))?.number, 262);
  assert.equal((await client.error('KILL 51'))?.number, 6102);
  assert.equal((await client.error("CREATE LOGIN x WITH PASSWORD = 'x'"))?.number, 15247);
});

test('dbcreator may create and restore', async () => {
  const client = await login('creator');
  await client.ok('CREATE DATABASE made');
  await client.ok("RESTORE HEADERONLY FROM DISK = '/var/opt/mssql/data/g.bak'; DROP DATABASE made");
});

test('GRANT, DENY and REVOKE take effect on the next request', async () => {
  await admin.ok(
    "CREATE LOGIN reader WITH PASSWORD = 'P@ssw0rd-1'; CREATE USER reader; GRANT SELECT ON dbo.t TO reader",
  );
  const client = await login('reader', 'guarded');
  assert.equal(await client.value('SELECT COUNT(*) FROM t'), '1');
  assert.equal((await client.error('DELETE t'))?.number, 229);
  assert.equal((await client.error('EXEC p'))?.number, 229);
  await admin.ok('GRANT EXECUTE TO reader; DENY SELECT ON SCHEMA::dbo TO reader');
  assert.equal((await client.error('SELECT COUNT(*) FROM t'))?.number, 229);
  assert.equal(await client.value('EXEC p'), '1', 'the procedure reads with the right of its owner');
  await admin.ok(
    'REVOKE SELECT ON SCHEMA::dbo FROM reader; REVOKE SELECT ON dbo.t FROM reader; ALTER ROLE db_datareader ADD MEMBER reader',
  );
  assert.equal(await client.value('EXEC p'), '1');
});

test('server permissions are granted in master', async () => {
  assert.equal((await admin.error('GRANT VIEW SERVER STATE TO plain'))?.number, 4621);
  const master = await server.connect();
  await master.ok('GRANT ALTER ANY CONNECTION TO plain');
  const client = await login('plain');
  assert.equal((await client.error('KILL 9999'))?.number, 6106);
});

test('a disabled login does not come in, an enabled one does again', async () => {
  await admin.ok('ALTER LOGIN plain DISABLE');
  await assert.rejects(login('plain'), /18470/);
  await admin.ok('ALTER LOGIN plain ENABLE');
  await login('plain');
});

test('a changed password counts at the next login', async () => {
  await admin.ok("CREATE LOGIN changes WITH PASSWORD = 'P@ssw0rd-1', DEFAULT_DATABASE = msdb");
  assert.equal(await (await login('changes')).value('SELECT DB_NAME()'), 'msdb');
  await admin.ok("ALTER LOGIN changes WITH PASSWORD = 'An0ther-one'");
  await assert.rejects(login('changes'), /18456/);
});

test('principals that exist or do not exist are refused', async () => {
  assert.equal((await admin.error("CREATE LOGIN plain WITH PASSWORD = 'x'"))?.number, 15025);
  assert.equal((await admin.error('CREATE USER nobody'))?.number, 15007);
  assert.equal((await admin.error('CREATE USER operator'))?.number, 15023);
  assert.equal((await admin.error('DROP USER nobody'))?.number, 15151);
  assert.equal((await admin.error('ALTER ROLE db_owner ADD MEMBER nobody'))?.number, 15151);
  await admin.ok('DROP USER IF EXISTS nobody');
});

test('roles in the database carry permissions to their members', async () => {
  await admin.ok(
    "CREATE LOGIN clerk WITH PASSWORD = 'P@ssw0rd-1'; CREATE USER clerk; CREATE ROLE clerks; GRANT INSERT ON t TO clerks; ALTER ROLE clerks ADD MEMBER clerk",
  );
  const client = await login('clerk', 'guarded');
  await client.ok('INSERT t VALUES (5)');
  assert.equal((await admin.error('DROP ROLE clerks'))?.number, 15144);
  await admin.ok('ALTER ROLE clerks DROP MEMBER clerk; DROP ROLE clerks');
  assert.equal((await client.error('INSERT t VALUES (6)'))?.number, 229);
});
