import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { OutputLine, Said } from '../../activities/executor/program/output.ts';
import type { Job } from '../../activities/platform/kubernetes/api/resources.ts';
import type { JobRecord, PodRecord } from '../support/cluster/journal.ts';
import { restoreTimes } from '../support/cluster/restore-times.ts';
import { shareOut } from '../support/cluster/spans.ts';

describe('sharing out a stretch of time', () => {
  const order = ['a', 'b'] as const;

  it('gives a moment to the first of the order, however long the others last', () => {
    const spans = [
      { category: 'b', from: 0, to: 100 },
      { category: 'a', from: 40, to: 60 },
    ] as const;
    assert.deepEqual(shareOut(spans, order, [0, 120]), { of: { a: 20, b: 80 }, rest: 20 });
  });

  it('counts what two things of one category do at the same time once', () => {
    const spans = [
      { category: 'a', from: 10, to: 30 },
      { category: 'a', from: 20, to: 40 },
    ] as const;
    assert.deepEqual(shareOut(spans, order, [0, 50]), { of: { a: 30, b: 0 }, rest: 20 });
  });

  it('accounts for every moment once, whatever went on', () => {
    const time = fc.integer({ min: -50, max: 150 });
    const span = fc.record({ category: fc.constantFrom(...order), from: time, to: time });
    fc.assert(
      fc.property(fc.array(span), (spans) => {
        const { of, rest } = shareOut(spans, order, [0, 100]);
        assert.equal(of.a + of.b + rest, 100);
      }),
    );
  });
});

describe('the times of a restore', () => {
  const second = (n: number): number => Date.parse('2026-02-10T06:54:00Z') + n * 1000;
  const iso = (n: number): string => new Date(second(n)).toISOString();
  const say = (n: number, message: string): string => {
    const said: Said<OutputLine> = { kind: 'message', message };
    return JSON.stringify({ time: iso(n), ...said });
  };
  const labels = (task: string): Record<string, string> => ({
    'mssql-pitr/run-id': 'run',
    'mssql-pitr/task': task,
    'mssql-pitr/start': task,
    'app.kubernetes.io/component': 'executor',
  });
  const job = (task: string, from: number, to: number): JobRecord => {
    const metadata = { labels: labels(task), creationTimestamp: iso(from) } as unknown as NonNullable<Job['metadata']>;
    return {
      created: second(from),
      job: { metadata, status: { completionTime: iso(to) } },
    };
  };
  const pod = (meta: object, times: readonly [number, number, number | null], lines: readonly string[]): PodRecord => ({
    pod: { metadata: meta },
    created: second(times[0]),
    scheduled: second(times[1]),
    started: second(times[1]),
    ended: null,
    ready: times[2] === null ? null : second(times[2]),
    lines,
  });
  const executor = (task: string, activity: string, [at, begins, done]: readonly [number, number, number]): PodRecord =>
    pod(
      { labels: labels(task), annotations: { 'mssql-pitr/activity': activity } },
      [at, at + 1, null],
      [say(begins, `${task} begins`), say(done, `${task} is done after ${done - begins} s`)],
    );
  const activity = (id: string, type: string, from: number, to: number, result: object = {}) => ({
    id,
    type,
    started: second(from),
    completed: second(to),
    result,
  });

  const times = restoreTimes({
    restoreId: 'restore',
    run: {
      runId: 'run',
      started: second(0),
      closed: second(30),
      activities: [
        activity('2', 'restoreSteps', 12, 24, { restoreSeconds: 3 }),
        activity('3', 'recoverDatabase', 24, 25),
        activity('4', 'verifyDatabase', 25, 27),
      ],
    },
    jobs: [job('plan', 1, 6), job('stage', 13, 22)],
    pods: [
      executor('plan', 'planRestore 1', [2, 4, 5]),
      pod({ labels: { 'mssql-pitr/restore-id': 'restore' } }, [6, 7, 11], []),
      executor('stage', 'restoreSteps 2', [13, 16, 20]),
    ],
  });

  it('add up to the time from the request to the end', () => {
    assert.equal(times.total, 30);
    assert.equal(
      times.parts.reduce((sum, { seconds }) => sum + seconds, 0),
      30,
    );
  });

  it('are told apart by what the executors, the cluster and Temporal wrote down', () => {
    const [schedule, start, copy, restored, verify, small, report, rest] = times.parts.map(({ seconds }) => seconds);
    assert.deepEqual(
      { schedule, start, copy, restored, verify, small, report, rest },
      // Placed: 1–3 and 6–7 and 13–14. Started: 3–4, 7–11, 14–16. Nothing: 0–1, 5–6, 11–13, 23–24, 27–30.
      { schedule: 4, start: 7, copy: 4, restored: 4, verify: 2, small: 1, report: 0, rest: 8 },
    );
    assert.equal(times.besides, 4 + 2 + 1 + 8);
  });

  it('say how long a kubelet did not tell of a program that had ended', () => {
    const late = restoreTimes({
      restoreId: 'restore',
      run: { runId: 'run', started: second(0), closed: second(10), activities: [] },
      jobs: [],
      pods: [{ ...executor('plan', 'planRestore 1', [1, 3, 4]), started: second(6) }],
    });
    const report = late.parts.find(({ what }) => what.startsWith('report'));
    assert.equal(report?.seconds, 2);
    assert.equal(late.besides, 9);
  });

  it('of the Jobs are what the Jobs themselves say', () => {
    assert.deepEqual(times.jobs, { copying: 9, all: 21, count: 2 });
  });
});
