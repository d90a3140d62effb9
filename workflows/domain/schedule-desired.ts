import { shortHash, workflowIds } from './naming.ts';
import { calendarText, later, roomSeconds, shortestGapSeconds, type Calendar } from './schedule-calendar.ts';
import { parseCron } from './schedule-cron.ts';
import { durationText } from './schedule-duration.ts';
import { catchUpMs, jitterMs, policies, spreadMs } from './schedule-policy.ts';
import {
  scheduleId,
  scheduleKinds,
  type DeclaredSchedules,
  type DesiredSchedule,
  type ScheduleDeclaration,
  type ScheduleKind,
  type ScheduleShape,
} from './schedule.ts';

/** What temporal.yaml declares, as the schedules that Temporal is to have, by instance and kind. */
export function desiredSchedules(declared: DeclaredSchedules, taskQueue: string): DesiredSchedule[] {
  return Object.keys(declared)
    .toSorted()
    .flatMap((instance) =>
      scheduleKinds.flatMap((kind) => {
        const declaration = declared[instance]?.[kind];
        return declaration === undefined ? [] : [desiredSchedule(instance, kind, declaration, taskQueue)];
      }),
    );
}

function desiredSchedule(
  instance: string,
  kind: ScheduleKind,
  declaration: ScheduleDeclaration,
  taskQueue: string,
): DesiredSchedule {
  const shape: ScheduleShape = {
    ...timing(instance, kind, declaration),
    ...action(instance, kind),
    taskQueue,
    additions: '',
  };
  return { ...shape, id: scheduleId(instance, kind), instance, kind, digest: shapeDigest(shape) };
}

type Timing = Pick<ScheduleShape, 'calendars' | 'intervals' | 'timeZone' | 'jitterMs' | 'overlap' | 'catchUpMs'>;

function timing(instance: string, kind: ScheduleKind, declaration: ScheduleDeclaration): Timing {
  const { when } = declaration;
  const calendar = 'cron' in when ? calendarOf(when.cron) : null;
  const gapMs = calendar === null ? (when as { everyMs: number }).everyMs : shortestGapSeconds(calendar) * 1000;
  const room = calendar === null ? gapMs : Math.min(gapMs, roomSeconds(calendar) * 1000 + 1000);
  const shift = place(`${instance}/${kind}`, Math.min(room, declaration.spreadMs ?? spreadMs(kind, gapMs)));
  return {
    calendars: calendar === null ? [] : later(calendar, shift / 1000),
    intervals: 'cron' in when ? [] : [{ everyMs: gapMs, offsetMs: (when.offsetMs + shift) % gapMs }],
    timeZone: declaration.timeZone ?? 'UTC',
    jitterMs: declaration.jitterMs ?? jitterMs(gapMs),
    overlap: declaration.overlap ?? policies[kind].overlap,
    catchUpMs: declaration.catchUpMs ?? catchUpMs(kind, gapMs),
  };
}

function calendarOf(cron: string): Calendar {
  const calendar = parseCron(cron);
  if ('problem' in calendar) throw new Error(`${JSON.stringify(cron)} ${calendar.problem}`);
  return calendar;
}

/** A name's own place within some time, in whole seconds: the same today and tomorrow, another for another name. */
function place(name: string, withinMs: number): number {
  const seconds = Math.floor(withinMs / 1000);
  return seconds <= 1 ? 0 : Number(BigInt(`0x${shortHash(name)}`) % BigInt(seconds)) * 1000;
}

function action(
  instance: string,
  kind: ScheduleKind,
): Pick<ScheduleShape, 'workflowType' | 'workflowId' | 'input' | 'summary' | 'searchAttributes'> {
  switch (kind) {
    case 'full':
    case 'differential':
    case 'log':
      return {
        workflowType: 'backupInstance',
        workflowId: workflowIds.backup(instance, kind),
        input: { instance, kind },
        summary: `${kind} backup of ${instance}`,
        searchAttributes: { SqlInstance: instance, BackupKind: kind },
      };
    case 'retention':
      return {
        workflowType: 'applyRetention',
        workflowId: workflowIds.retention(instance),
        input: { instance },
        summary: `retention of ${instance}`,
        searchAttributes: { SqlInstance: instance },
      };
    case 'verify':
      return {
        workflowType: 'verifyStore',
        workflowId: workflowIds.verify(instance),
        input: { instance },
        summary: `verification of the store of ${instance}`,
        searchAttributes: { SqlInstance: instance },
      };
  }
}

/** Every part of a shape as a text by its name: equal shapes, and only these, give equal texts. */
export function shapeTexts(shape: ScheduleShape): Readonly<Record<string, string>> {
  const { calendars, intervals, searchAttributes } = shape;
  return {
    when: whenText(shape),
    // The hours of an interval are no clock's.
    'time zone': calendars.length === 0 && intervals.length > 0 ? '' : shape.timeZone,
    jitter: durationText(shape.jitterMs),
    overlap: shape.overlap,
    'catch-up': durationText(shape.catchUpMs),
    workflow: shape.workflowType,
    'workflow id': shape.workflowId,
    'task queue': shape.taskQueue,
    input: sortedJson(shape.input),
    summary: shape.summary,
    'search attributes': sortedJson(searchAttributes),
    additions: shape.additions,
  };
}

/** `every 10s at +3s`, or cron with a field for the seconds in front. */
export function whenText({ calendars, intervals }: Pick<ScheduleShape, 'calendars' | 'intervals'>): string {
  const texts = [
    ...calendars.map(calendarText),
    ...intervals.map(({ everyMs, offsetMs }) => {
      return `every ${durationText(everyMs)}${offsetMs === 0 ? '' : ` at +${durationText(offsetMs)}`}`;
    }),
  ];
  return texts.toSorted().join(' and ') || 'never';
}

function shapeDigest(shape: ScheduleShape): string {
  return shortHash(sortedJson(shapeTexts(shape)));
}

function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
