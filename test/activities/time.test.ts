import assert from 'node:assert/strict';
import { test } from 'node:test';
import { offsetAtBackup, offsetOf, toUtc } from '../../activities/sql-server/time.ts';

test("the server's offset is read from its own clock's text", () => {
  assert.equal(offsetOf('2026-02-10T13:54:34.1234567+07:00'), 420);
  assert.equal(offsetOf('2026-02-10T03:24:34.1234567-03:30'), -210);
  assert.equal(offsetOf('2026-02-10T06:54:34.1234567+00:00'), 0);
  assert.throws(() => offsetOf('2026-02-10T06:54:34'), RangeError);
});

test('local times of msdb become UTC with milliseconds', () => {
  assert.equal(toUtc('2026-02-10T13:54:34', 420), '2026-02-10T06:54:34.000Z');
  assert.equal(toUtc('2026-02-10T23:54:34.997', -210), '2026-02-11T03:24:34.997Z');
  assert.throws(() => toUtc('yesterday', 0), RangeError);
});

test('the time zone of a log backup counts, even when the clock has changed since', () => {
  assert.equal(offsetAtBackup(-12, true, -120), -180);
  assert.equal(offsetAtBackup(0, true, -180), 0);
});

test('127 and values beyond half a day say nothing, so the current offset counts', () => {
  for (const unknown of [127, 120, 64, -49, null]) assert.equal(offsetAtBackup(unknown, true, -180), -180);
});

test("of a data backup the server's current offset counts: its own may be garbage, an hour off among others", () => {
  for (const claimed of [0, -12, -8, 28]) assert.equal(offsetAtBackup(claimed, false, -180), -180);
});
