import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Answer, int, TestServer, text, until, type Client } from './exec-support.ts';

let server: TestServer;
let client: Client;
const PATH = '/var/opt/mssql/data';

before(async () => {
  server = await TestServer.open();
  client = await server.connect();
  await client.ok('CREATE DATABASE app');
  await client.ok("CREATE TABLE app.dbo.t (id int PRIMARY KEY, v nvarchar(20)); INSERT app.dbo.t VALUES (1, N'one')");
});

after(() => server[Symbol.asyncDispose]());

test('each message of a successful backup is followed by a DONE of its own', async () => {
  const answer = await client.ok(`BACKUP DATABASE app TO DISK = '${PATH}/app.bak' WITH CHECKSUM, INIT, STATS = 50`);
  const numbers = answer.messages.map((m) => m.number);
  assert.deepEqual(numbers.slice(-3), [4035, 4035, 3014]);
  assert.deepEqual(
    answer.order,
    numbers.flatMap((number) => [`message ${number}`, 'done 228']),
  );
  assert.ok(answer.messages.every((m) => m.class === 0));
  assert.ok(answer.dones.every((done) => done.rowCount === undefined && done.failed === undefined));
});

test('a log backup ends with 235, inside of sp_executesql as well', async () => {
  const answer = await client.rpc('sp_executesql', [
    text('BACKUP LOG [app] TO DISK = @path WITH INIT'),
    text('@path nvarchar(200)'),
    text(`${PATH}/app1.trn`, '@path'),
  ]);
  assert.deepEqual([...new Set(answer.dones.map(({ curCmd }) => curCmd))], [235]);
  assert.deepEqual(answer.statuses, [0]);
});

test('a failed backup sends cause and 3013, one DONE, and the batch goes on', async () => {
  const answer = await client.run(
    `DECLARE @db sysname = 'nosuch'; BACKUP DATABASE @db TO DISK = '${PATH}/x.bak'; PRINT 'on'`,
  );
  assert.deepEqual(
    answer.errors.map((m) => [m.number, m.class, m.state]),
    [
      [911, 16, 11],
      [3013, 16, 1],
    ],
  );
  assert.deepEqual(answer.dones.slice(-2), [{ curCmd: 228, failed: true }, { curCmd: 247 }]);
});

test('an unknown option is a syntax error without 3013', async () => {
  const answer = await client.run(`BACKUP DATABASE app TO DISK = '${PATH}/x.bak' WITH BOGUS`);
  assert.deepEqual(
    answer.errors.map((m) => [m.number, m.class]),
    [[155, 15]],
  );
  assert.deepEqual(answer.dones, [{ curCmd: 253, failed: true }]);
});

test('HEADERONLY and FILELISTONLY end their rows with 230 and the statement with a code of its own', async () => {
  const header = await client.ok(`RESTORE HEADERONLY FROM DISK = '${PATH}/app.bak'`);
  assert.equal(header.sets[0]?.columns.length, 59);
  assert.deepEqual(header.dones, [{ curCmd: 230, rowCount: 1 }, { curCmd: 250 }]);
  const list = await client.ok(`RESTORE FILELISTONLY FROM DISK = '${PATH}/app.bak'`);
  assert.equal(list.sets[0]?.columns.length, 22);
  assert.deepEqual(list.dones, [{ curCmd: 230, rowCount: 2 }, { curCmd: 376 }]);
  const verify = await client.ok(`RESTORE VERIFYONLY FROM DISK = '${PATH}/app.bak'`);
  assert.deepEqual(verify.order, ['message 3262', 'done 377']);
});

test('INSERT … EXEC takes the rows of HEADERONLY into a table', async () => {
  const columns = (await client.ok(`RESTORE HEADERONLY FROM DISK = '${PATH}/app.bak'`)).sets[0]?.columns ?? [];
  const type = (name: string, length?: number, precision?: number): string =>
    precision !== undefined ? `${name}(${precision},0)` : length !== undefined ? `${name}(${length})` : name;
  const definition = columns.map((c) => `[${c.name}] ${type(c.type.name, c.type.length, c.type.precision)}`).join(', ');
  await client.ok(
    `CREATE TABLE #h (${definition}); INSERT #h EXEC ('RESTORE HEADERONLY FROM DISK = ''${PATH}/app.bak''')`,
  );
  assert.deepEqual(
    await client.rows('SELECT CAST(BackupType AS int), DatabaseName, LEN(CAST(FirstLSN AS varchar(25))) FROM #h'),
    [['1', 'app', '17']],
  );
});

test('a restore chain with MOVE into another database', async () => {
  await client.ok(
    `RESTORE DATABASE copy FROM DISK = '${PATH}/app.bak' WITH MOVE 'app' TO '${PATH}/copy.mdf', MOVE 'app_log' TO '${PATH}/copy.ldf', NORECOVERY`,
  );
  assert.equal((await client.error('USE copy'))?.number, 927);
  assert.equal((await client.error('SELECT * FROM copy.dbo.t'))?.number, 927);
  const log = await client.ok(`RESTORE LOG copy FROM DISK = '${PATH}/app1.trn' WITH NORECOVERY`);
  assert.equal(log.messages.at(-1)?.number, 3014);
  await client.ok('RESTORE DATABASE copy WITH RECOVERY');
  assert.deepEqual(await client.rows('SELECT v FROM copy.dbo.t'), [['one']]);
});

test('STOPAT takes datetime text; what is no datetime is 241', async () => {
  const answer = await client.run(
    `RESTORE LOG copy FROM DISK = '${PATH}/app1.trn' WITH STOPAT = '2026-01-01T00:00:00.1234567'`,
  );
  assert.equal(answer.errors[0]?.number, 241);
});

test('RESTORE over the database of one’s own context is 3102', async () => {
  const own = await server.connect({ database: 'copy' });
  const answer = await own.run(`RESTORE DATABASE copy FROM DISK = '${PATH}/app.bak' WITH REPLACE`);
  assert.deepEqual(answer.errorNumbers, [3102, 3013]);
});

test('an attention ends a backup', async () => {
  await client.ok('CREATE DATABASE big');
  const database = server.instance.database('big');
  assert.ok(database);
  await client.ok(
    "CREATE TABLE big.dbo.t (v char(8000)); INSERT big.dbo.t SELECT REPLICATE('x', 8000) FROM GENERATE_SERIES(1, 2000)",
  );
  const controller = new AbortController();
  controller.abort();
  await assert.rejects(
    client.session.batch(`BACKUP DATABASE big TO DISK = '${PATH}/big.bak'`, new Answer(), controller.signal),
    { name: 'AbortError' },
  );
  assert.equal(await client.value('SELECT 1'), '1');
});

test('sys.dm_exec_requests shows a running statement of another session', async () => {
  const other = await server.connect();
  const controller = new AbortController();
  const running = other.session.batch("PRINT 1; WAITFOR DELAY '00:01'", new Answer(), controller.signal);
  await until(
    async () =>
      (await client.value(
        `SELECT COUNT(*) FROM sys.dm_exec_requests WHERE session_id = ${other.session.spid} AND command = 'WAITFOR'`,
      )) === '1',
    'the request shows',
  );
  controller.abort();
  await assert.rejects(running);
});

test('handles of the wire reach backups with numbers as parameters', async () => {
  const answer = await client.rpc('sp_executesql', [
    text(`BACKUP DATABASE app TO DISK = '${PATH}/stats.bak' WITH STATS = @n, INIT`),
    text('@n int'),
    int(100, '@n'),
  ]);
  assert.deepEqual(answer.errorNumbers, []);
});

test('DBCC CHECKDB of a clean database', async () => {
  const answer = await client.ok('DBCC CHECKDB (app)');
  assert.deepEqual(
    answer.messages.map((m) => m.number),
    [8989, 2528],
  );
  assert.deepEqual((await client.ok("DBCC CHECKDB ('app') WITH NO_INFOMSGS")).messages, []);
  assert.equal((await client.error('DBCC SHRINKDATABASE (app)'))?.number, 40510);
});
