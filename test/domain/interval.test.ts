import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { covers, intersection, nearest, union } from '../../workflows/domain/interval.ts';

const intervals = fc.array(
  fc.tuple(fc.nat(30), fc.nat(5)).map(([fromMs, length]) => ({ fromMs, toMs: fromMs + length })),
  { maxLength: 8 },
);
const moments = Array.from({ length: 40 }, (_, ms) => ms);

test('a union covers what any of its parts covers, in the fewest intervals', () => {
  fc.assert(
    fc.property(intervals, (parts) => {
      const joined = union(parts);
      for (const ms of moments) assert.equal(covers(joined, ms), covers(parts, ms));
      for (const [i, { fromMs }] of joined.entries()) assert.ok(i === 0 || fromMs > (joined[i - 1]?.toMs ?? 0) + 1);
    }),
  );
});

test('an intersection covers what both cover', () => {
  fc.assert(
    fc.property(intervals, intervals, (a, b) => {
      const common = intersection(union(a), union(b));
      for (const ms of moments) assert.equal(covers(common, ms), covers(a, ms) && covers(b, ms));
    }),
  );
});

test('the nearest moments lie right at the edges', () => {
  const found = union([
    { fromMs: 5, toMs: 8 },
    { fromMs: 20, toMs: 20 },
  ]);
  assert.deepEqual(nearest(found, 12), { beforeMs: 8, afterMs: 20 });
  assert.deepEqual(nearest(found, 4), { beforeMs: null, afterMs: 5 });
  assert.deepEqual(nearest(found, 21), { beforeMs: 20, afterMs: null });
});
