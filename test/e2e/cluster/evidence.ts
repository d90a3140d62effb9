import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { annotations } from '../../../activities/platform/kubernetes/labels.ts';
import type { JobRecord, PodRecord } from '../../support/cluster/journal.ts';
import { recordOf, type RunRecord } from '../../support/cluster/activities-of.ts';
import { names } from '../../support/cluster/releases.ts';
import { programTimes, type RestoreTimes } from '../../support/cluster/restore-times.ts';
import type { Site } from '../../support/cluster/site.ts';
import { readStore } from '../../support/cluster/store-files.ts';
import type { RehearsalResult } from '../../../workflows/runtime-e2e.ts';
import { timesMarkdown } from './report.ts';

const kinds = 'statefulsets,deployments,pods,persistentvolumeclaims,services,jobs,configmaps';

/** What the run wrote into the store, and what the cluster says while everything is still there. */
export async function collectEvidence(
  site: Site,
  result: RehearsalResult,
  times: RestoreTimes,
  folder: string,
): Promise<void> {
  await mkdir(join(folder, 'k8s-job-logs'), { recursive: true });
  const keep = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text);
  const get = (...args: readonly string[]): Promise<string> => site.kubectl('get', ...args);
  const jobs = site.journal.jobs().toSorted((a, b) => a.created - b.created);
  await keep('k8s-get.txt', await get(kinds, '-o', 'wide'));
  await keep('k8s-objects.yaml', await get(kinds, '-o', 'yaml'));
  await keep('k8s-events.txt', await get('events', '--sort-by=.metadata.creationTimestamp', '-o', 'wide'));
  await keep('k8s-role.yaml', await get('roles,rolebindings,serviceaccounts', '-o', 'yaml'));
  await keep('k8s-worker.log', await site.kubectl('logs', `deployment/${names.worker}`));
  await keep('k8s-helm.txt', await site.cluster.helm(['list', '--all', '--namespace', site.namespace]));
  await keep('k8s-jobs.txt', jobs.map(jobLine).join(''));
  await keep('k8s-pod-times.txt', podTimes(site.journal.pods()));
  await keep('temporal-restore.txt', activityTimes(await recordOf(site.client, result.restoreWorkflowId)));
  for (const { pod, lines } of site.journal.pods()) {
    if (lines.length > 0) await keep(`k8s-job-logs/${pod.metadata?.name ?? ''}.log`, `${lines.join('\n')}\n`);
  }
  await keep('07b-times-of-the-restore.md', timesMarkdown(times));
  const { listing, texts } = await readStore(site, result.evidence);
  await keep('k8s-store-listing.txt', listing);
  for (const [name, text] of texts) await keep(name, text);
}

function jobLine({ job: { metadata, status } }: JobRecord): string {
  const times = [metadata?.creationTimestamp, status?.startTime, status?.completionTime].map((time) => time ?? '-');
  return `${times.join('  ')}  ${metadata?.name ?? ''}  ${metadata?.annotations?.[annotations.activity] ?? ''}\n`;
}

const clock = (at: number | null): string => (at === null ? '-' : new Date(at).toISOString().slice(11, 23)).padEnd(12);

function activityTimes({ started, closed, activities }: RunRecord): string {
  const rows = activities.map((each) => `${clock(each.started)}  ${clock(each.completed)}  ${each.type} ${each.id}`);
  return `${[`${clock(started)}  ${clock(closed)}  the run`, ...rows].join('\n')}\n`;
}

/** To the millisecond, as the harness heard of it, and the executor's own. */
function podTimes(pods: readonly PodRecord[]): string {
  const head = ['created', 'scheduled', 'started', 'begins', 'done', 'ended', 'ready'];
  const rows = pods.map(({ pod, created, scheduled, started, ended, ready, lines }) => {
    const { begins, done } = programTimes(lines);
    return `${[created, scheduled, started, begins, done, ended, ready].map(clock).join('  ')}  ${pod.metadata?.name ?? ''}`;
  });
  return [head.map((word) => word.padEnd(12)).join('  '), ...rows, ''].join('\n');
}
