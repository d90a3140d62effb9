import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLsn } from '../../workflows/domain/lsn.ts';
import type { RestoreStep } from '../../workflows/domain/plan-types.ts';
import { chunksOf } from '../../activities/restore/chunks.ts';
import { resumePoint, stoppedInside } from '../../activities/restore/resume-point.ts';
import { logSet } from './sets.ts';

const stopAt = '2026-02-10T06:54:34.000';
const base: RestoreStep = { set: logSet(100, 120, { kind: 'full' }), stopAt: null };
/** Logs 1 to 9: log n covers the LSNs from n hundred to n+1 hundred. */
const logs = Array.from({ length: 9 }, (_, i): RestoreStep => ({ set: logSet((i + 1) * 100, (i + 2) * 100), stopAt }));
const steps = [base, ...logs];
const at = (lsn: number | null) => ({ lsn: lsn === null ? null : parseLsn(String(lsn)), forkId: 'FORK' });

test('a database without a redo point begins with its base, whichever slice it is', () => {
  assert.equal(resumePoint({ base, steps, from: 0 }, at(null)), 0);
  assert.equal(resumePoint({ base, steps: steps.slice(4, 7), from: 4 }, at(null)), 0);
});

test('a database goes on with the first log that ends beyond its redo point', () => {
  assert.equal(resumePoint({ base, steps, from: 0 }, at(120)), 1);
  assert.equal(resumePoint({ base, steps, from: 0 }, at(350)), 3);
  assert.equal(resumePoint({ base, steps: steps.slice(4, 7), from: 4 }, at(400)), 4);
  assert.equal(resumePoint({ base, steps: steps.slice(4, 7), from: 4 }, at(520)), 5);
});

test('a slice that is in has nothing left', () => {
  assert.equal(resumePoint({ base, steps, from: 0 }, at(1000)), 10);
  assert.equal(resumePoint({ base, steps: steps.slice(4, 7), from: 4 }, at(700)), 7);
});

test('a database that stands before the slice is not known from the slice alone', () => {
  assert.equal(resumePoint({ base, steps: steps.slice(4, 7), from: 4 }, at(250)), 'unknown');
});

test('a redo point on a fork that the plan does not touch begins anew', () => {
  assert.equal(resumePoint({ base, steps, from: 0 }, { ...at(350), forkId: 'OTHER' }), 0);
});

test('the engine stopped inside a log when the redo point lies in it and a stop point was given', () => {
  assert.ok(stoppedInside(steps, at(350)));
  assert.ok(!stoppedInside(steps, at(1000)));
  assert.ok(!stoppedInside(steps, at(null)));
  assert.ok(!stoppedInside([{ set: logSet(300, 400), stopAt: null }], at(350)));
});

const sized = (...sizes: readonly number[]): RestoreStep[] =>
  sizes.map((sizeBytes, i) => ({
    set: logSet(i, i + 1, { files: [{ name: `f${i}`, sizeBytes, sha256: '' }] }),
    stopAt: null,
  }));

test('large files are staged alone and small ones together, in order and without a hole', () => {
  assert.deepEqual(chunksOf(sized(1e9, 10, 20, 255e6, 1e9, 5), 0), [
    [0, 1],
    [1, 4],
    [4, 5],
    [5, 6],
  ]);
  assert.deepEqual(chunksOf(sized(1, 1), 7), [[7, 9]]);
  assert.deepEqual(chunksOf([], 3), []);
});

test('no chunk holds more files than an executor should be asked for at once', () => {
  const chunks = chunksOf(sized(...Array.from({ length: 120 }, () => 1)), 0);
  assert.deepEqual(chunks, [
    [0, 50],
    [50, 100],
    [100, 120],
  ]);
});
