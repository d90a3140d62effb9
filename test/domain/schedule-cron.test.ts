import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { calendarText, integers } from '../../workflows/domain/schedule-calendar.ts';
import { parseCron } from '../../workflows/domain/schedule-cron.ts';

describe('reading cron', () => {
  const good: [string, string][] = [
    ['0 1 * * 0', '0 0 1 * * 0'],
    ['30 23 * * SUN', '0 30 23 * * 0'],
    ['0 1 * * 7', '0 0 1 * * 0'],
    ['0 1 * * 1-6', '0 0 1 * * 1-6'],
    ['0 1 * * mon-fri', '0 0 1 * * 1-5'],
    ['0 1 * * 5-7', '0 0 1 * * 0,5-6'],
    ['*/15 * * * *', '0 0-45/15 * * * *'],
    ['5/20 * * * *', '0 5-45/20 * * * *'],
    ['1,2,3,40 0-4/2 1,15 JAN *', '0 1-3,40 0-4/2 1,15 1 *'],
    ['@daily', '0 0 0 * * *'],
    ['@Weekly', '0 0 0 * * 0'],
    ['  0   3  29  2  * ', '0 0 3 29 2 *'],
  ];
  for (const [text, means] of good) {
    it(`${text} means ${means}`, () => {
      const calendar = parseCron(text);
      assert.ok(!('problem' in calendar), JSON.stringify(calendar));
      assert.equal(calendarText(calendar), means);
    });
  }

  const bad: [string, RegExp][] = [
    ['0 1 * *', /five fields/],
    ['0 0 1 * * 0', /five fields/],
    ['60 1 * * *', /"60" as the minute, which must be 0 to 59/],
    ['0 24 * * *', /"24" as the hour/],
    ['0 1 0 * *', /day of the month/],
    ['0 1 * 13 *', /month/],
    ['0 1 * * 8', /day of the week/],
    ['0 5-1 * * *', /"5-1"/],
    ['*/0 * * * *', /"\*\/0"/],
    ['0 *-3 * * *', /"\*-3"/],
    ['0 1 ? * *', /"\?"/],
    ['0 1 * * MON#2', /MON#2/],
    ['0 1,, * * *', /""/],
    ['0 1 1 * MON', /leave one of the two \*/],
    ['0 1 31 4,6 *', /no such month/],
    ['0 1 30 2 *', /no such month/],
  ];
  for (const [text, why] of bad) {
    it(`${text} is refused`, () => {
      const calendar = parseCron(text);
      assert.ok('problem' in calendar);
      assert.match(calendar.problem, why);
    });
  }

  it('any set of values survives being written as cron and read again', () => {
    const some = (low: number, high: number): fc.Arbitrary<number[]> =>
      fc.subarray(integers(low, high), { minLength: 1 });
    fc.assert(
      fc.property(some(0, 59), some(0, 23), some(1, 12), some(0, 6), (minute, hour, month, dayOfWeek) => {
        const calendar = { second: [0], minute, hour, dayOfMonth: integers(1, 31), month, dayOfWeek };
        const [, ...fields] = calendarText(calendar).split(' ');
        assert.deepEqual(parseCron(fields.join(' ')), calendar);
      }),
    );
  });
});
