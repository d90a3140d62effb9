import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { recoveries, type Kill } from './kills.ts';
import { soakOptions } from './options.ts';
import { judge, type SoakFacts } from './report.ts';
import { rowsAt } from './writers.ts';

const kill = (atMs: number): Kill => ({ atMs, inRun: true, replacedMs: atMs + 1_000 });
const sample = (atMs: number, exposureMs: number) => ({ atMs, exposureMs, restorableMs: atMs - exposureMs });

describe('the soak', () => {
  it('counts a row that was in flight at the moment as one that may be there or not', () => {
    const commits = [
      { sentMs: 0, ackMs: 10 },
      { sentMs: 20, ackMs: 30 },
      { sentMs: 40, ackMs: 50 },
    ];
    assert.deepEqual(rowsAt(commits, 15), { least: 1, most: 1 });
    assert.deepEqual(rowsAt(commits, 25), { least: 1, most: 2 });
    assert.deepEqual(rowsAt(commits, 60), { least: 3, most: 3 });
  });

  it('finds when the exposure was back after each kill, and that it never was', () => {
    const samples = [sample(5, 9), sample(15, 25), sample(20, 30), sample(25, 12), sample(45, 8), sample(65, 22)];
    const found = recoveries([kill(10), kill(40), kill(60)], samples, 20, 100);
    assert.deepEqual(
      found.map(({ peakMs, backAfterMs }) => [peakMs, backAfterMs]),
      [
        [30, 15],
        [8, 0],
        [22, null],
      ],
    );
  });

  it('fails by a hole, by a kill without recovery, by a wrong row, by a failed run, and by having killed nobody', () => {
    const good: SoakFacts = {
      limitMs: 20_000,
      databases: 1,
      minutes: 1,
      seed: 1,
      startMs: 0,
      rows: 10,
      logs: 3,
      runs: { COMPLETED: 3 },
      samples: [],
      recoveries: [{ kill: kill(10), peakMs: 1, backAfterMs: 5 }],
      chains: null,
      proof: { targetTime: '2026-02-10T06:54:34Z', seconds: 1, rows: 5, inFlight: 0, wrong: [] },
    };
    const failing = (facts: SoakFacts): number => judge(facts).filter(({ ok }) => !ok).length;
    assert.equal(failing(good), 0);
    assert.equal(failing({ ...good, chains: 'db1: hole' }), 1);
    assert.equal(failing({ ...good, recoveries: [{ kill: kill(10), peakMs: 30_000, backAfterMs: null }] }), 1);
    assert.equal(failing({ ...good, recoveries: [] }), 1);
    assert.equal(failing({ ...good, proof: { ...good.proof, wrong: ['db1: 4 rows'] } }), 1);
    assert.equal(failing({ ...good, proof: { ...good.proof, rows: 0 } }), 1);
    assert.equal(failing({ ...good, runs: { COMPLETED: 2, FAILED: 1 } }), 1);
  });

  it('lasts ten minutes unless told otherwise, and refuses what is no number', () => {
    assert.deepEqual(
      { ...soakOptions(['--seed', '3']) },
      { minutes: 10, databases: 20, seed: 3, killEverySeconds: 60 },
    );
    assert.equal(soakOptions(['--minutes', '1', '--quick']).killEverySeconds, 30);
    assert.throws(() => soakOptions(['--minutes', 'ten']), /--minutes must be a number/);
  });
});
