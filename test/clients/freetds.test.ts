import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { debianPackages } from './install.ts';
import { isInstalled, run } from './run.ts';
import { startServer } from './support.ts';

const script = (database: string): string =>
  [
    'SELECT 1 AS one',
    'SELECT * FROM nosuch',
    "PRINT 'hello'",
    `CREATE DATABASE ${database}`,
    `USE ${database}`,
    'CREATE TABLE dbo.items (id int NOT NULL PRIMARY KEY, name nvarchar(40) NULL, price decimal(10, 2) NULL, at datetime2(3) NULL)',
    "INSERT INTO dbo.items (id, name, price, at) VALUES (1, N'größe €', 12.50, '2026-04-20T21:40:13.320'), (2, NULL, NULL, NULL)",
    'SELECT id, name, price FROM dbo.items ORDER BY id',
    `BACKUP DATABASE ${database} TO DISK = N'/var/opt/mssql/data/${database}.bak' WITH CHECKSUM, FORMAT`,
    "BACKUP DATABASE nosuch TO DISK = N'/var/opt/mssql/data/nosuch.bak'",
    'exit',
  ].join('\ngo\n') + '\n';

async function tsqlRoot(context: TestContext): Promise<string | undefined> {
  if (!(await isInstalled('apt-get', ['--version']))) {
    context.skip('tsql comes from a Debian package, and apt-get is not installed');
    return undefined;
  }
  try {
    return await debianPackages('freetds', ['freetds-bin']);
  } catch (error) {
    if (process.getuid?.() === 0) throw error;
    context.skip('tsql comes from a Debian package, and only root can bring the package lists up to date');
    return undefined;
  }
}

for (const encryption of ['off', 'request', 'require'] as const) {
  test(`FreeTDS tsql works unchanged with encryption "${encryption}"`, async (context) => {
    const root = await tsqlRoot(context);
    if (root === undefined) return;
    await using server = await startServer();
    const folder = await mkdtemp(join(tmpdir(), 'mssql-pitr-freetds-'));
    try {
      const config = join(folder, 'freetds.conf');
      await writeFile(
        config,
        `[sql]\nhost = 127.0.0.1\nport = ${server.port}\ntds version = auto\nclient charset = UTF-8\nencryption = ${encryption}\n`,
      );
      const output = await run(join(root, 'usr', 'bin', 'tsql'), ['-S', 'sql', '-U', 'sa', '-P', server.password], {
        input: script(`freetds_${encryption}`),
        env: { FREETDSCONF: config, LC_ALL: 'C.UTF-8' },
      });
      assert.match(output, /one\n1\n\(1 row affected\)/);
      assert.match(output, /Msg 208 \(severity 16, state 1\) from \S+ Line \d+:\n\t"Invalid object name 'nosuch'\."/);
      assert.match(output, /^hello$/m);
      assert.match(output, /^1\tgröße €\t12\.50/m);
      assert.match(output, /^2\tNULL\tNULL/m);
      assert.match(output, /Msg 3014 \(severity 0, state 1\)[^]*"BACKUP DATABASE successfully processed \d+ pages/);
      assert.match(output, /Msg 911 \(severity 16, state 11\)[^]*Msg 3013 \(severity 16, state 1\)/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
}
