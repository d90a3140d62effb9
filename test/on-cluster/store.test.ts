import assert from 'node:assert/strict';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { BackupResult } from '../../workflows/backup-instance.ts';
import { folderMaker } from '../deploy/cluster/folder-maker.ts';
import { backUp, restore, startBackup } from '../support/runs.ts';
import { assertNothingLost, filesBelow, readManifests } from '../support/store.ts';
import { until } from '../support/until.ts';
import type { Workload } from '../support/workload.ts';
import { failureOf } from './support/failure-of.ts';
import { Ledger } from './support/ledger.ts';
import { cannot } from './support/own-cluster.ts';
import { namespace, startSite, storeClaim, type Site } from './support/site.ts';

const mebibyte = 2 ** 20;

describe('on a cluster, the volume of the backup store', { skip: cannot }, () => {
  const ledger = new Ledger(['db1']);
  let site: Site;
  let sql: Workload;

  before(async () => {
    site = await startSite({
      sql: { backupStore: { size: '96Mi', storageClass: 'limited', mountInServer: true } },
    });
    sql = await site.sql();
    await ledger.create(sql);
    await ledger.write(sql, 'seed');
  });
  after(async () => {
    await sql?.close();
    await site?.stop();
  });

  const fillLog = (megabytes: number): Promise<unknown> =>
    site.withControl('mssql-rt', (control) => control.request('POST', '/databases/db1/ballast/log', { megabytes }));
  const staged = async (): Promise<string[]> => filesBelow(join((await site.folders()).sourceFolder, 'backup-mssql'));
  const nothingIsLost = async (): Promise<void> => assertNothingLost(await site.folders(), sql, ['db1']);

  it('denies SQL Server’s own backups access (3201, error 5), and takes those of a run', async () => {
    await site.cluster.kubectl(
      ['--namespace', namespace, 'apply', '-f', '-'],
      JSON.stringify(folderMaker(site.images.simulator, storeClaim, 'straight')),
    );
    await site.kubectl('wait', '--for=condition=complete', '--timeout=60s', 'job/folder-maker');
    const straight = sql.query("BACKUP DATABASE db1 TO DISK = N'/backup-store/straight/db1.bak'");
    await assert.rejects(straight, ({ number, precedingErrors: [cause] }: SqlError) => {
      assert.deepEqual([cause?.number, number], [3201, 3013]);
      assert.match(cause?.message ?? '', /error 5\(Access is denied\.\)/);
      return true;
    });

    await backUp(site, 'full');
    await ledger.write(sql, 'after the full backup');
    await backUp(site, 'log');
    const { storePath } = await site.folders();
    assert.deepEqual((await readManifests({ storePath })).map(({ kind }) => kind).sort(), ['full', 'log']);
    const devices = await sql.query<{ path: string }>(
      'SELECT physical_device_name AS path FROM msdb.dbo.backupmediafamily',
    );
    assert.equal(devices.length, 2);
    for (const { path } of devices) assert.match(path, /^\/var\/opt\/mssql\/backup-mssql\//);
    await nothingIsLost();
  });

  it('is full in the middle of a run: it goes on by itself when there is room', async () => {
    await fillLog(128);
    await ledger.write(sql, 'before the store is full');
    const run = await startBackup(site, { kind: 'log' });
    const said = await until('a copy that failed', async () => {
      const { pendingActivities } = (await run.describe()).raw;
      const commit = pendingActivities?.find((each) => each.activityType?.name === 'commitStaged');
      return commit?.lastFailure?.applicationFailureInfo?.type === 'StorageFull' && commit.lastFailure.message;
    });
    assert.match(said, /db1.*Free space on the volume named above/s);
    await site.own.resizeVolume(namespace, storeClaim, 512 * mebibyte);
    await run.result();
    await nothingIsLost();
  });

  it('is full and stays full: the run says so, loses nothing, and the next one commits what it left staged', async () => {
    const { storePath } = await site.folders();
    const { blocks, bfree, bsize } = await statfs(storePath);
    await site.own.resizeVolume(namespace, storeClaim, (blocks - bfree) * bsize + 8 * mebibyte);
    await fillLog(64);
    await ledger.write(sql, 'while the store is full');
    const failure = await failureOf((await startBackup(site, { kind: 'log' })).result());
    assert.equal(failure.type, 'BackupIncomplete');
    const [result] = failure.details as [BackupResult];
    assert.deepEqual(
      result.failed.map(({ database, type }) => [database, type]),
      [['db1', 'StorageFull']],
    );
    const [left, ...more] = await staged();
    assert.ok(left?.endsWith('.trn') && more.length === 0);

    await site.own.resizeVolume(namespace, storeClaim, 512 * mebibyte);
    await ledger.write(sql, 'after the store was full');
    const { committed } = await backUp(site, 'log');
    assert.equal(committed.count, 2);
    await nothingIsLost();
    await restore(site, { target: 'mssql-rt-target', to: 'latest' });
    const target = await site.sql('mssql-rt-target');
    await ledger.assertIn(target);
    await target.close();
  });
});

interface SqlError {
  readonly number: number;
  readonly message: string;
  readonly precedingErrors: readonly SqlError[];
}
