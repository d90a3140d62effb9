import assert from 'node:assert/strict';
import { test } from 'node:test';
import sql from 'mssql';
import { Request } from 'tedious';
import { SqlError } from '../contracts.ts';
import type { ResultSink } from '../contracts.ts';
import { openPool, openTedious, until } from './testing/clients.ts';
import { INT, SELECT, fakeInstance, nvarchar } from './testing/fake-server.ts';
import { loggedIn } from './testing/raw-client.ts';

const BACKUP = 228;

function backup(sink: ResultSink): void {
  for (const [number, text] of [
    [3211, '50 percent processed.'],
    [4035, "Processed 344 pages for database 'db1', file 'db1' on file 1."],
    [3014, 'BACKUP DATABASE successfully processed 346 pages in 0.018 seconds (150.173 MB/sec).'],
  ] as const) {
    sink.message({ number, class: 10, state: 1, text });
    sink.done({ curCmd: BACKUP });
    sink.flush();
  }
}

test('a batch gives its result sets and row counts in order', async () => {
  await using instance = await fakeInstance({
    batch(_text, sink) {
      sink.columns([{ name: 'id', type: INT, nullable: false }]);
      sink.row([1]);
      sink.row([2]);
      sink.done({ curCmd: SELECT, rowCount: 2 });
      sink.done({ curCmd: 195, rowCount: 7 });
      sink.columns([{ name: 'name', type: nvarchar(10) }]);
      sink.row(['zwölf']);
      sink.row([null]);
      sink.done({ curCmd: SELECT, rowCount: 2 });
    },
  });
  await using client = await openPool(instance);
  const result = await client.pool.request().batch('three statements');
  assert.deepEqual(result.recordsets, [
    [{ id: 1 }, { id: 2 }],
    [{ name: 'zwölf' }, { name: null }],
  ]);
  assert.deepEqual(result.rowsAffected, [2, 7, 2]);
});

test('messages of class 10 arrive as informational ones of class 0, with number, state and text', async () => {
  await using instance = await fakeInstance({ batch: (_text, sink) => backup(sink) });
  await using client = await openPool(instance);
  const request = client.pool.request();
  const infos: [number, number, number, string][] = [];
  request.on('info', (info: { number: number; state: number; class: number; message: string }) => {
    infos.push([info.number, info.class, info.state, info.message]);
  });
  const result = await request.batch('BACKUP DATABASE');
  assert.deepEqual(
    infos.map(([number]) => number),
    [3211, 4035, 3014],
  );
  assert.deepEqual(infos[0], [3211, 0, 1, '50 percent processed.']);
  assert.deepEqual(result.rowsAffected, []);
});

test('each message of a backup is followed by a DONE of its own and only the last DONE lacks the MORE bit', async () => {
  await using instance = await fakeInstance({ batch: (_text, sink) => backup(sink) });
  await using client = await loggedIn(instance.port);
  client.sendBatch('BACKUP DATABASE');
  const answer = (await client.next())?.toString('hex') ?? '';
  const done = (status: string): string => `fd${status}e4000000000000000000`;
  assert.equal(answer.split(done('0100')).length - 1, 2);
  assert.equal(answer.split(done('0000')).length - 1, 1);
  assert.ok(answer.endsWith(done('0000')));
  assert.ok(answer.startsWith('ab'));
});

test('a progress message reaches the client while its statement is still running', async () => {
  const finish = Promise.withResolvers<void>();
  await using instance = await fakeInstance({
    async batch(_text, sink) {
      sink.message({ number: 3211, class: 0, state: 1, text: '10 percent processed.' });
      sink.done({ curCmd: BACKUP });
      sink.flush();
      await finish.promise;
      sink.message({ number: 3014, class: 0, state: 1, text: 'done' });
      sink.done({ curCmd: BACKUP });
    },
  });
  await using client = await openPool(instance);
  const request = client.pool.request();
  request.on('info', (info: { number: number }) => {
    if (info.number === 3211) finish.resolve();
  });
  await request.batch('BACKUP DATABASE');
});

test('the errors of a failed backup arrive as 3013 with the cause before it', async () => {
  await using instance = await fakeInstance({
    batch() {
      throw new SqlError(
        {
          number: 911,
          class: 16,
          state: 11,
          text: "Database 'nosuch' does not exist. Make sure that the name is entered correctly.",
        },
        {
          number: 3013,
          class: 16,
          state: 1,
          text: 'BACKUP DATABASE is terminating abnormally.',
          line: 3,
          procedure: 'p',
        },
      );
    },
  });
  await using client = await openPool(instance);
  await assert.rejects(client.pool.request().batch('BACKUP DATABASE nosuch'), (error: sql.RequestError) => {
    assert.equal(error.number, 3013);
    assert.equal(error.lineNumber, 3);
    assert.equal(error.procName, 'p');
    assert.equal(error.serverName, 'fake-sql');
    const { precedingErrors: preceding } = error as unknown as { precedingErrors: sql.RequestError[] };
    assert.deepEqual(
      preceding.map((each) => [each.number, each.state, each.class]),
      [[911, 11, 16]],
    );
    return true;
  });
  assert.deepEqual(
    await client.pool
      .request()
      .batch('BACKUP again')
      .catch((error: sql.RequestError) => error.number),
    3013,
  );
});

test('a thrown error ends a batch with one DONE that has the ERROR bit, after the DONEs of the statements before it', async () => {
  await using instance = await fakeInstance({
    batch(_text, sink) {
      sink.done({ curCmd: 212 });
      throw new SqlError({ number: 3021, class: 16, state: 0, text: 'no' });
    },
  });
  await using client = await loggedIn(instance.port);
  client.sendBatch('BEGIN TRAN; BACKUP');
  const answer = (await client.next())?.toString('hex') ?? '';
  assert.ok(answer.startsWith('fd0100d4000000000000000000aa'));
  assert.ok(answer.endsWith('fd0200fd000000000000000000'));
});

test('a failed statement in the middle of a batch has MORE and ERROR, and the batch goes on', async () => {
  await using instance = await fakeInstance({
    batch(_text, sink) {
      sink.message({ number: 3021, class: 16, state: 0, text: 'no' });
      sink.done({ curCmd: BACKUP, failed: true });
      sink.done({ curCmd: 210 });
    },
  });
  await using client = await loggedIn(instance.port);
  client.sendBatch('BACKUP; ROLLBACK');
  const answer = (await client.next())?.toString('hex') ?? '';
  assert.ok(answer.endsWith('fd0300e4000000000000000000fd0000d2000000000000000000'));
});

test('an empty batch is answered by one plain DONE', async () => {
  await using instance = await fakeInstance({ batch: () => undefined });
  await using client = await loggedIn(instance.port);
  client.sendBatch('-- nothing');
  assert.equal((await client.next())?.toString('hex'), 'fd0000fd000000000000000000');
});

test('EXECUTE within a batch ends with its return status and a DONEPROC', async () => {
  await using instance = await fakeInstance({
    batch(_text, sink) {
      sink.returnStatus(3);
      sink.done({ curCmd: 224 });
      sink.done({ curCmd: SELECT });
    },
  });
  await using client = await loggedIn(instance.port);
  client.sendBatch('EXEC p; SELECT');
  assert.equal(
    (await client.next())?.toString('hex'),
    '7903000000fe0100e0000000000000000000fd0000c1000000000000000000',
  );
});

test('a change of database is told to the client', async () => {
  await using instance = await fakeInstance({
    batch(_text, sink) {
      sink.env({ kind: 'database', next: 'db2', previous: 'master' });
      sink.message({ number: 5701, class: 0, state: 2, text: "Changed database context to 'db2'." });
      sink.done({ curCmd: 226 });
    },
  });
  await using client = await openTedious(instance);
  const databases: string[] = [];
  client.connection.on('databaseChange', (name) => databases.push(name));
  await client.run((done) => new Request('USE db2', done));
  assert.deepEqual(databases, ['db2']);
});

test('a hundred thousand rows arrive unchanged over many packets', async () => {
  const rows = 100_000;
  await using instance = await fakeInstance({
    async batch(_text, sink) {
      sink.columns([
        { name: 'n', type: INT },
        { name: 't', type: nvarchar(40) },
      ]);
      for (let n = 0; n < rows; n++) {
        sink.row([n, `row ${n}`]);
        await sink.ready();
      }
      sink.done({ curCmd: SELECT, rowCount: rows });
    },
  });
  await using client = await openPool(instance);
  const { recordset } = await client.pool.request().batch<{ n: number; t: string }>('SELECT');
  assert.equal(recordset.length, rows);
  assert.ok(recordset.every((row, n) => row.n === n && row.t === `row ${n}`));
});

test('a client that does not read makes the producer of its rows wait', async () => {
  const rowBytes = 100_000;
  const rows = 2_000;
  let produced = 0;
  await using instance = await fakeInstance({
    async batch(_text, sink) {
      const value = new Uint8Array(rowBytes);
      sink.columns([{ name: 'v', type: { name: 'varbinary', length: -1 } }]);
      for (; produced < rows; produced++) {
        sink.row([value]);
        await sink.ready();
      }
    },
  });
  await using client = await loggedIn(instance.port);
  client.socket.pause();
  client.sendBatch('SELECT');
  let seen = { produced: -1, times: 0 };
  await until(() => {
    seen = seen.produced === produced && produced > 0 ? { produced, times: seen.times + 1 } : { produced, times: 0 };
    return seen.times === 20;
  }, 'the producer waits');
  assert.ok(produced < rows / 2, `${produced} of ${rows} rows were produced although nobody reads`);
  client.socket.resume();
  const answer = await client.next();
  assert.ok((answer?.length ?? 0) > rows * rowBytes);
});

test('a value of 20 megabytes travels both ways', async () => {
  await using instance = await fakeInstance();
  await using client = await openPool(instance);
  const text = 'äb€d'.repeat(2_500_000);
  const { recordset } = await client.pool
    .request()
    .input('t', sql.NVarChar(sql.MAX), text)
    .query<{ t: string }>('SELECT @t');
  assert.ok(recordset[0]?.t === text);
});

test('a bug of the simulator reaches the client as an error of class 20 and ends the connection', async () => {
  await using instance = await fakeInstance({
    batch(_text, sink) {
      sink.columns([
        { name: 'n', type: INT },
        { name: 'm', type: INT },
      ]);
      sink.row([1, 'not a number']);
    },
  });
  await using client = await loggedIn(instance.port);
  client.sendBatch('SELECT');
  const answer = await client.next();
  assert.ok(answer?.includes(Buffer.from('cannot carry a string', 'utf16le')));
  assert.ok(answer?.toString('hex').endsWith('fd0200fd000000000000000000'));
  assert.equal(await client.next(), undefined);
  assert.match(instance.logged.join('\n'), /A column of type int cannot carry a string \('not a number'\)/);
});
