import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { BackupsPage, WindowPage } from '../../workflows/contracts.ts';
import { backUp } from '../support/runs.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { filesBelow, readManifests } from '../support/store.ts';
import { until } from '../support/until.ts';
import { openWorkload, type Workload } from '../support/workload.ts';

const run = promisify(execFile);
const ours = fileURLToPath(new URL('../../client/main.ts', import.meta.url));

let stack: Stack;
let source: Workload;
before(async () => {
  stack = await startStack();
  source = await openWorkload(stack.source.port, stack.password);
  for (const database of ['db1', 'db2']) {
    await source.create(database);
    await source.write(database, 'seed');
  }
  await backUp(stack, 'full');
  for (let n = 0; n < 3; n += 1) {
    await pause(1_100);
    await source.write('db1', `row ${n}`);
    await backUp(stack, 'log');
  }
});
after(async () => {
  await source?.close();
  await stack?.stop();
});

interface Exit {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function mssqlPitr(...args: string[]): Promise<Exit> {
  const env = {
    ...process.env,
    TEMPORAL_ADDRESS: stack.temporal.address,
    MSSQL_PITR_CONFIG: stack.configPath,
    COLUMNS: '110',
    TZ: 'UTC',
  };
  return run(process.execPath, [ours, ...args], { env }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: Exit) => ({ code: error.code, stdout: error.stdout, stderr: error.stderr }),
  );
}

test('window shows what can be restored to as a table, a timeline, JSON and a page, and every end can be planned', async () => {
  await source.create('never backed up');
  const shown = await mssqlPitr('window');
  assert.equal(shown.code, 0, shown.stderr);
  assert.match(shown.stdout, /mssql-rt at .*: 2 databases, largest exposure .* 1 WITHOUT ANY BACKUP/);
  assert.match(shown.stdout, /Without any backup in the store: never backed up/);
  assert.match(shown.stdout, /^db1 {2}[█▒·]+$/m);
  for (const line of shown.stdout.split('\n')) assert.ok(line.length <= 130, line);

  const page = join(stack.folder, 'window.html');
  const json = await mssqlPitr('window', 'mssql-rt', 'db1', '--json', '--html', page);
  assert.equal(json.code, 0, json.stderr);
  const [found] = (JSON.parse(json.stdout) as { instances: [WindowPage] }).instances;
  const [db1] = found.databases;
  assert.ok(db1);
  assert.equal(db1.intervals.length, 1);
  assert.ok((db1.exposureSeconds ?? Infinity) < 60);
  const html = await readFile(page, 'utf8');
  assert.match(html, /<svg[\s\S]*Timeline of db1/);
  assert.doesNotMatch(html, /<script|https?:\/\//);

  const [interval] = db1.intervals;
  const plan = (to: string): Promise<Exit> =>
    mssqlPitr('restore', 'mssql-rt', '--target', 't', '--to', to, '--database', 'db1', '--plan');
  assert.equal((await plan(interval?.from ?? '')).code, 0);
  assert.equal((await plan(interval?.to ?? '')).code, 0);
  const before = new Date(Date.parse(interval?.from ?? '') - 1).toISOString();
  assert.match((await plan(before)).stderr, /TargetTimeNotReachable/);

  const unknown = await mssqlPitr('window', 'mssql-rt', 'db9');
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /UnknownDatabase[\s\S]*it holds db1, db2/);
});

test('backups lists the sets, newest first, by kind and time', async () => {
  const all = await mssqlPitr('backups', 'mssql-rt', '--json');
  assert.equal(all.code, 0, all.stderr);
  const { backups, count } = JSON.parse(all.stdout) as BackupsPage;
  assert.deepEqual([count, backups.length], [8, 8]);
  const manifests = await readManifests(stack);
  assert.deepEqual(backups.map(({ id }) => id).sort(), manifests.map(({ id }) => id).sort());
  const fulls = await mssqlPitr('backups', 'mssql-rt', 'db2', '--kind', 'full');
  assert.match(fulls.stdout, /mssql-rt: 1 backup set/);
  assert.match(fulls.stdout, /│ db2 +│ full +│/);
  const since = new Date(Date.now() + 3_600_000).toISOString();
  assert.match((await mssqlPitr('backups', 'mssql-rt', '--since', since)).stdout, /0 backup sets/);
  assert.equal((await mssqlPitr('backups', 'mssql-rt', '--since', '2026-02-10T00:00:00')).code, 2);
});

test('a sound store verifies with 0; a damaged and a missing file end with 1 and are named, by window as well', async () => {
  const sound = await mssqlPitr('verify', 'mssql-rt');
  assert.equal(sound.code, 0, sound.stderr);
  assert.match(sound.stdout, /8 sets read, .* every file is what its manifest says/);

  const logs = (await readManifests(stack)).filter(({ kind }) => kind === 'log');
  const [damaged, missing] = ['db1', 'db2'].map((database) => {
    const name = logs.filter((set) => set.database === database)[1]?.files[0]?.name ?? '';
    return join(stack.storePath, 'mssql-rt', database, name);
  }) as [string, string];
  const bytes = await readFile(damaged);
  const changed = Buffer.from(bytes);
  changed[100] = (changed[100] ?? 0) ^ 1;
  await writeFile(damaged, changed);
  await rm(missing);

  const verified = await mssqlPitr('verify', '--json');
  assert.equal(verified.code, 1);
  const [outcome] = (JSON.parse(verified.stdout) as { instances: [{ details: { counts: object; report: string } }] })
    .instances;
  assert.deepEqual(outcome.details.counts, { damaged: 1, missing: 1 });
  const report = JSON.parse(await readFile(join(stack.storePath, outcome.details.report), 'utf8')) as {
    findings: unknown[];
  };
  assert.equal(report.findings.length, 2);

  const seen = await mssqlPitr('window', 'mssql-rt', 'db1');
  assert.match(seen.stdout, /has the hash/);
  await writeFile(damaged, bytes);
  const healed = await mssqlPitr('verify', 'mssql-rt', '--database', 'db1');
  assert.equal(healed.code, 0, healed.stderr);
  assert.match(healed.stdout, /1 set that was damaged is whole again/);
});

test('the window is shown while the server is down, from the store alone', async () => {
  await stack.source.stop();
  const shown = await mssqlPitr('window', 'mssql-rt');
  assert.equal(shown.code, 0, shown.stderr);
  assert.match(shown.stdout, /The server could not be asked which databases it has/);
  assert.match(shown.stdout, /│ db1/);
  await stack.restartSource();
});

test('a verification goes on where it was when its worker is killed', async () => {
  const big = join(stack.storePath, 'mssql-rt', 'db1');
  const manifests = await readManifests(stack);
  const [full] = manifests.filter(({ database, kind }) => database === 'db1' && kind === 'full');
  assert.ok(full);
  // Many sets, so that there is a middle: names for the same bytes.
  const [file] = full.files;
  const content = await readFile(join(big, file?.name ?? ''));
  for (let n = 0; n < 300; n += 1) {
    const name = `copy${String(n).padStart(3, '0')}.bak`;
    const id = `${full.id.slice(0, -3)}${String(n).padStart(3, '0')}`;
    await writeFile(join(big, name), content);
    await writeFile(join(big, `${name}.manifest.json`), JSON.stringify({ ...full, id, files: [{ ...file, name }] }));
  }
  const handle = await stack.client.workflow.start('verifyStore', {
    workflowId: 'verify-killed',
    taskQueue: stack.taskQueue,
    args: [{ instance: 'mssql-rt', databases: ['db1'] }],
  });
  const lines = async (): Promise<number> => {
    const journals = (await filesBelow(join(stack.storePath, 'mssql-rt', '.verify'))).filter((path) =>
      path.endsWith('.jsonl'),
    );
    const texts = await Promise.all(journals.map((path) => readFile(path, 'utf8').catch(() => '')));
    return Math.max(0, ...texts.map((text) => text.split('\n').length - 1));
  };
  const seen = await until('the reading to begin', async () => ((await lines()) > 0 ? lines() : null));
  await stack.worker.kill();
  assert.ok(seen > 0);
  await stack.replaceWorker();
  const result = (await handle.result()) as { sets: number; counts: object };
  assert.deepEqual([result.sets, result.counts], [304, {}]);
  assert.equal(await lines(), 305, 'a line for each set and one for the folder: none was read twice');
});
