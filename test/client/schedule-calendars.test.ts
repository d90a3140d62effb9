import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { CalendarSpecDescription } from '@temporalio/client';
import fc from 'fast-check';
import { fromTemporal, toTemporal } from '../../client/schedules/calendars.ts';
import { calendarFields, integers, type Calendar } from '../../workflows/domain/schedule-calendar.ts';

const calendars = fc.record(
  Object.fromEntries(
    calendarFields.map(([field, low, high]) => [field, fc.subarray(integers(low, high), { minLength: 1 })]),
  ),
) as fc.Arbitrary<Calendar>;

it('a calendar that goes to Temporal and comes back is the same', () => {
  fc.assert(
    fc.property(calendars, (calendar) => {
      const back = fromTemporal(toTemporal(calendar, '') as CalendarSpecDescription);
      assert.deepEqual({ ...back }, { ...calendar });
    }),
  );
});
