import type { ScheduleDescription } from '@temporalio/client';
import type { FoundSchedule } from '../../workflows/domain/schedule.ts';
import { fromTemporal } from './calendars.ts';
import { digestMark, ownerMark } from './marks.ts';

/** A Schedule as Temporal describes it, in our words. */
export function toFound(description: ScheduleDescription): FoundSchedule {
  const { spec, action, policies, state } = description;
  return {
    id: description.scheduleId,
    owner: textOf(description.memo?.[ownerMark]),
    digest: textOf(action.memo?.[digestMark]),
    paused: state.paused,
    note: state.note ?? '',
    calendars: (spec.calendars ?? []).map(fromTemporal),
    intervals: (spec.intervals ?? []).map(({ every, offset }) => ({ everyMs: every, offsetMs: offset ?? 0 })),
    timeZone: spec.timezone || 'UTC',
    jitterMs: spec.jitter ?? 0,
    overlap: (policies.overlap ?? 'SKIP').toLowerCase().replaceAll('_', '-'),
    catchUpMs: policies.catchupWindow,
    workflowType: action.workflowType,
    workflowId: action.workflowId ?? '',
    taskQueue: action.taskQueue,
    input: (action.args as readonly unknown[] | undefined)?.[0],
    summary: action.staticSummary ?? '',
    searchAttributes: attributesOf(description),
    additions: additionsOf(description),
  };
}

function attributesOf({ action }: ScheduleDescription): Record<string, string> {
  const found = action.typedSearchAttributes ?? [];
  const pairs = Array.isArray(found) ? found : found.getAll();
  return Object.fromEntries(pairs.map(({ key, value }) => [key.name, String(value)]));
}

/** What only a person's hand can have put there. How many runs are left is a person's to say, as the pause is. */
function additionsOf({ spec, action, policies }: ScheduleDescription): string {
  const { [digestMark]: _, ...memo } = action.memo ?? {};
  const years = (spec.calendars ?? []).flatMap(({ year }) => year);
  const found: Record<string, unknown> = {
    skip: spec.skip?.length ? spec.skip : undefined,
    years: years.length > 0 ? years : undefined,
    startAt: spec.startAt,
    endAt: spec.endAt,
    pauseOnFailure: policies.pauseOnFailure || undefined,
    moreInputs: (action.args as readonly unknown[] | undefined)?.slice(1).length || undefined,
    memo: Object.keys(memo).length > 0 ? memo : undefined,
    retry: action.retry,
    workflowExecutionTimeout: action.workflowExecutionTimeout,
    workflowRunTimeout: action.workflowRunTimeout,
    workflowTaskTimeout: action.workflowTaskTimeout,
  };
  const text = JSON.stringify(found);
  return text === '{}' ? '' : text;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
