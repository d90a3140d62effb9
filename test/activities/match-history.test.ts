import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backupName } from '../../workflows/domain/naming.ts';
import { matchHistory } from '../../activities/backup/match-history.ts';
import { namesOfRun } from '../../activities/backup/take-backup.ts';
import type { FamilyRow, FileRow } from '../../activities/sql-server/history.ts';
import { familyRow } from './sets.ts';

const run = { instance: 'mssql-rt', run: 'run-1', workflowId: 'backup/mssql-rt/log', runId: 'r-1' };
const options = { run, utcOffsetMinutes: -180 };
const folder = 'backup-mssql/run-1';
const match = (files: readonly string[], families: readonly FamilyRow[], list: readonly FileRow[] = []) =>
  matchHistory(files, { families, files: list }, options);

test('a staged file that msdb knows becomes a set with every field of its manifest', () => {
  const file = `${folder}/db1_log_run-1_1-abc.trn`;
  const files = [
    {
      setId: 1,
      fileId: 1,
      logicalName: 'db1',
      type: 'D ',
      physicalName: '/var/opt/mssql/data/db1.mdf',
      size: '8388608',
    },
    {
      setId: 1,
      fileId: 2,
      logicalName: 'db1_log',
      type: 'L',
      physicalName: '/var/opt/mssql/data/db1.ldf',
      size: '8388608',
    },
    { setId: 2, fileId: 1, logicalName: 'other', type: 'D', physicalName: '/x', size: '1' },
  ];
  const { sets, unrecorded } = match([file], [familyRow()], files);
  assert.deepEqual(unrecorded, []);
  assert.equal(sets.length, 1);
  assert.deepEqual(sets[0]?.stagedFiles, [file]);
  assert.deepEqual(sets[0].set, {
    formatVersion: 1,
    id: '6F1D0B9E-7F3E-4C0A-9D7C-3A3F7F7A0001',
    instance: 'mssql-rt',
    serverName: 'mssql-rt',
    database: 'db1',
    kind: 'log',
    copyOnly: false,
    name: 'mssql-pitr run-1 log 0011223344556677',
    position: 1,
    firstLsn: '39000000055200001',
    lastLsn: '39000000115200001',
    checkpointLsn: '39000000112000001',
    databaseBackupLsn: '39000000099200001',
    differentialBaseLsn: null,
    differentialBaseId: null,
    familyId: 'FF4290A0-0000-4000-8000-000000000001',
    firstRecoveryForkId: 'FF4290A0-0000-4000-8000-000000000002',
    recoveryForkId: 'FF4290A0-0000-4000-8000-000000000002',
    forkPointLsn: null,
    startedAt: '2026-04-21T00:40:46.000Z',
    finishedAt: '2026-04-21T00:40:46.000Z',
    lastValidRestoreTime: '2026-04-21T00:40:13.000Z',
    utcOffsetMinutes: -180,
    recoveryModel: 'FULL',
    hasBulkLoggedData: false,
    beginsLogChain: true,
    hasChecksums: true,
    isDamaged: false,
    backupSizeBytes: 4481024,
    databaseFiles: [
      { fileId: 1, logicalName: 'db1', type: 'D', physicalName: '/var/opt/mssql/data/db1.mdf', sizeBytes: 8388608 },
      { fileId: 2, logicalName: 'db1_log', type: 'L', physicalName: '/var/opt/mssql/data/db1.ldf', sizeBytes: 8388608 },
    ],
    softwareMajorVersion: 16,
    takenBy: { workflowId: 'backup/mssql-rt/log', runId: 'r-1' },
  });
});

test('a set of two files is one set, in the order of its families', () => {
  const rows = ['a', 'b'].map((stripe) =>
    familyRow({ device: `/var/opt/mssql/${folder}/db1_${stripe}.bak`, type: 'D' }),
  );
  const { sets } = match([`${folder}/db1_b.bak`, `${folder}/db1_a.bak`], rows);
  assert.deepEqual(
    sets.map((set) => set.stagedFiles),
    [[`${folder}/db1_a.bak`, `${folder}/db1_b.bak`]],
  );
});

test('a set that lost a file to an earlier commit is handed on whole: the executor knows whether the store has it', () => {
  const rows = ['a', 'b'].map((stripe) => familyRow({ device: `/var/opt/mssql/${folder}/db1_${stripe}.bak` }));
  assert.equal(match([`${folder}/db1_b.bak`], rows).sets[0]?.stagedFiles.length, 2);
});

test('what was committed and is no longer staged is not a set again', () => {
  assert.deepEqual(match([], [familyRow()]), { sets: [], unrecorded: [], foreign: [], failed: [] });
});

test('a file that msdb does not know is unrecorded', () => {
  const file = `${folder}/db2_log_run-1_1-def.trn`;
  assert.deepEqual(match([file], [familyRow()]).unrecorded, [file]);
});

test('the backup of another run keeps its name and claims no workflow', () => {
  const name = backupName('run-10', 'db1', 'log');
  const { sets } = match([`${folder}/db1_log_run-1_1-abc.trn`], [familyRow({ name })]);
  assert.equal(sets[0]?.set.takenBy, null);
  assert.equal(sets[0].set.name, name);
});

test('file backups and several backups on one medium are none of ours', () => {
  const file = `${folder}/db1_log_run-1_1-abc.trn`;
  assert.deepEqual(match([file], [familyRow({ type: 'F' })]).foreign, [file]);
  const twice = match([file], [familyRow({ setId: 1 }), familyRow({ setId: 2, position: 2 })]);
  assert.deepEqual([twice.sets.length, twice.foreign.length, twice.unrecorded.length], [0, 2, 0]);
});

test('NAMEs of a run begin with the prefix that they are looked up by', () => {
  assert.ok(backupName('run-1', 'db1', 'log').startsWith(`${namesOfRun('run-1')} `));
});

test("msdb's BULK-LOGGED is the BULK_LOGGED of sys.databases", () => {
  const { sets } = match([`${folder}/db1_log_run-1_1-abc.trn`], [familyRow({ recoveryModel: 'BULK-LOGGED' })]);
  assert.equal(sets[0]?.set.recoveryModel, 'BULK_LOGGED');
});

test('a record of msdb that no manifest can be made of is told by database, and the others are not held up', () => {
  const files = ['a', 'b'].map((name) => `${folder}/${name}.trn`);
  const odd = familyRow({
    setId: 1,
    mediaSetId: 1,
    database: 'odd',
    recoveryModel: '',
    device: `/var/opt/mssql/${files[0]}`,
  });
  const good = familyRow({ setId: 2, mediaSetId: 2, device: `/var/opt/mssql/${files[1]}` });
  const { sets, failed, unrecorded } = match(files, [odd, good]);
  assert.deepEqual([sets.length, failed[0]?.database, unrecorded.length], [1, 'odd', 0]);
});
