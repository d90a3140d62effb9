import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RunSnapshot } from '../../client/run.ts';
import { openPace } from '../../client/show/pace.ts';
import { runLines } from '../../client/show/progress.ts';

function run(heartbeat: unknown): RunSnapshot {
  return {
    workflowId: 'backup/a/full',
    runId: 'r',
    workflowType: 'backupInstance',
    state: 'RUNNING',
    startedAt: '2026-02-10T07:00:00.000Z',
    closedAt: null,
    summary: 'full backup of a',
    progress: null,
    activities: [{ name: 'commitStaged', attempt: 1, heartbeat, lastFailure: '' }],
    children: [],
  };
}

const bytes = (doneBytes: number, totalBytes = 10e9): RunSnapshot =>
  run({ committed: 1, of: 4, doneBytes, totalBytes });

describe('the progress bar', () => {
  it('shows size at once, and throughput and time left when it knows them', () => {
    const pace = openPace();
    assert.equal(pace.look(bytes(0), 0).get('commitStaged'), '░░░░░░░░░░░░░░░░ 0 %, 0 kB of 10.00 GB');
    assert.match(pace.look(bytes(1e9), 1_000).get('commitStaged') ?? '', /10 %, 1\.00 GB of 10\.00 GB$/);
    assert.equal(
      pace.look(bytes(2.5e9), 5_000).get('commitStaged'),
      '████░░░░░░░░░░░░ 25 %, 2.50 GB of 10.00 GB, 500.0 MB/s, 15.0 s left',
    );
  });

  it('forgets how fast it went long ago', () => {
    const pace = openPace();
    pace.look(bytes(0), 0);
    for (const second of [10, 20, 30, 40]) pace.look(bytes(5e9 + second * 1e6), second * 1_000);
    assert.match(pace.look(bytes(5e9 + 50e6), 50_000).get('commitStaged') ?? '', /, 1\.0 MB\/s, 1 h 22 min left$/);
  });

  it('begins anew when bytes go back, as they do for the next attempt or the next file', () => {
    const pace = openPace();
    pace.look(bytes(5e9), 0);
    pace.look(bytes(6e9), 4_000);
    assert.match(pace.look(bytes(1e9), 8_000).get('commitStaged') ?? '', /10 %, 1\.00 GB of 10\.00 GB$/);
  });

  it('gives no time left while nothing moves, and is never full before the end', () => {
    const pace = openPace();
    pace.look(bytes(9.999e9), 0);
    assert.match(pace.look(bytes(9.999e9), 5_000).get('commitStaged') ?? '', / 99 %, 10\.00 GB of 10\.00 GB$/);
  });

  it('is not there for what counts no bytes', () => {
    for (const heartbeat of [null, 'waiting', { percent: 3 }, { doneBytes: 0, totalBytes: 0 }]) {
      assert.equal(openPace().look(run(heartbeat), 0).size, 0);
    }
  });

  it('stands in the line of its activity, and fits the terminal', () => {
    const pace = openPace();
    const snapshot = bytes(5e9);
    const lines = runLines(snapshot, 60, 0, pace.look(snapshot, 0));
    assert.ok(lines.includes('  … commitStaged, ████████░░░░░░░░ 50 %, 5.00 GB of 10.00 GB'));
    assert.ok(lines.every((line) => line.length <= 60));
  });
});
