import type {
  ScheduleOptions,
  ScheduleOptionsStartWorkflowAction,
  ScheduleOverlapPolicy,
  Workflow,
} from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import type { DesiredSchedule } from '../../workflows/domain/schedule.ts';
import { BackupKind, SqlInstance } from '../../workflows/search-attributes.ts';
import { toTemporal } from './calendars.ts';
import { digestMark } from './marks.ts';

type Written = Required<Pick<ScheduleOptions, 'spec' | 'policies'>> & {
  readonly action: ScheduleOptionsStartWorkflowAction<Workflow>;
};

/** A schedule of ours as Temporal takes it. Runs have no time limits: a backup takes as long as it takes. */
export function toWritten(desired: DesiredSchedule): Written {
  return {
    spec: {
      calendars: desired.calendars.map((calendar) => toTemporal(calendar, 'mssql-pitr')),
      intervals: desired.intervals.map(({ everyMs, offsetMs }) => ({ every: everyMs, offset: offsetMs })),
      timezone: desired.timeZone,
      jitter: desired.jitterMs,
    },
    policies: {
      overlap: desired.overlap.toUpperCase().replaceAll('-', '_') as ScheduleOverlapPolicy & string,
      catchupWindow: desired.catchUpMs,
      // One failed run would silently end all backups; exposure is what raises the alarm.
      pauseOnFailure: false,
    },
    action: {
      type: 'startWorkflow',
      workflowType: desired.workflowType,
      workflowId: desired.workflowId,
      taskQueue: desired.taskQueue,
      args: [desired.input],
      memo: { [digestMark]: desired.digest },
      typedSearchAttributes: attributesOf(desired),
      staticSummary: desired.summary,
    },
  };
}

export function attributesOf({ searchAttributes }: Pick<DesiredSchedule, 'searchAttributes'>): TypedSearchAttributes {
  return new TypedSearchAttributes(
    [SqlInstance, BackupKind].flatMap((key) => {
      const value = searchAttributes[key.name];
      return value === undefined ? [] : [{ key, value }];
    }),
  );
}
