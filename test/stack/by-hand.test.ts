import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { temporalBinary } from '../../worker/dev/temporal-binary.ts';
import type { BackupResult } from '../../workflows/backup-instance.ts';
import type { Progress } from '../../workflows/domain/runbook.ts';
import { hold } from '../support/holds.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { openWorkload, type Workload } from '../support/workload.ts';

const run = promisify(execFile);
const ours = fileURLToPath(new URL('../../client/main.ts', import.meta.url));

let stack: Stack;
let source: Workload;
let binary = '';
before(async () => {
  stack = await startStack();
  binary = await temporalBinary({ say: () => {} });
  source = await openWorkload(stack.source.port, stack.password);
  await source.create('db1');
  await source.write('db1', 'seed');
});
after(async () => {
  await source?.close();
  await stack?.stop();
});

/** The `temporal` program, as a person types it. */
async function temporal(...args: string[]): Promise<string> {
  return (await run(binary, [...args, '--address', stack.temporal.address, '--output', 'json'])).stdout;
}

interface Exit {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Our command line, as a person types it. */
async function mssqlPitr(...args: string[]): Promise<Exit> {
  const env = {
    ...process.env,
    TEMPORAL_ADDRESS: stack.temporal.address,
    MSSQL_PITR_CONFIG: stack.configPath,
    NO_COLOR: '1',
  };
  return run(process.execPath, [ours, ...args], { env }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: Exit) => ({ code: error.code, stdout: error.stdout, stderr: error.stderr }),
  );
}

test('temporal workflow start runs a backup, and its result can be read', async () => {
  const id = 'by-hand/full';
  await temporal(
    'workflow',
    'start',
    '--type',
    'backupInstance',
    '--task-queue',
    stack.taskQueue,
    '--workflow-id',
    id,
    '--input',
    '{"instance":"mssql-rt","kind":"log"}',
  );
  const result = JSON.parse(await temporal('workflow', 'result', '--workflow-id', id)) as { result: BackupResult };
  assert.equal(result.result.done, 1);
  assert.equal(result.result.changed[0]?.action, 'full');
});

test('temporal workflow query shows the progress of a run', async () => {
  const answer = JSON.parse(
    await temporal('workflow', 'query', '--workflow-id', 'by-hand/full', '--type', 'progress'),
  ) as { queryResult: Progress[] };
  assert.ok(answer.queryResult[0]?.steps.every((step) => step.state === 'done'));
});

test('temporal workflow cancel ends a run, and temporal workflow start a restore', async () => {
  await source.write('db1', 'more');
  const held = await hold(stack.source.control, { at: 'backup-log' });
  await temporal(
    'workflow',
    'start',
    '--type',
    'backupInstance',
    '--task-queue',
    stack.taskQueue,
    '--workflow-id',
    'by-hand/log',
    '--input',
    '{"instance":"mssql-rt","kind":"log"}',
  );
  await held.reached();
  await temporal('workflow', 'cancel', '--workflow-id', 'by-hand/log');
  await assert.rejects(stack.client.workflow.getHandle('by-hand/log').result());
  await held.release();
  assert.equal((await mssqlPitr('backup', 'mssql-rt', '--kind', 'log')).code, 0);
  await temporal(
    'workflow',
    'start',
    '--type',
    'restoreToPointInTime',
    '--task-queue',
    stack.taskQueue,
    '--workflow-id',
    'by-hand/restore',
    '--input',
    '{"source":"mssql-rt","target":"by-hand-target","to":"latest"}',
  );
  const result = JSON.parse(await temporal('workflow', 'result', '--workflow-id', 'by-hand/restore')) as {
    result: { mode: string };
  };
  assert.equal(result.result.mode, 'restore');
});

test('our command line backs up, plans, restores and shows what ran', async () => {
  const backup = await mssqlPitr('backup', 'mssql-rt', '--kind', 'log');
  assert.equal(backup.code, 0, backup.stderr);
  assert.match(backup.stdout, /db1/);

  const plan = await mssqlPitr('restore', 'mssql-rt', '--target', 'cli-target', '--to', 'latest', '--plan');
  assert.equal(plan.code, 0, plan.stderr);
  assert.match(plan.stdout, /RESTORE LOG \[db1\] FROM DISK.*NORECOVERY/);

  const restored = await mssqlPitr('restore', 'mssql-rt', '--target', 'cli-target', '--to', 'latest', '--json');
  assert.equal(restored.code, 0, restored.stderr);
  assert.equal((JSON.parse(restored.stdout) as { state: string }).state, 'COMPLETED');

  const status = await mssqlPitr('status');
  assert.equal(status.code, 0, status.stderr);
  assert.match(status.stdout, /restore/);
});

test('our command line refuses wrong input with exit code 2, what is wrong and what to do', async () => {
  const zone = await mssqlPitr('restore', 'mssql-rt', '--target', 'x', '--to', '2026-02-10T06:54:34');
  assert.equal(zone.code, 2);
  assert.match(zone.stderr, /no time zone.*write Z/s);
  const unknown = await mssqlPitr('backup', 'nowhere', '--kind', 'log');
  assert.notEqual(unknown.code, 0);
  assert.match(unknown.stderr, /nowhere/);
});
