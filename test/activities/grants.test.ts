import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createActivities } from '../../activities/index.ts';
import { createPlatform } from '../../activities/platform/index.ts';
import { openWorkload, type Workload } from '../support/workload.ts';
import { backUp, openSite, type Site } from './site.ts';

const script = fileURLToPath(new URL('../../docs/grants.sql', import.meta.url));
const login = 'mssql_pitr';
const password = 'Grants-1-Grants!';

/** As sqlcmd runs it: variables filled in, a batch for each GO, each USE for the batches that follow. */
async function runGrants(workload: Workload): Promise<void> {
  const text = (await readFile(script, 'utf8')).replaceAll('$(login)', login).replaceAll('$(password)', password);
  let database = 'master';
  for (const batch of text.replace(/^:.*$/gm, '').split(/^GO$/m)) {
    database = /^USE (\w+);/m.exec(batch)?.[1] ?? database;
    if (batch.trim() !== '') await workload.query(`USE ${database};\n${batch.replace(/^USE \w+;/gm, '')}`);
  }
}

/** The same site, with the activities logged in as the login of the script. */
async function asGranted(site: Site): Promise<Site> {
  const secret = join(site.folder, 'granted.password');
  await writeFile(secret, password);
  const granted = Object.entries(site.settings.instances).map(([name, instance]) => [
    name,
    { ...instance, login: { user: login, password: { file: secret } } },
  ]);
  const settings = { ...site.settings, instances: Object.fromEntries(granted) as Site['settings']['instances'] };
  return site.as(createActivities({ settings, platform: createPlatform(settings), metrics: site.meter }));
}

test('a login with the rights of docs/grants.sql, and no more, backs up, restores, verifies and discards', async (t) => {
  const admin = await openSite(t, { target: true });
  assert.ok(admin.target);
  const copy = await openWorkload(admin.target.port, admin.target.password);
  t.after(() => copy.close());
  await admin.workload.create('old');
  await admin.workload.create('new');
  await runGrants(admin.workload);
  await runGrants(copy);
  await admin.workload.write('new', 'seed');

  const site = await asGranted(admin);
  const full = await backUp(site, 'full', 1);
  assert.deepEqual([full.committed.count, full.committed.failed], [2, []]);
  await admin.workload.write('new', 'wave1');
  const log = await backUp(site, 'log', 2);
  assert.deepEqual([log.committed.count, log.committed.failed], [2, []]);

  const ref = { restoreId: '20260210T065500Z-restore-test', source: 'live', target: 'copy' };
  const request = { source: 'live', target: 'copy', to: 'latest', databases: ['new'] };
  const requestedAt = new Date().toISOString();
  const { planPath, planDigest } = await site.run('planRestore', { ...ref, request, requestedAt }).result;
  const database = { ...ref, planPath, planDigest, database: 'new' };
  await site.run('prepareTarget', database).result;
  await site.run('restoreSteps', { ...database, from: 0, to: 2 }).result;
  await site.run('recoverDatabase', database).result;
  const validations = [{ database: 'new', query: 'SELECT COUNT(*) FROM dbo.events', expect: 2 }];
  const verified = await site.run('verifyDatabase', { ...database, checkDb: true, repairUsers: true, validations })
    .result;
  assert.deepEqual([verified.online, verified.checkDb], [true, 'clean']);
  const discarded = await site.run('discardRestore', { ...database, removeTarget: false }).result;
  assert.deepEqual(discarded.droppedDatabases, ['new']);
});

test('a login without rights on a database is told what is missing, and the other databases are backed up', async (t) => {
  const admin = await openSite(t);
  await admin.workload.create('old');
  await runGrants(admin.workload);
  await admin.workload.create('closed');
  await admin.workload.query(`USE [closed]; DROP USER IF EXISTS [${login}]`);
  const site = await asGranted(admin);
  const work = ['old', 'closed'].map((database) => ({ database, action: 'full' }) as const);
  const run = { instance: 'live', run: '20260210T065401Z-full-test', workflowId: 'w', runId: 'r' };
  await site.run('openBackupRun', { ...run, request: { instance: 'live', kind: 'full' } }).result;
  const outcome = await site.run('backUpDatabases', { ...run, work }).result;
  assert.equal(outcome.done, 1);
  assert.deepEqual(
    outcome.failed.map(({ database, type }) => [database, type]),
    [['closed', 'PermissionDenied']],
  );
});
