import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StepsOutcome } from '../../workflows/contracts.ts';
import type { Reach, RestoreStep } from '../../workflows/domain/plan-types.ts';
import type { ActivityDeps } from '../../activities/deps.ts';
import { applySteps } from '../../activities/restore/apply-steps.ts';
import type { DatabaseRestore } from '../../activities/restore/database-restore.ts';
import type { SqlConnection, StatementOptions } from '../../activities/sql-server/connection.ts';
import { logSet } from './sets.ts';

const stopAt = '2026-02-10T06:54:34.000';
const base: RestoreStep = { set: logSet(100, 120, { kind: 'full' }), stopAt: null };
/** Log n covers the LSNs from n hundred to n+1 hundred. */
const log = (n: number): RestoreStep => ({ set: logSet(n * 100, (n + 1) * 100), stopAt });

type Answer = number | 'ok' | 'stop not inside';

interface Scripted {
  readonly statements: string[];
  readonly restore: DatabaseRestore;
}

interface Script {
  readonly steps: readonly RestoreStep[];
  readonly reach?: Reach;
  /** What the server answers, in order: an error number, or success with or without 4322. */
  readonly answers: readonly Answer[];
  /** redo_start_lsn, when asked. */
  readonly redo?: string;
  readonly from?: number;
  readonly to?: number;
}

/** A server that answers RESTORE as the test says, and a platform that stages nothing. */
function scripted({
  steps,
  reach = 'stops-inside',
  answers,
  redo = '0',
  from = 0,
  to = steps.length,
}: Script): Scripted {
  const statements: string[] = [];
  const left = [...answers];
  const session: SqlConnection = {
    statement: (text: string, { onMessage }: StatementOptions) => {
      statements.push(text);
      const answer = left.shift();
      assert.notEqual(answer, undefined, `not expected: ${text}`);
      if (typeof answer === 'number') return Promise.reject(Object.assign(new Error('refused'), { number: answer }));
      if (answer === 'stop not inside') onMessage?.({ number: 4322, class: 0, state: 1, message: 'more to come' });
      return Promise.resolve();
    },
    rows: () =>
      Promise.resolve([
        {
          name: 'copy1',
          databaseId: 7,
          state: 'RESTORING',
          path: '/var/opt/mssql/data/copy1_1_0123abcd.mdf',
          redoLsn: redo,
          redoForkId: 'FORK',
        },
      ] as never),
    close: () => Promise.resolve(),
  };
  const run = (_: string, task: string, input: { from: number; to: number }) => {
    if (task === 'removeStaged') return Promise.resolve({ removed: 0 });
    const staged = steps.slice(input.from, input.to).map((step, i) => {
      const index = input.from + i;
      return { ...step, index, files: [`restore-staging/r-1/db1/f${index}`] };
    });
    return Promise.resolve({ steps: staged, bytes: 10, seconds: 0 });
  };
  const readPlan = (_: string, __: string, input: { from: number; to: number }) =>
    Promise.resolve({ ...plan, steps: steps.slice(input.from, input.to) });
  const plan = {
    targetTime: '2026-02-10T06:54:34.000Z',
    targetDatabase: 'copy1',
    stepCount: steps.length,
    reach,
    steps: steps.slice(from, to),
  };
  const ref = { restoreId: 'r-1', source: 'live', target: 'copy', planPath: 'p', planDigest: 'd', database: 'db1' };
  const restore: DatabaseRestore = {
    deps: { platform: { run, runOnStore: readPlan } } as unknown as ActivityDeps,
    input: { ...ref, from, to },
    plan,
    base,
    session,
    token: '0123abcd',
    dataPath: '/var/opt/mssql/data/',
    logPath: '/var/opt/mssql/data/',
    pulse: { signal: new AbortController().signal, report: () => undefined },
  };
  return { statements, restore };
}

function counts(outcome: StepsOutcome | 'interrupted'): Pick<StepsOutcome, 'applied' | 'skipped' | 'stopReached'> {
  assert.notEqual(outcome, 'interrupted');
  const { applied, skipped, stopReached } = outcome as StepsOutcome;
  return { applied, skipped, stopReached };
}

test('a log that takes the stop point without 4322 holds it, and no later log is asked for', async () => {
  const { restore, statements } = scripted({
    steps: [base, log(1), log(2), log(3)],
    answers: ['ok', 'stop not inside', 'ok'],
  });
  assert.deepEqual(counts(await applySteps(restore, 0)), { applied: 3, skipped: 0, stopReached: true });
  assert.equal(statements.length, 3);
  assert.match(
    statements[0] ?? '',
    /^RESTORE DATABASE \[copy1\] FROM DISK = N'\/var\/opt\/mssql\/restore-staging\/r-1\/db1\/f0'/,
  );
  assert.ok(statements.slice(1).every((text) => text.includes(`STOPAT = N'${stopAt}'`)));
  assert.ok(statements.every((text) => text.includes('NORECOVERY')));
});

test('4322 on the last log is a failure where the plan says that the target lies inside', async () => {
  const { restore } = scripted({ steps: [base, log(1)], answers: ['ok', 'stop not inside'] });
  await assert.rejects(applySteps(restore, 0), { type: 'StopPointNotReached', nonRetryable: true });
});

test('4322 on the last log is fine where the plan has proved that nothing lies in between', async () => {
  const { restore } = scripted({
    steps: [base, log(1)],
    reach: 'nothing-between',
    answers: ['ok', 'stop not inside'],
  });
  assert.deepEqual(counts(await applySteps(restore, 0)), { applied: 2, skipped: 0, stopReached: false });
});

test('4322 on a log that is not the last is what is to be expected', async () => {
  const { restore } = scripted({ steps: [base, log(1), log(2)], to: 2, answers: ['ok', 'stop not inside'] });
  assert.deepEqual(counts(await applySteps(restore, 0)), { applied: 2, skipped: 0, stopReached: false });
});

test('a log that the database is beyond already (4326) is passed over', async () => {
  const { restore } = scripted({ steps: [base, log(1), log(2)], answers: ['ok', 4326, 'ok'] });
  assert.deepEqual(counts(await applySteps(restore, 0)), { applied: 2, skipped: 1, stopReached: true });
});

test('an attempt that goes on in the middle counts what it found done', async () => {
  const { restore, statements } = scripted({ steps: [base, log(1), log(2), log(3)], answers: ['ok'] });
  assert.deepEqual(counts(await applySteps(restore, 3)), { applied: 1, skipped: 3, stopReached: true });
  assert.match(statements[0] ?? '', /f3/);
});

test('4305 after the engine stopped inside an earlier log means that the stop point is reached', async () => {
  const { restore } = scripted({ steps: [base, log(1), log(2), log(3)], answers: [4305], redo: '250' });
  assert.deepEqual(counts(await applySteps(restore, 3)), { applied: 0, skipped: 3, stopReached: true });
});

test('4305 on a hole in the chain is a broken chain, told with both LSNs', async () => {
  const { restore } = scripted({
    steps: [base, log(1), log(5)],
    answers: ['ok', 'stop not inside', 4305],
    redo: '200',
  });
  await assert.rejects(applySteps(restore, 0), { type: 'ChainBroken', message: /LSN 200.*begins at 500/ });
});

test('4319 says that the restore has to be begun anew', async () => {
  const { restore } = scripted({ steps: [base, log(1)], answers: [4319] });
  assert.equal(await applySteps(restore, 1), 'interrupted');
});

test('any other error ends the restore with what the server said', async () => {
  const { restore } = scripted({ steps: [base], answers: [3241] });
  await assert.rejects(applySteps(restore, 0), { type: 'FileDamaged', message: /copy1.*3241/ });
});

test('a log that is restored whole has no stop point to miss', async () => {
  const whole: RestoreStep = { ...log(1), stopAt: null };
  const { restore, statements } = scripted({ steps: [base, whole, log(2)], answers: ['ok', 'ok', 'ok'] });
  assert.deepEqual(counts(await applySteps(restore, 0)), { applied: 3, skipped: 0, stopReached: true });
  assert.doesNotMatch(statements[1] ?? '', /STOPAT/);
});

test('files go to places of their own on the target, also those that were added after the base', async () => {
  const file = (fileId: number, logicalName: string, type: 'D' | 'L') => ({
    fileId,
    logicalName,
    type,
    physicalName: `/var/opt/mssql/data/${logicalName}`,
    sizeBytes: 1,
  });
  const first = [file(1, 'db1', 'D'), file(2, 'db1_log', 'L')];
  const grown = { ...log(1), set: logSet(100, 200, { databaseFiles: [...first, file(3, 'db1_more', 'D')] }) };
  const full = { ...base, set: logSet(100, 120, { kind: 'full', databaseFiles: first }) };
  const { restore, statements } = scripted({ steps: [full, grown], answers: ['ok', 'ok'] });
  await applySteps({ ...restore, base: full }, 0);
  assert.match(statements[0] ?? '', /MOVE N'db1' TO N'\/var\/opt\/mssql\/data\/copy1_1_0123abcd\.mdf'/);
  assert.match(statements[0] ?? '', /MOVE N'db1_log' TO N'\/var\/opt\/mssql\/data\/copy1_2_0123abcd\.ldf'/);
  assert.match(statements[1] ?? '', /MOVE N'db1_more' TO N'\/var\/opt\/mssql\/data\/copy1_3_0123abcd\.ndf'/);
  assert.doesNotMatch(statements[1] ?? '', /MOVE N'db1' /);
});
