import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { databaseFindings, versionFinding } from '../../activities/doctor/check-server.ts';
import { platformFindings } from '../../activities/doctor/check-platform.ts';
import { rootFindings } from '../../activities/doctor/check-store.ts';
import { rightsFindings, type ServerRights } from '../../activities/doctor/rights.ts';
import { checkRoots } from '../../activities/executor/check-roots.ts';
import type { DatabaseState } from '../../workflows/domain/decide.ts';
import { clockFinding, type Finding } from '../../workflows/domain/finding.ts';

const all: ServerRights = {
  login: 'mssql_pitr',
  isSysadmin: 0,
  isDbcreator: 1,
  viewAnyDefinition: 1,
  viewServerState: 1,
  alterAnyConnection: 1,
  createAnyDatabase: 1,
  backupset: 1,
  backupmediafamily: 1,
  backupfile: 1,
};
const levels = (findings: readonly Finding[]): string[] => findings.map(({ check, level }) => `${level} ${check}`);
const fixes = (findings: readonly Finding[]): string =>
  findings.map((finding) => (finding.level === 'ok' ? '' : finding.fix)).join('\n');

describe('doctor on the rights of a login', () => {
  it('finds nothing wrong with what docs/grants.sql grants', () => {
    assert.deepEqual(levels(rightsFindings(all, [{ name: 'db1', backup_: 1 }])), [
      'ok sql.rights',
      'ok sql.rights.backup',
      'ok sql.rights.restore',
    ]);
  });

  it('says of every right that is missing how to grant it', () => {
    const wanted = {
      viewAnyDefinition: 'GRANT VIEW ANY DEFINITION TO [mssql_pitr];',
      viewServerState: 'GRANT VIEW SERVER STATE TO [mssql_pitr];',
      alterAnyConnection: 'GRANT ALTER ANY CONNECTION TO [mssql_pitr];',
      createAnyDatabase: 'GRANT CREATE ANY DATABASE TO [mssql_pitr];',
      backupset: 'GRANT SELECT ON dbo.backupset TO [mssql_pitr];',
      backupmediafamily: 'GRANT SELECT ON dbo.backupmediafamily TO [mssql_pitr];',
      backupfile: 'GRANT SELECT ON dbo.backupfile TO [mssql_pitr];',
    } as const;
    for (const [key, statement] of Object.entries(wanted)) {
      const found = rightsFindings({ ...all, [key]: 0 }, []);
      assert.deepEqual(levels(found).slice(0, 1), ['fail sql.rights'], key);
      assert.ok(fixes(found).includes(statement), key);
    }
  });

  it('names the databases that may not be backed up, whatever their names are', () => {
    const found = rightsFindings(all, [
      { name: 'db1', backup_: 1 },
      { name: 'a]b', backup_: 0 },
    ]);
    assert.ok(levels(found).includes('fail sql.rights.backup'));
    assert.match(fixes(found), /USE \[a\]\]b\]; CREATE USER \[mssql_pitr\]/);
  });

  it('warns of too many rights, and of an instance that cannot receive restores', () => {
    assert.ok(levels(rightsFindings({ ...all, isSysadmin: 1 }, [])).includes('warn sql.rights.more'));
    assert.ok(levels(rightsFindings({ ...all, isDbcreator: 0 }, [])).includes('warn sql.rights.restore'));
  });
});

describe('doctor on a server', () => {
  const database = (name: string, change: Partial<DatabaseState> = {}): DatabaseState => ({
    name,
    databaseId: 7,
    state: 'ONLINE',
    recoveryModel: 'FULL',
    isSnapshot: false,
    isInStandby: false,
    familyId: null,
    recoveryForkId: null,
    lastLogBackupLsn: null,
    differentialBaseId: null,
    ...change,
  });

  it('tells what runs will leave out, and what has no point in time', () => {
    const found = databaseFindings([
      database('db1'),
      database('off', { state: 'OFFLINE' }),
      database('plain', { recoveryModel: 'SIMPLE' }),
      database('tempdb', { databaseId: 2, recoveryModel: 'SIMPLE' }),
    ]);
    assert.deepEqual(levels(found), ['ok sql.databases', 'warn sql.databases.away', 'warn sql.databases.simple']);
    assert.match(fixes(found), /ALTER DATABASE \[plain\] SET RECOVERY FULL/);
    assert.doesNotMatch(JSON.stringify(found), /tempdb/);
  });

  it('knows the versions that it is made for', () => {
    const of = (majorVersion: number) => versionFinding({ majorVersion, edition: 'Developer Edition' }).level;
    assert.deepEqual([14, 15, 16, 17].map(of), ['warn', 'ok', 'ok', 'warn']);
  });
});

describe('doctor on clocks', () => {
  it('counts only what lies outside of the moments between which the other clock was read', () => {
    const level = (readMs: number) => clockFinding('c', 'The clock', readMs, [100_000, 105_000]).level;
    assert.deepEqual([98_500, 103_000, 106_500].map(level), ['ok', 'ok', 'ok']);
    assert.deepEqual([97_000, 108_000].map(level), ['warn', 'warn']);
    assert.deepEqual([30_000, 200_000].map(level), ['fail', 'fail']);
  });

  it('says in which direction', () => {
    assert.match(clockFinding('c', 'The clock', 90_000, [100_000, 101_000]).what, /10\.0 s behind/);
    assert.match(clockFinding('c', 'The clock', 111_000, [100_000, 101_000]).what, /10\.0 s ahead/);
  });
});

describe('doctor on volumes', () => {
  it('writes into both, durably, and leaves nothing behind', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pitr-roots-'));
    try {
      const found = await checkRoots({ instance: 'a', staging: 'backup-mssql' }, { store: folder, sql: folder });
      assert.deepEqual([found.store.problem, found.sql.problem], [null, null]);
      assert.ok((found.store.freeBytes ?? 0) > 0 && (found.store.totalBytes ?? 0) >= (found.store.freeBytes ?? 0));
      const left = await readdir(folder, { recursive: true, withFileTypes: true });
      assert.deepEqual(
        left.filter((entry) => entry.isFile()).map(({ name }) => name),
        [],
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('says why one cannot be written', async () => {
    const missing = { store: '/nonexistent/store', sql: '/nonexistent/sql' };
    const { store, sql } = await checkRoots({ instance: 'a', staging: 'backup-mssql' }, missing);
    assert.match(store.problem ?? '', /nonexistent\/store/);
    assert.deepEqual(levels(rootFindings('volume', 'The volume', sql)), ['fail volume.write', 'warn volume.space']);
  });

  it('tells a volume that is getting full from one that is', () => {
    const level = (freeBytes: number) =>
      rootFindings('s', 'It', { problem: null, freeBytes, totalBytes: 100e9 })[1]?.level;
    assert.deepEqual([50e9, 9e9, 1e9].map(level), ['ok', 'warn', 'fail']);
  });
});

describe('doctor on the platform', () => {
  const check = { right: 'create jobs', where: 'namespace a', essential: true, allowed: true, why: '' };

  it('has nothing to ask for on one host', () => {
    assert.deepEqual(levels(platformFindings([])), ['ok platform']);
  });

  it('fails for what every backup needs, and warns for what only restores to new instances need', () => {
    assert.deepEqual(levels(platformFindings([check])), ['ok kubernetes.rights']);
    const refused = { ...check, allowed: false };
    assert.deepEqual(levels(platformFindings([refused, { ...refused, essential: false }])), [
      'fail kubernetes.rights',
      'warn kubernetes.rights',
    ]);
  });
});
