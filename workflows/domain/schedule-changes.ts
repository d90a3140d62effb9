import { shapeTexts } from './schedule-desired.ts';
import type { DesiredSchedule, FoundSchedule } from './schedule.ts';

export interface FieldChange {
  readonly field: string;
  readonly from: string;
  readonly to: string;
}

/** What `apply` does to one schedule. */
export type ScheduleChange =
  | { readonly action: 'create'; readonly id: string; readonly desired: DesiredSchedule }
  | {
      readonly action: 'change';
      readonly id: string;
      readonly desired: DesiredSchedule;
      readonly found: FoundSchedule;
      readonly fields: readonly FieldChange[];
      /** The declaration is as it was; somebody changed the schedule itself. */
      readonly byHand: boolean;
    }
  | { readonly action: 'remove'; readonly id: string; readonly found: FoundSchedule }
  | { readonly action: 'keep'; readonly id: string; readonly found: FoundSchedule }
  /** The id is taken by a schedule that is not ours: nothing is done to it. */
  | { readonly action: 'blocked'; readonly id: string; readonly found: FoundSchedule; readonly why: string };

/**
 * What has to be done so that Temporal has what is declared. Schedules of others are never part of it, unless one of them has
 * the very id that is wanted.
 * @param owner the task queue of this fleet
 */
export function scheduleChanges(
  desired: readonly DesiredSchedule[],
  found: readonly FoundSchedule[],
  owner: string,
): ScheduleChange[] {
  const there = new Map(found.map((each) => [each.id, each]));
  const wanted = new Set(desired.map(({ id }) => id));
  return [
    ...desired.map((each) => changeOf(each, there.get(each.id), owner)),
    ...found
      .filter((each) => each.owner === owner && !wanted.has(each.id))
      .map((each): ScheduleChange => ({ action: 'remove', id: each.id, found: each })),
  ];
}

function changeOf(desired: DesiredSchedule, found: FoundSchedule | undefined, owner: string): ScheduleChange {
  const { id } = desired;
  if (found === undefined) return { action: 'create', id, desired };
  if (found.owner !== owner) {
    const whose = found.owner === null ? 'by somebody else' : `for the task queue ${found.owner}`;
    return { action: 'blocked', id, found, why: `was made ${whose}` };
  }
  const fields = differences(found, desired);
  if (fields.length === 0) return { action: 'keep', id, found };
  return { action: 'change', id, desired, found, fields, byHand: found.digest === desired.digest };
}

function differences(found: FoundSchedule, desired: DesiredSchedule): FieldChange[] {
  const [before, after] = [shapeTexts(found), shapeTexts(desired)];
  return Object.keys(after)
    .map((field) => ({ field, from: before[field] ?? '', to: after[field] ?? '' }))
    .filter(({ from, to }) => from !== to);
}

/** Is there anything that an apply would do, or cannot do? */
export function isDrift(changes: readonly ScheduleChange[]): boolean {
  return changes.some(({ action }) => action !== 'keep');
}
