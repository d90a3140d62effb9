import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { slices } from '../../workflows/domain/slices.ts';

test('a short restore is one slice, a long one begins with its data', () => {
  assert.deepEqual(slices({ stepCount: 1, dataSteps: 1, logsPerSlice: 250 }), [[0, 1]]);
  assert.deepEqual(slices({ stepCount: 25, dataSteps: 2, logsPerSlice: 5 }), [[0, 25]]);
  assert.deepEqual(slices({ stepCount: 26, dataSteps: 2, logsPerSlice: 10 }), [
    [0, 2],
    [2, 12],
    [12, 22],
    [22, 26],
  ]);
});

test('a week of one-minute logs is 42 slices', () => {
  assert.equal(slices({ stepCount: 10_081, dataSteps: 1, logsPerSlice: 250 }).length, 42);
});

test('slices cover every step once, in order', () => {
  const sizes = fc.record({
    stepCount: fc.integer({ min: 1, max: 400 }),
    dataSteps: fc.constantFrom(1, 2),
    logsPerSlice: fc.integer({ min: 1, max: 300 }),
  });
  fc.assert(
    fc.property(sizes, (options) => {
      fc.pre(options.dataSteps <= options.stepCount);
      const ranges = slices(options);
      const steps = ranges.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i));
      assert.deepEqual(
        steps,
        Array.from({ length: options.stepCount }, (_, i) => i),
      );
      for (const [from, to] of ranges) assert.ok(to > from);
    }),
  );
});

test('sizes that make no sense are refused', () => {
  for (const wrong of [
    { stepCount: 0, dataSteps: 1, logsPerSlice: 1 },
    { stepCount: 5, dataSteps: 0, logsPerSlice: 1 },
    { stepCount: 5, dataSteps: 6, logsPerSlice: 1 },
    { stepCount: 50, dataSteps: 1, logsPerSlice: 0 },
  ]) {
    assert.throws(() => slices(wrong), RangeError);
  }
});
