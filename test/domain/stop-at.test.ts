import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { stopAtLiteral } from '../../workflows/domain/stop-at.ts';

const stop = (time: string, offset = 0): string => stopAtLiteral(Date.parse(time), offset);

test('a moment is cut to the datetime step at or before it', () => {
  const steps = ['000', '000', '000', '003', '003', '003', '003', '007', '007', '007', '010'];
  steps.forEach((step, n) => {
    assert.equal(stop(`2026-02-10T06:54:34.${String(n).padStart(3, '0')}Z`), `2026-02-10T06:54:34.${step}`);
  });
  assert.equal(stop('2026-02-10T06:54:34.999Z'), '2026-02-10T06:54:34.997');
  assert.equal(stop('2026-12-31T23:59:59.998Z'), '2026-12-31T23:59:59.997');
});

test('it is the local time of the source', () => {
  assert.equal(stop('2026-02-10T06:54:34Z', 420), '2026-02-10T13:54:34.000');
  assert.equal(stop('2026-02-10T20:00:00Z', 330), '2026-02-11T01:30:00.000');
  assert.equal(stop('2026-01-01T01:00:00Z', -210), '2025-12-31T21:30:00.000');
});

test('the hour that a clock runs through twice has the same local time at both offsets', () => {
  assert.equal(stop('2026-10-25T00:30:00Z', 120), '2026-10-25T02:30:00.000');
  assert.equal(stop('2026-10-25T01:30:00Z', 60), '2026-10-25T02:30:00.000');
});

test('it never lies after the moment, nor four milliseconds before it, and a datetime keeps its own', () => {
  const moments = fc.integer({ min: Date.parse('1990-01-01T00:00:00Z'), max: Date.parse('2100-01-01T00:00:00Z') });
  fc.assert(
    fc.property(moments, fc.integer({ min: -48, max: 56 }), (ms, quarters) => {
      const offset = quarters * 15;
      const literal = stopAtLiteral(ms, offset);
      assert.match(literal, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d\d[037]$/);
      const found = Date.parse(`${literal}Z`) - offset * 60_000;
      assert.ok(found <= ms && found > ms - 4);
      assert.equal(stopAtLiteral(found, offset), literal);
    }),
  );
});
