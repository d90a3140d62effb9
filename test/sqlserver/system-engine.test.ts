import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Lab, moved, sa as statement } from './engine/testing/harness.ts';
import type { SqlValue } from './contracts.ts';
import { systemViews } from './exec/system/index.ts';
import { fixtureOver } from './system-fixture.ts';

/** unscaled value of a numeric(25,0). */
const lsn = (value: SqlValue | undefined): bigint | null =>
  typeof value === 'object' && value !== null && 'unscaled' in value ? value.unscaled : null;

describe('the catalog over the engine', () => {
  test('every view can be read from every system database and from a user database', async () => {
    await using lab = await Lab.open();
    await lab.create('shop');
    lab.insert('shop', 1);
    const server = fixtureOver(lab.instance);
    for (const [i, { name }] of [...lab.instance.databases()].entries()) {
      const context = server.context({ spid: 60 + i, database: name });
      for (const view of systemViews) {
        const args =
          view.parameters?.map((parameter) => (/id$/.test(parameter.name) ? 1 : '/var/opt/mssql/data')) ?? [];
        if (view.name === 'dm_exec_sql_text') continue;
        for (const row of view.rows(context, args, new Map())) {
          for (const [n, column] of view.columns.entries()) {
            assert.ok(column.nullable === true || row[n] != null, `${view.name}.${column.name} is NULL in ${name}`);
          }
        }
      }
    }
  });

  test('the columns that decide about a log backup follow the chain', async () => {
    await using lab = await Lab.open();
    await lab.create('shop');
    const server = fixtureOver(lab.instance);
    const id = lab.database('shop').id;
    const of = (view: string) => server.select(view).filter((row) => row['database_id'] === id);

    assert.equal(lsn(of('sys.database_recovery_status')[0]?.['last_log_backup_lsn']), null);
    assert.equal(of('sys.databases')[0]?.['recovery_model_desc'], 'FULL');
    assert.equal(lsn(of('sys.master_files')[0]?.['differential_base_lsn']), null);

    await lab.backup('shop', 'full.bak');
    lab.insert('shop', 1);
    assert.ok(lsn(of('sys.database_recovery_status')[0]?.['last_log_backup_lsn']));
    assert.ok(lsn(of('sys.master_files')[0]?.['differential_base_lsn']));
    assert.equal(of('sys.databases')[0]?.['log_reuse_wait_desc'], 'LOG_BACKUP');
    const [stats] = server.select('sys.dm_db_log_stats', { args: [id] });
    assert.ok(Number(stats?.['log_since_last_log_backup_mb']) > 0);
  });

  test('a database in the middle of a restore shows where redo goes on and can’t be looked into', async () => {
    await using lab = await Lab.open();
    await lab.create('shop');
    await lab.backup('shop', 'full.bak');
    await lab.restore('copy', 'full.bak', moved('shop', 'copy'));
    const server = fixtureOver(lab.instance);
    const row = server.select('sys.databases').find((one) => one['name'] === 'copy');
    assert.deepEqual([row?.['state_desc'], row?.['collation_name']], ['RESTORING', null]);
    const files = server.select('sys.master_files').filter((one) => one['database_id'] === row?.['database_id']);
    assert.ok(lsn(files[0]?.['redo_start_lsn']));
    assert.deepEqual(
      files.map((file) => file['physical_name']),
      ['/var/opt/mssql/data/copy.mdf', '/var/opt/mssql/data/copy_log.ldf'],
    );
    const context = server.context({ spid: 70, database: 'copy' });
    assert.throws(() => server.select('sys.tables', { context }), /in the middle of a restore/);
    assert.equal(server.call('OBJECT_ID', 'copy.dbo.items'), null);
    await lab.instance.dropDatabase('copy', statement(lab.instance).context);
  });

  test('sys.partitions counts the rows of a table', async () => {
    await using lab = await Lab.open();
    await lab.create('shop');
    for (const id of [1, 2, 3]) lab.insert('shop', id);
    const server = fixtureOver(lab.instance);
    const context = server.context({ spid: 60, database: 'shop' });
    const [table] = server.select('sys.tables', { context });
    const partitions = server.select('sys.partitions', { context });
    assert.deepEqual(
      partitions
        .filter((one) => one['object_id'] === table?.['object_id'])
        .map((one) => [one['index_id'], one['rows']]),
      [[1, 3n]],
    );
  });
});
