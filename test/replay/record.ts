import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ApplicationFailure } from '@temporalio/common';
import { temporalBinary } from '../../worker/dev/temporal-binary.ts';
import { fakeActivities, fakeRehearsal } from '../workflows/fake-activities.ts';
import { fakeCatalogue, fakeChecks, importing, reading, skipped } from '../workflows/fake-catalogue.ts';
import { openWorkflowHouse, type Start } from '../workflows/support.ts';

/**
 * Records golden histories on a real Temporal server: `node test/replay/record.ts`, or only those that are named after it. Done on purpose, when a change of a
 * workflow's history is meant; the change log then says what it means for runs that are going on. Histories of releases are never
 * deleted while such runs may exist.
 */
const three = ['db1', 'db2', 'db3'];
const restore = { source: 'mssql-rt', target: 'mssql-rt-target', to: '2026-02-10T06:54:34Z' };
const oldBackups = '/var/opt/mssql/old-backups';

interface Recording {
  readonly name: string;
  readonly activities: object;
  readonly run: (start: Start) => ReturnType<Start>;
}

const recordings: readonly Recording[] = [
  {
    name: 'backup-log-of-three',
    activities: fakeActivities(three),
    run: (start) => start('backupInstance', { instance: 'mssql-rt', kind: 'log' }),
  },
  {
    name: 'backup-with-one-failure',
    activities: fakeActivities(three, {
      backUpDatabases: async () => ({
        done: 2,
        adopted: 1,
        failed: [{ database: 'db3', type: 'AccessDenied', message: 'Cannot open backup device' }],
      }),
    }),
    run: (start) => start('backupInstance', { instance: 'mssql-rt', kind: 'full', databases: three }),
  },
  {
    name: 'restore-of-three',
    activities: fakeActivities(three),
    run: (start) => start('restoreToPointInTime', restore),
  },
  {
    name: 'restore-plan-only',
    activities: fakeActivities(three),
    run: (start) => start('restoreToPointInTime', { ...restore, mode: 'plan' }),
  },
  {
    name: 'restore-that-is-discarded',
    activities: fakeActivities(three, {
      recoverDatabase: async () => {
        throw ApplicationFailure.nonRetryable('no', 'SqlError');
      },
    }),
    run: (start) => start('restoreToPointInTime', restore),
  },
  {
    name: 'retention',
    activities: fakeActivities(three),
    run: (start) => start('applyRetention', { instance: 'mssql-rt' }),
  },
  {
    name: 'hold',
    activities: fakeActivities(three),
    run: (start) => {
      const at = '2026-02-10T06:54:34Z';
      return start('changeHolds', { action: 'hold', instance: 'mssql-rt', database: 'db1', at, reason: 'audit' });
    },
  },
  {
    name: 'window',
    activities: fakeCatalogue,
    run: (start) => start('restorableWindow', { instance: 'mssql-rt' }),
  },
  {
    name: 'backups',
    activities: fakeCatalogue,
    run: (start) => start('listBackups', { instance: 'mssql-rt', kind: 'full', limit: 50 }),
  },
  {
    name: 'verify-of-three-slices',
    activities: reading(3),
    run: (start) => start('verifyStore', { instance: 'mssql-rt' }),
  },
  {
    name: 'verify-that-finds-damage',
    activities: reading(1, { damaged: 1 }),
    run: (start) => start('verifyStore', { instance: 'mssql-rt', databases: three }),
  },
  {
    name: 'import-with-one-broken',
    activities: importing([skipped('duplicate')], [skipped('damaged')]),
    run: (start) => start('importBackups', { instance: 'mssql-rt', folder: oldBackups }),
  },
  {
    name: 'import-plan-only',
    activities: importing([skipped('duplicate')]),
    run: (start) => start('importBackups', { instance: 'mssql-rt', folder: oldBackups, mode: 'plan' }),
  },
  {
    name: 'doctor',
    activities: fakeChecks,
    run: (start) => start('checkInstance', { instance: 'mssql-rt' }),
  },
  {
    name: 'doctor-whose-check-breaks',
    activities: {
      ...fakeChecks,
      checkServer: async () => {
        throw ApplicationFailure.nonRetryable('no', 'SqlError');
      },
    },
    run: (start) => start('checkInstance', { instance: 'mssql-rt' }),
  },
  {
    name: 'rehearsal',
    activities: { ...fakeActivities(three), ...fakeRehearsal(three) },
    run: (start) => start('runtimeE2E', { source: 'mssql-rt', target: 'mssql-rt-target', pauseSeconds: 1 }),
  },
];

const wanted = process.argv.slice(2);
const binary = await temporalBinary({ say: console.log });
const house = await openWorkflowHouse();
try {
  for (const { name, activities, run } of recordings) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    await house.withWorker(activities, async (start) => {
      const handle = await run(start);
      await handle.result().catch(() => undefined);
      const path = fileURLToPath(new URL(`histories/${name}.json`, import.meta.url));
      const show = [
        'workflow',
        'show',
        '--workflow-id',
        handle.workflowId,
        '--output',
        'json',
        '--address',
        house.address,
      ];
      const { stdout } = await promisify(execFile)(binary, show, { maxBuffer: 64 * 1024 * 1024 });
      await writeFile(path, stdout);
      console.log(`recorded ${name}`);
    });
  }
} finally {
  await house.close();
}
