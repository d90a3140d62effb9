import { table } from '../../../client/show/table.ts';
import { seedFigures } from '../../../workflows/domain/rehearsal.ts';
import type { RestoreTimes } from '../../support/cluster/restore-times.ts';

const figureHead = ['figure, by the timestamps of the objects', 'this run', 'run of 2026-02-10'];
const partHead = ['where the time of the restore goes', 'seconds', 'share'];

/** Figures of the restore as Kubernetes and Temporal wrote them down. */
function figureRows({ total, jobs }: RestoreTimes): string[][] {
  const { rtoJobSeconds, rtoEndToEndSeconds } = seedFigures;
  return [
    ['RTO of the job: first copying Job created → last Job complete', whole(jobs.copying), `${rtoJobSeconds} s`],
    ['RTO end to end: first Job created → last Job complete', whole(jobs.all), `${rtoEndToEndSeconds} s`],
    [
      'RTO end to end: request → complete with clean-up, by Temporal',
      `${total.toFixed(1)} s`,
      `${rtoEndToEndSeconds} s`,
    ],
  ];
}

function partRows({ total, parts }: RestoreTimes): string[][] {
  return [
    ...parts.map(({ what, seconds }) => [what, seconds.toFixed(2), `${((100 * seconds) / total).toFixed(0)} %`]),
    ['request → complete', total.toFixed(2), '100 %'],
  ];
}

const note = (times: RestoreTimes): string =>
  `${times.jobs.count} Jobs, and a new server, which the run of 2026-02-10 had made before its restore. Where several things go on at a time, the one that stands first of RESTORE, copy, verify, small Jobs, start, schedule, report has it.`;

export function timesText(times: RestoreTimes, width: number): string {
  return [table(figureHead, figureRows(times), width), table(partHead, partRows(times), width), note(times)].join('\n');
}

export function timesMarkdown(times: RestoreTimes): string {
  const markdown = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
    [head, head.map((_, i) => (i === 0 ? '---' : '---:')), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
  return [
    '# Times of the restore',
    markdown(figureHead, figureRows(times)),
    markdown(partHead, partRows(times)),
    `${note(times)}\n`,
  ].join('\n\n');
}

/** Kubernetes writes whole seconds. */
function whole(seconds: number | null): string {
  return seconds === null ? 'not written down' : `${seconds} s`;
}
