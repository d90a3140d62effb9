import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge, metricsMarkdown, type RehearsalFacts } from '../../workflows/domain/rehearsal.ts';

const databases = ['db1', 'db2'];

function facts(over: Partial<RehearsalFacts> = {}): RehearsalFacts {
  return {
    source: 'mssql-rt',
    target: 'mssql-rt-target',
    databases,
    startedAt: '2026-02-10T06:50:00.000Z',
    targetTime: '2026-02-10T06:54:34.000Z',
    fullDone: true,
    logsDone: 2,
    restoreDone: true,
    sourceCounts: databases.map((database) => ({ database, state: 'ONLINE', phases: { seed: 1, wave1: 1, wave2: 1 } })),
    targetCounts: databases.map((database) => ({ database, state: 'ONLINE', phases: { seed: 1, wave1: 1 } })),
    rpoSeconds: 99,
    rtoJobSeconds: 12,
    rtoEndToEndSeconds: 31,
    rpoGoalSeconds: 300,
    expected: ['seed', 'wave1'],
    unexpected: ['wave2'],
    ...over,
  };
}

const unmet = (over: Partial<RehearsalFacts>): readonly string[] =>
  judge(facts(over))
    .criteria.filter((criterion) => !criterion.met)
    .map((criterion) => criterion.name);

test('a run like the one of 2026-02-10 is GO', () => {
  const verdict = judge(facts());
  assert.equal(verdict.decision, 'GO');
  assert.equal(verdict.criteria.length, 6);
});

test('each criterion alone makes it NO-GO', () => {
  assert.deepEqual(unmet({ fullDone: false }), ['Full backup done']);
  assert.deepEqual(unmet({ logsDone: 1 }), ['At least two log backups']);
  assert.deepEqual(unmet({ restoreDone: false }), ['Restore done']);
  assert.deepEqual(unmet({ rpoSeconds: 301 }), ['RPO ≤ 300 s']);
  assert.deepEqual(unmet({ rpoSeconds: null }), ['RPO ≤ 300 s']);
});

test('a target that holds wave2 fell short of nothing and went too far: NO-GO', () => {
  const targetCounts = databases.map((database) => ({
    database,
    state: 'ONLINE',
    phases: { seed: 1, wave1: 1, wave2: 1 },
  }));
  assert.deepEqual(unmet({ targetCounts }), ['Data validated (wave2 not restored)']);
});

test('a target without wave1 is NO-GO, and the criterion names the database', () => {
  const targetCounts = [
    { database: 'db1', state: 'ONLINE', phases: { seed: 1, wave1: 1 } },
    { database: 'db2', state: 'ONLINE', phases: { seed: 1 } },
  ];
  const verdict = judge(facts({ targetCounts }));
  assert.equal(verdict.decision, 'NO-GO');
  assert.match(verdict.criteria.map((criterion) => criterion.found).join(), /db2 target wave1=0/);
});

test('a source that never got wave2 proves nothing about STOPAT: NO-GO', () => {
  const sourceCounts = databases.map((database) => ({ database, state: 'ONLINE', phases: { seed: 1, wave1: 1 } }));
  assert.deepEqual(unmet({ sourceCounts }), ['Data validated (wave2 not restored)']);
});

test('a database left RESTORING is NO-GO', () => {
  const targetCounts = [
    { database: 'db1', state: 'ONLINE', phases: { seed: 1, wave1: 1 } },
    { database: 'db2', state: 'RESTORING', phases: {} },
  ];
  assert.deepEqual(unmet({ targetCounts }), ['Target databases ONLINE', 'Data validated (wave2 not restored)']);
});

test('the metrics page prints the run beside the earlier one and never invents a figure', () => {
  const text = metricsMarkdown(facts({ rtoJobSeconds: null }), judge(facts()));
  assert.match(text, /RTO of the job \| not measured \| 12 s/);
  assert.match(text, /\*\*GO\*\*/);
});
