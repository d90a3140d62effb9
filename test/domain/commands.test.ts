import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  backupStatement,
  recoverStatement,
  restoreStatement,
  verifyStatement,
} from '../../workflows/domain/commands.ts';
import { quoteName, quoteString } from '../../workflows/domain/quoting.ts';

const awkward = `we]ird 'naïve" ../db`;

test('a backup has checksums, a name of its own, and never overwrites', () => {
  assert.equal(
    backupStatement({
      database: 'db1',
      kind: 'full',
      files: ['/var/opt/mssql/backup-mssql/run/db1.bak'],
      name: 'mssql-pitr run full 0',
      compression: true,
    }),
    "BACKUP DATABASE [db1] TO DISK = N'/var/opt/mssql/backup-mssql/run/db1.bak' " +
      "WITH CHECKSUM, COMPRESSION, NAME = N'mssql-pitr run full 0', STATS = 5",
  );
});

test('each kind of backup has its options', () => {
  const common = { database: 'db1', files: ['/a', '/b'], name: 'n', compression: false, stats: 1 };
  const to = "TO DISK = N'/a', DISK = N'/b' WITH";
  const tail = "CHECKSUM, NO_COMPRESSION, NAME = N'n', STATS = 1";
  assert.equal(
    backupStatement({ ...common, kind: 'differential' }),
    `BACKUP DATABASE [db1] ${to} DIFFERENTIAL, ${tail}`,
  );
  assert.equal(backupStatement({ ...common, kind: 'log' }), `BACKUP LOG [db1] ${to} ${tail}`);
  assert.equal(
    backupStatement({ ...common, kind: 'log', copyOnly: true }),
    `BACKUP LOG [db1] ${to} COPY_ONLY, ${tail}`,
  );
  assert.equal(
    backupStatement({ ...common, kind: 'full', copyOnly: true }),
    `BACKUP DATABASE [db1] ${to} COPY_ONLY, ${tail}`,
  );
  assert.throws(() => backupStatement({ ...common, kind: 'differential', copyOnly: true }), RangeError);
  assert.throws(() => backupStatement({ ...common, kind: 'log', files: [] }), RangeError);
});

test('a restore leaves the database RESTORING, moves files, and stops only inside a log', () => {
  const common = { database: 'db1_restored', files: ['/staging/x'], position: 2, checksum: true, moves: [] };
  assert.equal(
    restoreStatement({
      ...common,
      kind: 'full',
      moves: [{ logicalName: 'db1', path: '/data/db1.mdf' }],
      checksum: false,
    }),
    "RESTORE DATABASE [db1_restored] FROM DISK = N'/staging/x' " +
      "WITH FILE = 2, MOVE N'db1' TO N'/data/db1.mdf', NORECOVERY, STATS = 5",
  );
  assert.equal(
    restoreStatement({ ...common, kind: 'differential' }),
    "RESTORE DATABASE [db1_restored] FROM DISK = N'/staging/x' WITH FILE = 2, NORECOVERY, CHECKSUM, STATS = 5",
  );
  assert.equal(
    restoreStatement({ ...common, kind: 'log', stopAt: '2026-02-10T06:54:34.000' }),
    "RESTORE LOG [db1_restored] FROM DISK = N'/staging/x' " +
      "WITH FILE = 2, NORECOVERY, CHECKSUM, STOPAT = N'2026-02-10T06:54:34.000', STATS = 5",
  );
  assert.throws(() => restoreStatement({ ...common, kind: 'full', stopAt: '2026-02-10T06:54:34.000' }), RangeError);
  assert.equal(recoverStatement('db1_restored'), 'RESTORE DATABASE [db1_restored] WITH RECOVERY');
  assert.equal(verifyStatement({ files: ['/x'] }), "RESTORE VERIFYONLY FROM DISK = N'/x' WITH FILE = 1, CHECKSUM");
});

test('an awkward name stays a name', () => {
  assert.equal(recoverStatement(awkward), `RESTORE DATABASE [we]]ird 'naïve" ../db] WITH RECOVERY`);
  assert.equal(
    backupStatement({ database: awkward, kind: 'log', files: [`/x/${awkward}`], name: awkward, compression: false }),
    `BACKUP LOG [we]]ird 'naïve" ../db] TO DISK = N'/x/we]ird ''naïve" ../db' ` +
      `WITH CHECKSUM, NO_COMPRESSION, NAME = N'we]ird ''naïve" ../db', STATS = 5`,
  );
});

test('what is quoted reads back as it was, and ends where the quoting ends', () => {
  const text = fc.string({ unit: fc.constantFrom(']', '[', "'", '"', '-', ';', 'a', '\n', '🐟') });
  fc.assert(
    fc.property(text, (name) => {
      const bracketed = quoteName(name);
      assert.match(bracketed, /^\[(?:[^\]]|\]\])*\]$/);
      assert.equal(bracketed.slice(1, -1).replaceAll(']]', ']'), name);
      const quoted = quoteString(name);
      assert.match(quoted, /^N'(?:[^']|'')*'$/);
      assert.equal(quoted.slice(2, -1).replaceAll("''", "'"), name);
    }),
  );
});
