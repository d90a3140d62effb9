import assert from 'node:assert/strict';
import { quoteName, quoteString } from '../../workflows/domain/quoting.ts';
import { assertFailed, error } from './expect.ts';
import { terminating, tooEarly, tooRecent } from './messages.ts';
import type { Site } from './site.ts';
import { backup, backupLog, insert, recover, restore, restoreLog } from './statements.ts';
import { contract } from './support.ts';

const columns = 'backupset (Transact-SQL)';

interface SetRow {
  readonly type: string;
  readonly id: string;
  readonly first: bigint;
  readonly last: bigint;
  readonly checkpoint: bigint;
  readonly databaseBackup: bigint;
  readonly base: bigint | null;
  readonly baseId: string | null;
  readonly begins: boolean;
  readonly copyOnly: boolean;
  readonly firstFork: string;
  readonly lastFork: string;
  readonly forkPoint: bigint | null;
}

const lsn = (value: unknown): bigint => BigInt(String(value));
const lsnOrNull = (value: unknown): bigint | null => (value === null ? null : lsn(value));

async function history(site: Site, database: string): Promise<readonly SetRow[]> {
  const rows = await site.sa.rows(`
    SELECT type, CONVERT(char(36), backup_set_uuid) AS id, CAST(first_lsn AS varchar(25)) AS first,
           CAST(last_lsn AS varchar(25)) AS last, CAST(checkpoint_lsn AS varchar(25)) AS checkpoint_,
           CAST(database_backup_lsn AS varchar(25)) AS full_, CAST(differential_base_lsn AS varchar(25)) AS base,
           CONVERT(char(36), differential_base_guid) AS base_id, begins_log_chain AS begins, is_copy_only AS copy_only,
           CONVERT(char(36), first_recovery_fork_guid) AS first_fork,
           CONVERT(char(36), last_recovery_fork_guid) AS last_fork, CAST(fork_point_lsn AS varchar(25)) AS fork_point
    FROM msdb.dbo.backupset WHERE database_name = ${quoteString(database)} ORDER BY backup_set_id`);
  return rows.map((row) => ({
    type: String(row['type']),
    id: String(row['id']),
    first: lsn(row['first']),
    last: lsn(row['last']),
    checkpoint: lsn(row['checkpoint_']),
    databaseBackup: lsn(row['full_']),
    base: lsnOrNull(row['base']),
    baseId: row['base_id'] as string | null,
    begins: row['begins'] === true,
    copyOnly: row['copy_only'] === true,
    firstFork: String(row['first_fork']),
    lastFork: String(row['last_fork']),
    forkPoint: lsnOrNull(row['fork_point']),
  }));
}

async function lastLogBackup(site: Site, database: string): Promise<bigint | null> {
  const { at } = await site.sa.row(
    `SELECT CAST(last_log_backup_lsn AS varchar(25)) AS at FROM sys.database_recovery_status WHERE database_id = DB_ID(${quoteString(database)})`,
  );
  return lsnOrNull(at);
}

/** Takes the backups (full, diff or log, with options behind) in turn, each after one row more, and gives their files. */
async function take(site: Site, database: string, kinds: readonly string[]): Promise<string[]> {
  const paths: string[] = [];
  for (const kind of kinds) {
    await site.sa.must(insert(database, `row ${paths.length}`));
    const path = site.path(`${kind.replaceAll(/\W/g, '')}.bak`);
    const [what, ...options] = kind.split(' ');
    const clause = [...(what === 'diff' ? ['DIFFERENTIAL'] : []), ...options].join(', ') || undefined;
    await site.sa.must(what === 'log' ? backupLog(database, path, clause) : backup(database, path, clause));
    paths.push(path);
  }
  return paths;
}

async function begun(site: Site, source: string, full: string): Promise<string> {
  const copy = site.name('copy');
  await site.sa.must(restore(copy, full, `NORECOVERY, ${site.moved(source, copy)}`));
  return copy;
}

contract('chain', [
  {
    name: 'each log begins where the one before it ended',
    source: `${columns}, first_lsn and last_lsn`,
    async run(site) {
      const shop = await site.database('shop');
      await take(site, shop, ['full', 'log', 'log', 'full', 'diff', 'log']);
      const logs = (await history(site, shop)).filter(({ type }) => type === 'L');
      assert.equal(logs[1]?.first, logs[0]?.last);
      assert.equal(logs[2]?.first, logs[1]?.last);
      assert.equal(await lastLogBackup(site, shop), logs[2]?.last, 'last_log_backup_lsn is where the next log begins');
    },
  },
  {
    name: 'the first log begins with the first full, whatever was backed up between, and says that it begins the chain',
    source: 'SQL Server 2022 observed on Windows; RESTORE HEADERONLY (Transact-SQL), BeginsLogChain',
    async run(site) {
      const shop = await site.database('shop');
      await take(site, shop, ['full', 'full', 'diff', 'log', 'log']);
      const [first, second, , log, next] = await history(site, shop);
      assert.equal(log?.first, first?.first);
      assert.ok(log !== undefined && second !== undefined && log.first < second.first);
      assert.deepEqual([first?.begins, log.begins, next?.begins], [false, true, false]);
    },
  },
  {
    name: 'the first full names no earlier one, a later full names the one before it',
    source: 'SQL Server 2022 observed on Windows; backupset (Transact-SQL), database_backup_lsn',
    async run(site) {
      const shop = await site.database('shop');
      await take(site, shop, ['full', 'full']);
      const [first, second] = await history(site, shop);
      assert.equal(first?.databaseBackup, 0n);
      assert.equal(second?.databaseBackup, first?.checkpoint);
    },
  },
  {
    name: 'a differential names its base by the GUID of the set and by its checkpoint',
    source: 'SQL Server 2022 observed on Windows; backupset (Transact-SQL), differential_base_guid',
    async run(site) {
      const shop = await site.database('shop');
      await take(site, shop, ['full', 'log', 'diff', 'full', 'diff']);
      const [full, log, diff, second, other] = await history(site, shop);
      assert.equal(diff?.baseId, full?.id);
      assert.equal(diff?.base, full?.checkpoint);
      assert.equal(diff?.databaseBackup, full?.checkpoint);
      assert.equal(other?.baseId, second?.id);
      assert.deepEqual([full?.base, full?.baseId, log?.base, log?.baseId], [null, null, null, null]);
      assert.equal(log?.databaseBackup, full?.checkpoint);
    },
  },
  {
    name: 'a copy-only full is no base and moves no chain',
    source: 'Copy-Only Backups',
    async run(site) {
      const shop = await site.database('shop');
      await take(site, shop, ['full', 'log', 'full COPY_ONLY', 'diff', 'log']);
      const [full, log, copy, diff, next] = await history(site, shop);
      assert.equal(copy?.copyOnly, true);
      assert.equal(diff?.baseId, full?.id);
      assert.equal(next?.first, log?.last);
    },
  },
  {
    name: 'a copy-only log is covered again by the next log',
    source: 'Copy-Only Backups',
    async run(site) {
      const shop = await site.database('shop');
      await take(site, shop, ['full', 'log', 'log COPY_ONLY', 'log']);
      const [, log, copy, next] = await history(site, shop);
      assert.equal(copy?.first, log?.last);
      assert.equal(next?.first, log?.last);
      assert.ok(copy !== undefined && next !== undefined && next.last >= copy.last);
      assert.equal(await lastLogBackup(site, shop), next.last);
    },
  },
  {
    name: 'a full and its logs, a differential between, all roll forward',
    source: 'Apply Transaction Log Backups; Differential Backups',
    async run(site) {
      const shop = await site.database('shop');
      const [full, , diff, log] = await take(site, shop, ['full', 'log', 'diff', 'log']);
      const copy = await begun(site, shop, String(full));
      await site.sa.must(restore(copy, String(diff), 'NORECOVERY'));
      await site.sa.must(restoreLog(copy, String(log), 'NORECOVERY'));
      await site.sa.must(recover(copy));
      assert.deepEqual(await site.notes(copy), ['row 0', 'row 1', 'row 2', 'row 3']);
    },
  },
  {
    name: 'an older full rolls through a newer one with the logs alone',
    source: 'Apply Transaction Log Backups',
    async run(site) {
      const shop = await site.database('shop');
      const [full, first, , second] = await take(site, shop, ['full', 'log', 'full', 'log']);
      const copy = await begun(site, shop, String(full));
      await site.sa.must(restoreLog(copy, String(first), 'NORECOVERY'));
      await site.sa.must(restoreLog(copy, String(second), 'RECOVERY'));
      assert.deepEqual(await site.notes(copy), ['row 0', 'row 1', 'row 2', 'row 3']);
    },
  },
  {
    name: 'a log that is left out is missed: 4305',
    source: 'observed, pasted; sys.messages 4305',
    async run(site) {
      const shop = await site.database('shop');
      const [full, , second] = await take(site, shop, ['full', 'log', 'log']);
      const copy = await begun(site, shop, String(full));
      assertFailed(
        await site.sa.run(restoreLog(copy, String(second), 'NORECOVERY')),
        tooRecent,
        terminating('RESTORE LOG'),
      );
    },
  },
  {
    name: 'a log that ended before the data backup is too early: 4326, and does no harm',
    source: 'sys.messages 4326',
    async run(site) {
      const shop = await site.database('shop');
      const [, first, full, second] = await take(site, shop, ['full', 'log', 'full', 'log']);
      const copy = await begun(site, shop, String(full));
      assertFailed(
        await site.sa.run(restoreLog(copy, String(first), 'NORECOVERY')),
        tooEarly,
        terminating('RESTORE LOG'),
      );
      await site.sa.must(restoreLog(copy, String(second), 'RECOVERY'));
      assert.deepEqual((await site.notes(copy)).length, 4);
    },
  },
  {
    name: 'a log that was applied already may be applied again',
    source: 'no observation: the LSNs are equal',
    confirmed: false,
    async run(site) {
      const shop = await site.database('shop');
      const [full, log] = await take(site, shop, ['full', 'log']);
      const copy = await begun(site, shop, String(full));
      await site.sa.must(restoreLog(copy, String(log), 'NORECOVERY'));
      await site.sa.must(restoreLog(copy, String(log), 'NORECOVERY'));
      await site.sa.must(recover(copy));
    },
  },
  {
    name: 'a differential behind a log is refused',
    source: 'dbatools ignores differentials once a log was restored; the number is not known',
    confirmed: false,
    async run(site) {
      const shop = await site.database('shop');
      const [full, log, diff] = await take(site, shop, ['full', 'log', 'diff']);
      const copy = await begun(site, shop, String(full));
      await site.sa.must(restoreLog(copy, String(log), 'NORECOVERY'));
      const { errors } = await site.sa.run(restore(copy, String(diff), 'NORECOVERY'));
      assert.deepEqual(
        errors.map(({ number }) => number),
        [3136, 3013],
      );
    },
  },
  {
    name: 'SIMPLE and back breaks the chain: 4214 until a differential bridges it',
    source: 'sys.database_recovery_status (Transact-SQL); View or Change the Recovery Model of a Database',
    async run(site) {
      const shop = await site.database('shop');
      await take(site, shop, ['full', 'log']);
      await site.sa.must(`ALTER DATABASE ${quoteName(shop)} SET RECOVERY SIMPLE`);
      assert.equal(await lastLogBackup(site, shop), null);
      await site.sa.must(`ALTER DATABASE ${quoteName(shop)} SET RECOVERY FULL`);
      assert.equal(await lastLogBackup(site, shop), null);
      assertFailed(
        await site.sa.run(backupLog(shop, site.path('x.trn'))),
        error(4214, 1, 'BACKUP LOG cannot be performed because there is no current database backup.'),
        terminating('BACKUP LOG'),
      );
      await take(site, shop, ['diff', 'log']);
      const [, old, diff, log] = await history(site, shop);
      assert.ok(old !== undefined && log !== undefined && diff !== undefined);
      assert.ok(log.first > old.last, 'a gap');
      assert.ok(log.first <= diff.last);
      assert.equal(log.begins, true);
    },
  },
  {
    name: 'a new database in FULL has no log backup before its first full',
    source: 'sys.database_recovery_status (Transact-SQL), last_log_backup_lsn',
    async run(site) {
      const shop = await site.database('shop');
      assert.equal(await lastLogBackup(site, shop), null);
      await take(site, shop, ['full']);
      const [full] = await history(site, shop);
      assert.equal(await lastLogBackup(site, shop), full?.first);
    },
  },
  {
    name: 'a copy-only full does not begin a chain',
    source: 'Copy-Only Backups',
    confirmed: false,
    async run(site) {
      const shop = await site.database('shop');
      await take(site, shop, ['full COPY_ONLY']);
      assert.equal(await lastLogBackup(site, shop), null);
    },
  },
  {
    name: 'a recovery begins a fork: the restored database goes on under a new id with the old one as first',
    source:
      'sys.database_recovery_status (Transact-SQL), fork_point_lsn; the values behind a restore were not observed',
    confirmed: false,
    async run(site) {
      const shop = await site.database('shop');
      const [full, log] = await take(site, shop, ['full', 'log']);
      const copy = await begun(site, shop, String(full));
      await site.sa.must(restoreLog(copy, String(log), 'RECOVERY'));
      const forks = await site.sa.row(`
        SELECT CONVERT(char(36), recovery_fork_guid) AS fork, CONVERT(char(36), first_recovery_fork_guid) AS first,
               CAST(fork_point_lsn AS varchar(25)) AS point
        FROM sys.database_recovery_status WHERE database_id = DB_ID(${quoteString(copy)})`);
      const [origin] = await history(site, shop);
      assert.notEqual(forks['fork'], origin?.lastFork);
      assert.equal(forks['first'], origin?.lastFork);
      assert.ok(lsn(forks['point']) > 0n);
    },
  },
  {
    name: 'a log of the origin after the fork does not fit the copy: 4330',
    source: 'sys.messages 4330; RESTORE HEADERONLY (Transact-SQL), RecoveryForkID',
    confirmed: false,
    async run(site) {
      const shop = await site.database('shop');
      const [full] = await take(site, shop, ['full', 'log']);
      const copy = await begun(site, shop, String(full));
      await site.sa.must(recover(copy));
      const [forked] = await take(site, copy, ['full']);
      const [later] = await take(site, shop, ['log']);
      await site.sa.must(`ALTER DATABASE ${quoteName(copy)} SET SINGLE_USER WITH ROLLBACK IMMEDIATE`);
      await site.sa.must(restore(copy, String(forked), 'NORECOVERY, REPLACE'));
      const { errors } = await site.sa.run(restoreLog(copy, String(later), 'NORECOVERY'));
      assert.equal(errors.at(-1)?.number, 3013);
      assert.ok([4330, 4305, 4326].includes(errors[0]?.number ?? 0), JSON.stringify(errors));
    },
  },
  {
    name: 'a tail backup leaves the database RESTORING and joins the chain',
    source: 'Tail-Log Backups',
    async run(site) {
      const shop = await site.database('shop');
      await take(site, shop, ['full', 'log', 'log NORECOVERY']);
      const [, log, tail] = await history(site, shop);
      assert.equal(tail?.first, log?.last);
      assert.deepEqual(await site.sa.row(`SELECT state FROM sys.databases WHERE name = ${quoteString(shop)}`), {
        state: 1,
      });
      await site.sa.must(recover(shop));
      assert.equal((await site.notes(shop)).length, 3);
    },
  },
  {
    name: 'a log that was taken while a full ran fits behind it although it began before',
    source: 'observed on Linux; BACKUP (Transact-SQL), "Interoperability"',
    needs: 'the control port',
    async run(site) {
      const shop = await site.database('shop');
      await take(site, shop, ['full', 'log']);
      const { control } = site.inside;
      const { id } = (await control.request('POST', '/holds', { at: 'backup-database', database: shop })) as {
        id: string;
      };
      const client = await site.connect();
      const full = site.path('slow.bak');
      const running = client.start(backup(shop, full));
      await control.request('GET', `/holds/${id}/reached`);
      const [during] = await take(site, shop, ['log']);
      await control.request('DELETE', `/holds/${id}`);
      assert.equal((await running.outcome).code, null);
      const [later] = await take(site, shop, ['log']);
      const sets = await history(site, shop);
      const logs = sets.filter(({ type }) => type === 'L');
      assert.equal(logs[1]?.first, logs[0]?.last);
      assert.equal(logs[2]?.first, logs[1]?.last);
      const copy = await begun(site, shop, full);
      const first = await site.sa.run(restoreLog(copy, String(during), 'NORECOVERY'));
      assert.ok(first.code === null || first.errors[0]?.number === 4326, JSON.stringify(first.said));
      await site.sa.must(restoreLog(copy, String(later), 'RECOVERY'));
      assert.equal((await site.notes(copy)).length, 4);
    },
  },
]);
