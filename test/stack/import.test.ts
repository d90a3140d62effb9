import assert from 'node:assert/strict';
import { copyFile, mkdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { WorkflowFailedError } from '@temporalio/client';
import type { ImportRequest } from '../../workflows/domain/import-request.ts';
import type { ImportResult } from '../../workflows/import-backups.ts';
import { backUp, restore } from '../support/runs.ts';
import { startSqlServer } from '../support/sqlserver.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { filesBelow, readManifests } from '../support/store.ts';
import { controlOfMade } from '../support/targets.ts';
import { openWorkload, type Workload } from '../support/workload.ts';

const folder = '/var/opt/mssql/old';

let stack: Stack;
let source: Workload;
before(async () => {
  stack = await startStack();
  source = await openWorkload(stack.source.port, stack.password);
  for (const below of ['ola/mssql-rt/AppDB/FULL', 'ola/mssql-rt/AppDB/LOG', 'ssms', 'dbatools']) {
    await mkdir(join(stack.sourceFolder, 'old', below), { recursive: true });
  }
});
after(async () => {
  await source?.close();
  await stack?.stop();
});

let runs = 0;
async function importing(more: Partial<ImportRequest> = {}): Promise<ImportResult> {
  runs += 1;
  const request = { instance: 'mssql-rt', folder, ...more };
  return stack.client.workflow.execute<(request: ImportRequest) => Promise<ImportResult>>('importBackups', {
    workflowId: `import-${runs}`,
    taskQueue: stack.taskQueue,
    args: [request],
  });
}

/** The result that a failed import carries. */
async function failing(more: Partial<ImportRequest> = {}): Promise<ImportResult> {
  const error: unknown = await importing(more).then(
    () => assert.fail('the import succeeded'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof WorkflowFailedError, String(error));
  const failure = error.cause as Error & { type: string; details: [ImportResult] };
  assert.equal(failure.type, 'ImportIncomplete');
  return failure.details[0];
}

test('backups of other tools become part of the chain: their full, logs and differential, then our log', async () => {
  await source.create('AppDB');
  await source.write('AppDB', 'seed');
  const ola = `${folder}/ola/mssql-rt/AppDB`;
  await source.query(
    `BACKUP DATABASE AppDB TO DISK = N'${ola}/FULL/mssql-rt_AppDB_FULL_20260420_195531.bak' WITH CHECKSUM`,
  );
  await source.write('AppDB', 'in the first log');
  await source.query(`BACKUP LOG AppDB TO DISK = N'${ola}/LOG/mssql-rt_AppDB_LOG_20260420_200000.trn' WITH CHECKSUM`);
  // A maintenance plan that appends: two logs in one file.
  for (const note of ['in the second log', 'in the third log']) {
    await source.write('AppDB', note);
    await source.query(`BACKUP LOG AppDB TO DISK = N'${folder}/ssms/AppDB_backup.trn'`);
  }
  await source.query(
    `BACKUP DATABASE AppDB TO DISK = N'${folder}/dbatools/AppDB_1.bak', DISK = N'${folder}/dbatools/AppDB_2.bak' WITH DIFFERENTIAL`,
  );

  const plan = await importing({ mode: 'plan' });
  assert.deepEqual(
    plan.plan.found.map(({ kind, position, stripes }) => [kind, position, stripes]),
    [
      ['full', 1, 1],
      ['log', 1, 1],
      ['log', 1, 1],
      ['log', 2, 1],
      ['differential', 1, 2],
    ],
  );
  assert.deepEqual(await readManifests(stack), [], 'a plan takes nothing');

  const before = (await filesBelow(join(stack.sourceFolder, 'old'))).sort();
  const taken = await importing();
  assert.deepEqual([taken.imported, taken.failed, taken.plan.skipped], [5, [], []]);
  assert.deepEqual((await filesBelow(join(stack.sourceFolder, 'old'))).sort(), before, 'the files stay where they are');

  await source.write('AppDB', 'in our log');
  const log = await backUp(stack, 'log', ['AppDB']);
  assert.deepEqual(log.changed, [], 'the chain goes on without a new full');
  await source.write('AppDB', 'in our second log');
  await pause(1_100);
  await backUp(stack, 'log', ['AppDB']);

  const again = await importing();
  assert.equal(again.imported, 0);
  assert.deepEqual(again.plan.skippedCounts, { 'already-in-store': 5 });
});

test('a restore goes through a chain of theirs and ours, to a moment inside of ours', async () => {
  await source.write('AppDB', 'before the moment');
  await pause(20);
  const moment = await source.now();
  await pause(20);
  await source.write('AppDB', 'after the moment');
  await pause(1_100);
  await backUp(stack, 'log', ['AppDB']);
  const result = await restore(stack, { target: 'mixed', to: moment, databases: ['AppDB'] });
  assert.ok(result.plan.databases[0]?.differential, 'the striped differential is used');
  await checkNotes('mixed', ['before the moment']);
});

test('without the differential the same moment is reached through their logs, two of them in one file', async () => {
  const differential = (await readManifests(stack)).find(({ kind }) => kind === 'differential');
  await rm(join(stack.storePath, 'mssql-rt', 'AppDB', differential?.files[0]?.name ?? ''));
  const result = await restore(stack, { target: 'logs-only', to: 'latest', databases: ['AppDB'] });
  assert.equal(result.plan.databases[0]?.differential, null);
  await checkNotes('logs-only', ['before the moment', 'after the moment']);
  const healed = await importing();
  assert.equal(healed.imported, 1, 'what was lost comes back from the folder');
});

async function checkNotes(target: string, last: readonly string[]): Promise<void> {
  const notes = [
    'seed',
    'in the first log',
    'in the second log',
    'in the third log',
    'in our log',
    'in our second log',
  ];
  const { made } = await controlOfMade(stack.instancesFolder, target);
  const workload = await openWorkload(made.port, stack.password);
  try {
    assert.deepEqual(await workload.notes('AppDB'), [...notes, ...last]);
  } finally {
    await workload.close();
  }
}

test('what is broken, incomplete or of something else is named, and the rest is taken in', async () => {
  const bad = join(stack.sourceFolder, 'old', 'bad');
  await mkdir(bad);
  const on = `${folder}/bad`;
  await source.create('Good');
  await source.query(`BACKUP DATABASE Good TO DISK = N'${on}/Good.bak'`);
  await source.query(
    `BACKUP DATABASE Good TO DISK = N'${on}/s1.bak', DISK = N'${on}/s2.bak', DISK = N'${on}/s3.bak' WITH COPY_ONLY`,
  );
  await rm(join(bad, 's2.bak'));
  await source.query(`BACKUP LOG Good TO DISK = N'${on}/Good.trn' WITH CHECKSUM`);
  await truncate(join(bad, 'Good.trn'), 5_000);
  await source.query(`BACKUP DATABASE master TO DISK = N'${on}/master.bak'`);
  await copyFile(join(bad, 'Good.bak'), join(bad, 'Good (copy).bak'));
  await writeFile(join(bad, 'notes.txt'), 'not a backup');
  await writeFile(join(bad, 'empty.bak'), '');
  await writeFile(join(bad, 'garbage.bak'), 'x'.repeat(10_000));
  await foreignBackup('Good', join(bad, 'of-another-server.bak'));

  const { imported, plan, failed } = await failing({ folder: on });
  assert.equal(imported, 1);
  const reasons = [...plan.skipped, ...failed].map(({ file, reason }) => `${file.replace('old/bad/', '')} ${reason}`);
  const expected = [
    's1.bak media-incomplete',
    's3.bak media-incomplete',
    'master.bak system-database',
    'notes.txt no-backup-file',
    'empty.bak unreadable',
    'garbage.bak unreadable',
    'of-another-server.bak other-database',
  ];
  for (const one of expected) assert.ok(reasons.includes(one), `${one} is not among ${reasons.join(', ')}`);
  const copies = reasons.filter((one) => one.startsWith('Good') && one.endsWith('.bak duplicate'));
  assert.equal(copies.length, 1, reasons.join(', '));
  assert.ok(
    reasons.some((one) => /^Good\.trn (cut-off|damaged|unreadable)$/.test(one)),
    reasons.join(', '),
  );
  assert.match(
    plan.skipped.find(({ file }) => file.endsWith('s1.bak'))?.why ?? '',
    /one of 3 files .* of which 2 is not/,
  );
  const good = (await readManifests(stack)).filter(({ database }) => database === 'Good');
  assert.equal(good.length, 1);
});

/** A database of that name on another server, backed up there. */
async function foreignBackup(database: string, to: string): Promise<void> {
  const dataRoot = join(stack.folder, 'elsewhere');
  await mkdir(dataRoot);
  const server = await startSqlServer({ dataRoot, serverName: 'elsewhere' });
  const workload = await openWorkload(server.port, server.password);
  try {
    await workload.create(database);
    await workload.query(`BACKUP DATABASE ${database} TO DISK = N'/var/opt/mssql/data/foreign.bak'`);
    await copyFile(join(dataRoot, 'data', 'foreign.bak'), to);
  } finally {
    await workload.close();
    await server.stop();
  }
}
