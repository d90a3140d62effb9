import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  integers,
  later,
  roomSeconds,
  shortestGapSeconds,
  startsOfDay,
  toRanges,
  type Calendar,
} from '../../workflows/domain/schedule-calendar.ts';
import { durationText, parseDuration } from '../../workflows/domain/schedule-duration.ts';

const some = (low: number, high: number): fc.Arbitrary<number[]> => fc.subarray(integers(low, high), { minLength: 1 });

const calendars = fc.record({ minute: some(0, 59), hour: some(0, 23) }).map(({ minute, hour }): Calendar => ({
  second: [0],
  minute,
  hour,
  dayOfMonth: integers(1, 31),
  month: integers(1, 12),
  dayOfWeek: integers(0, 6),
}));

describe('calendars', () => {
  it('ranges hold exactly the values they were made of', () => {
    fc.assert(
      fc.property(some(0, 59), (values) => {
        const found = toRanges(values).flatMap(({ start, end, step }) => integers(start, end, step));
        assert.deepEqual(found, values);
      }),
    );
  });

  it('a later calendar starts at every moment of the first, later by just so much, and at no other', () => {
    fc.assert(
      fc.property(calendars, fc.nat(86_400), (calendar, wish) => {
        const seconds = Math.min(wish, roomSeconds(calendar));
        const moved = later(calendar, seconds).flatMap(startsOfDay);
        assert.deepEqual(
          moved.toSorted((a, b) => a - b),
          startsOfDay(calendar).map((start) => start + seconds),
        );
        for (const each of later(calendar, seconds)) {
          assert.ok(each.hour.every((hour) => hour >= 0 && hour <= 23));
          assert.ok(each.minute.every((minute) => minute >= 0 && minute <= 59));
        }
      }),
    );
  });

  it('the shortest gap is that of two days in a row, found by looking at each pair', () => {
    fc.assert(
      fc.property(calendars, (calendar) => {
        const day = startsOfDay(calendar);
        const two = [...day, ...day.map((start) => start + 86_400)];
        const gaps = two.slice(1).map((start, i) => start - (two[i] as number));
        assert.equal(shortestGapSeconds(calendar), Math.min(...gaps));
      }),
      { numRuns: 50 },
    );
  });
});

describe('durations', () => {
  it('are read as written', () => {
    assert.equal(parseDuration('10s'), 10_000);
    assert.equal(parseDuration('1h30m'), 5_400_000);
    assert.equal(parseDuration('2d'), 172_800_000);
    assert.equal(parseDuration('0s'), 0);
    for (const text of ['', '10', 's', '10 s', '-1s', '1.5h', '10ms', '1s1h', '1s1s', '1000000000s']) {
      assert.equal(parseDuration(text), null, text);
    }
  });

  it('any number of seconds is read from the text that stands for it', () => {
    fc.assert(
      fc.property(fc.nat(100_000_000), (seconds) => {
        assert.equal(parseDuration(durationText(seconds * 1000)), seconds * 1000);
      }),
    );
  });
});
