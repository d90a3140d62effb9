import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SqlError } from './contracts.ts';
import { parse, parseParameters } from './tsql/parse.ts';

function failure(text: string): [number, number, string, number | undefined] | undefined {
  try {
    parse(text);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof SqlError, String(error));
    const [message] = error.messages;
    return message === undefined ? undefined : [message.number, message.class, message.text, message.line];
  }
}

const kindsOf = (text: string): string[] => parse(text).statements.map((statement) => statement.kind);

test('statements need no semicolon between them', () => {
  assert.deepEqual(
    kindsOf('DECLARE @a int = 1 SELECT @a SET @a += 1 PRINT @a IF @a > 1 SELECT 1 ELSE SELECT 2 RETURN'),
    ['declare', 'select', 'set variable', 'print', 'if', 'return'],
  );
});

test('everything a client sends after login parses', () => {
  const tedious = `set ansi_nulls on
set ansi_null_dflt_on on
set ansi_padding on
set ansi_warnings on
set arithabort on
set concat_null_yields_null on
set datefirst 7
set dateformat mdy
set implicit_transactions off
set language us_english
set numeric_roundabort off
set quoted_identifier on
set textsize 2147483647
set transaction isolation level read committed
set xact_abort off`;
  assert.equal(parse(tedious).statements.length, 15);
  const pymssql =
    'SET ARITHABORT ON;SET CONCAT_NULL_YIELDS_NULL ON;SET ANSI_NULLS ON;SET ANSI_NULL_DFLT_ON ON;SET ANSI_PADDING ON;SET ANSI_WARNINGS ON;SET ANSI_NULL_DFLT_ON ON;SET CURSOR_CLOSE_ON_COMMIT ON;SET QUOTED_IDENTIFIER ON;SET TEXTSIZE 2147483647;';
  assert.equal(parse(pymssql).statements.length, 10);
  assert.deepEqual(kindsOf('set implicit_transactions on '), ['set option']);
  assert.deepEqual(kindsOf('IF @@TRANCOUNT > 0 COMMIT TRAN'), ['if']);
});

test('the statements of backup tools parse', () => {
  for (const text of [
    "BACKUP DATABASE [AppDB] TO DISK = N'/b/1.bak', DISK = N'/b/2.bak' WITH CHECKSUM, COMPRESSION, BLOCKSIZE=65536, BUFFERCOUNT=50, MAXTRANSFERSIZE=4194304, DESCRIPTION=N'x', NAME=N'n', STATS=5",
    "BACKUP DATABASE [db] TO DISK = N'x' WITH NOFORMAT, NOINIT, NAME=N'n', NOSKIP, REWIND, NOUNLOAD, COMPRESSION, STATS = 10, CHECKSUM",
    "BACKUP LOG [AppDB] TO DISK = N'x' WITH NO_TRUNCATE, NORECOVERY, COPY_ONLY, NO_COMPRESSION, STATS",
    "RESTORE VERIFYONLY FROM DISK = N'x' WITH CHECKSUM",
    "RESTORE DATABASE [x] FROM DISK = N'a' WITH FILE = 1, MOVE N'l' TO N'p', MOVE N'm' TO N'q', NORECOVERY, NOUNLOAD, REPLACE, STATS = 1",
    "RESTORE LOG [x] FROM DISK = N'a' WITH STOPAT = N'2026-04-22T20:41:49.000', RECOVERY",
    "RESTORE LOG [x] FROM DISK = 'a' WITH STOPATMARK = 'm' AFTER '2026-01-01', STANDBY = '/undo'",
    'RESTORE DATABASE [x] WITH RECOVERY',
    "DBCC CHECKDB (N'x') WITH NO_INFOMSGS, ALL_ERRORMSGS, DATA_PURITY",
    "DECLARE @ReturnCode int EXECUTE @ReturnCode = dbo.xp_create_subdir N'/b' IF @ReturnCode <> 0 OR @ReturnCode IS NULL RAISERROR('Error creating directory.', 16, 1)",
    'ALTER DATABASE [x] SET OFFLINE WITH ROLLBACK IMMEDIATE; ALTER DATABASE [x] SET RESTRICTED_USER; ALTER DATABASE [x] SET ONLINE WITH ROLLBACK IMMEDIATE',
    'BACKUP DATABASE @db TO DISK = @path WITH INIT',
  ]) {
    assert.equal(
      failure(text.startsWith('BACKUP DATABASE @') ? `DECLARE @db sysname, @path nvarchar(9) ${text}` : text),
      undefined,
      text,
    );
  }
});

test('an unknown BACKUP or RESTORE option is 155 of class 15', () => {
  assert.deepEqual(failure("BACKUP DATABASE x TO DISK = 'y' WITH BOGUS"), [
    155,
    15,
    "'BOGUS' is not a recognized BACKUP option.",
    1,
  ]);
  assert.deepEqual(failure("RESTORE LOG x FROM DISK = 'y' WITH\nBOGUS"), [
    155,
    15,
    "'BOGUS' is not a recognized RESTORE option.",
    2,
  ]);
});

test('syntax errors name what stands where they were found', () => {
  assert.deepEqual(failure('SELECT 1 FROM'), [102, 15, "Incorrect syntax near 'FROM'.", 1]);
  assert.deepEqual(failure('SELECT *\nFROM WHERE'), [156, 15, "Incorrect syntax near the keyword 'WHERE'.", 2]);
  assert.deepEqual(failure('SELECT (1'), [102, 15, "Incorrect syntax near '1'.", 1]);
  assert.deepEqual(failure('SELECT 1 = 1'), [102, 15, "Incorrect syntax near '='.", 1]);
  assert.deepEqual(failure('SELECT 1 foo bar'), [102, 15, "Incorrect syntax near 'bar'.", 1]);
  assert.deepEqual(failure('BREAK'), [
    135,
    15,
    'Cannot use a BREAK statement outside the scope of a WHILE statement.',
    1,
  ]);
});

test('a value where a condition belongs is 4145', () => {
  assert.equal(failure('SELECT 1 WHERE 1')?.[0], 4145);
  assert.equal(failure('IF 1 PRINT 1')?.[0], 4145);
});

test('undeclared variables are found before anything runs, all of them', () => {
  assert.throws(
    () => parse('SELECT @a\nSET @b = 1\nINSERT @t VALUES (1)'),
    (error) => {
      assert.ok(error instanceof SqlError);
      assert.deepEqual(
        error.messages.map((m) => [m.number, m.state, m.line]),
        [
          [137, 2, 1],
          [137, 1, 2],
          [1087, 2, 3],
        ],
      );
      return true;
    },
  );
  assert.equal(failure('DECLARE @a int DECLARE @A int')?.[0], 134);
});

test('a procedure name alone runs it, at the start of a batch only', () => {
  assert.deepEqual(kindsOf("sp_helpdb 'x'"), ['execute']);
  assert.equal(failure('SELECT 1; sp_helpdb')?.[0], 102);
});

test('CREATE PROCEDURE and CREATE VIEW stand first in their batch', () => {
  assert.equal(failure('SELECT 1 CREATE VIEW v AS SELECT 1 AS a')?.[0], 111);
  assert.deepEqual(kindsOf('CREATE PROCEDURE p AS SELECT 1 SELECT 2'), ['create module']);
});

test('what this server does not have gets a clear error', () => {
  for (const text of [
    'SELECT 1 AS a FOR XML PATH',
    'CREATE TRIGGER t ON x AFTER INSERT AS SELECT 1',
    'CREATE FUNCTION f() RETURNS int AS BEGIN RETURN 1 END',
    'CREATE TABLE t (x xml)',
    'SELECT * FROM t PIVOT (SUM(a) FOR b IN ([1])) p',
    "BULK INSERT t FROM 'x'",
  ]) {
    assert.equal(failure(text)?.[0], 40510, text);
  }
});

test('parenthesized joins, derived tables and conditions are told apart', () => {
  for (const text of [
    'SELECT * FROM (a JOIN b ON a.i = b.i) JOIN c ON c.i = a.i',
    'SELECT * FROM ((SELECT 1 AS x) UNION ALL (SELECT 2)) q',
    'SELECT * FROM a JOIN b JOIN c ON b.i = c.i ON a.i = b.i',
    'SELECT 1 WHERE ((1 = 1)) AND (((1)) = (1)) AND ((SELECT 1) = 1 OR (1 + (2)) > 2)',
    'SELECT (SELECT 1), ((SELECT 2)) + 1',
  ]) {
    assert.equal(failure(text), undefined, text);
  }
});

test('the parameter text of sp_executesql gives names, types and directions', () => {
  assert.deepEqual(
    parseParameters('@a int, @b nvarchar(20) OUTPUT, @c decimal(10,2) = 1.5').map(({ name, type, output }) => [
      name,
      type.name,
      output,
    ]),
    [
      ['@a', 'int', false],
      ['@b', 'nvarchar', true],
      ['@c', 'decimal', false],
    ],
  );
});

test('whatever the text, the parser ends, with statements or with a SqlError', () => {
  const word = fc.constantFrom(
    ..."SELECT FROM WHERE ( ) , . ; * = < + - @a @t #x x [y] \"z\" 1 2.5 0x0 $1 's' N'n' INSERT INTO VALUES UPDATE SET DELETE BEGIN END TRY CATCH IF ELSE WHILE CASE WHEN THEN AND OR NOT NULL IN EXISTS JOIN ON APPLY CROSS LEFT OUTER GROUP BY ORDER TOP WITH AS UNION ALL DECLARE int varchar TABLE CREATE ALTER DROP PROCEDURE EXEC BACKUP DATABASE LOG TO DISK RESTORE MOVE CAST CONVERT OVER PARTITION MERGE USING MATCHED OUTPUT GRANT CURSOR FETCH OPTION".split(
      ' ',
    ),
  );
  const text = fc.oneof(
    fc.array(word, { maxLength: 25 }).map((words) => words.join(' ')),
    fc.string({ maxLength: 40 }),
  );
  fc.assert(
    fc.property(text, (batch) => {
      try {
        parse(batch);
      } catch (error) {
        assert.ok(error instanceof SqlError, String(error));
      }
    }),
    { numRuns: 3000 },
  );
});
