import type { DatabaseLine, Progress, Step } from '../../workflows/domain/runbook.ts';
import { megabytes } from '../../workflows/domain/words.ts';
import type { PendingActivity, RunSnapshot } from '../run.ts';
import { bar } from './pace.ts';
import { clip, duration, plain } from './text.ts';

const marks: Record<Step['state'], string> = { waiting: '·', running: '▶', done: '✔', failed: '✘', skipped: '–' };

/** More databases than these would push the steps off the screen. */
const shownDatabases = 12;

/**
 * A run in a few lines of text, each at most `width` long.
 * @param paces lines of activities that count bytes, from openPace
 */
export function runLines(
  run: RunSnapshot,
  width: number,
  now = Date.now(),
  paces: ReadonlyMap<string, string> = new Map(),
): string[] {
  const { progress } = run;
  const title = progress?.title ?? (run.summary || run.workflowId);
  const lines = [
    `${title} (${duration((run.closedAt === null ? now : Date.parse(run.closedAt)) - Date.parse(run.startedAt))})`,
    ...(progress === null ? ['  no worker answers just now'] : stepLines(progress, now)),
    ...databaseLines(progress?.databases ?? []),
    ...run.activities.map((activity) => activityLine(activity, paces.get(activity.name))),
    ...run.children.map((child) => `  ↳ ${child}`),
  ];
  return lines.map((line) => clip(plainKeepIndent(line), width));
}

/** Steps that are not as they were: the progress of a run as a log, where nothing can be drawn over. */
export function changedSteps(before: Progress | null, after: Progress | null): string[] {
  const known = new Map(before?.steps.map((step) => [step.name, step.state]));
  return (after?.steps ?? [])
    .filter((step) => step.state !== 'waiting' && step.state !== known.get(step.name))
    .map((step) => stepLine(step, Date.parse(step.finishedAt || step.startedAt)).trim());
}

function stepLines(progress: Progress, now: number): string[] {
  const facts = Object.entries(progress.facts).map(([name, value]) => `  ${name}: ${value}`);
  return [...facts, ...progress.steps.map((step) => stepLine(step, now))];
}

function stepLine(step: Step, now: number): string {
  const took = step.startedAt === '' ? '' : duration((Date.parse(step.finishedAt) || now) - Date.parse(step.startedAt));
  const facts = [step.detail, step.state === 'running' && took === '0.0 s' ? '' : took].filter(Boolean).join(', ');
  return `  ${marks[step.state]} ${step.name}${facts ? `: ${facts}` : ''}`;
}

function databaseLines(lines: readonly DatabaseLine[]): string[] {
  const open = lines.filter((line) => line.done < line.of);
  const shown = (open.length > 0 ? open : lines).slice(0, shownDatabases);
  const rest = lines.length - shown.length;
  return [
    ...shown.map(({ name, state, done, of }) => `    ${bar(done, of)} ${done}/${of} ${name}, ${state}`),
    ...(rest > 0 ? [`    and ${rest} more`] : []),
  ];
}

function activityLine({ name, attempt, heartbeat, lastFailure }: PendingActivity, pace: string | undefined): string {
  const said = pace ?? heartbeatText(heartbeat);
  const retry = attempt > 1 ? `attempt ${attempt}${lastFailure ? ` after: ${lastFailure}` : ''}` : '';
  return `  … ${[name, said, retry].filter(Boolean).join(', ')}`;
}

/** Heartbeats are small records whose shape belongs to the activity: shown as they are, counts and sizes made readable. */
export function heartbeatText(details: unknown): string {
  if (typeof details === 'string') return details;
  if (typeof details !== 'object' || details === null) return JSON.stringify(details ?? '').replace(/^""$/, '');
  const { done, of, doneBytes, totalBytes, ...rest } = details as Record<string, unknown>;
  return [
    ...(typeof done === 'number' && typeof of === 'number' ? [`${done} of ${of}`] : []),
    ...(typeof doneBytes === 'number' && typeof totalBytes === 'number'
      ? [`${megabytes(doneBytes)} of ${megabytes(totalBytes)}`]
      : []),
    ...Object.entries(rest).map(([key, value]) => {
      return typeof value === 'object' ? heartbeatText(value) : `${key} ${heartbeatText(value)}`;
    }),
  ]
    .filter(Boolean)
    .join(', ');
}

function plainKeepIndent(line: string): string {
  const indent = /^ */.exec(line)?.[0] ?? '';
  return indent + plain(line);
}
