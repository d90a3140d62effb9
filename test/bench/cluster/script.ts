import { setTimeout as pause } from 'node:timers/promises';
import type { StagedStep, TaskControl } from '../../../activities/executor/tasks.ts';
import { stagingOfRestore } from '../../../activities/sql-server/paths.ts';
import { KubernetesPlatform } from '../../../activities/platform/kubernetes/kubernetes-platform.ts';
import { isComplete } from '../../../activities/platform/kubernetes/job/judge.ts';
import { labels } from '../../../activities/platform/kubernetes/labels.ts';
import { parseSettings } from '../../../client/config.ts';
import type { RestorePlan } from '../../../workflows/contracts.ts';
import { recoverStatement } from '../../../workflows/domain/commands.ts';
import { areOnCluster, type ClusterSettings } from '../../../workflows/domain/settings.ts';
import { names, workerValues } from '../../support/cluster/releases.ts';
import type { Site } from '../../support/cluster/site.ts';
import type { Workload } from '../../support/workload.ts';
import { restoreOf } from '../bare-restore.ts';
import { secondsOf } from '../median.ts';

/** Seconds, and what they went into. */
export interface ScriptTimes {
  readonly total: number;
  readonly jobs: number;
  readonly restoring: number;
}

const folder = stagingOfRestore('script');
const lookAgainMs = 100;
const control: TaskControl = { signal: new AbortController().signal, progress: () => undefined };

type Restore = (plan: RestorePlan) => Promise<ScriptTimes>;

/**
 * What somebody would write who has an evening: for each database the Job that copies its files, then its RESTORE statements, one
 * after the other; at the end recover all, and a Job that cleans up. Jobs and statements are the product's own.
 * @param hears of a Job's end: when it is `complete`, as `kubectl wait` does, or when it is `told` in its log, which is earlier
 */
export function openScript(site: Site, client: Workload, target: string, hears: 'complete' | 'told'): Restore {
  const keepJobsSeconds = hears === 'complete' ? 600 : 0;
  const settings = settingsOf(site, keepJobsSeconds);
  const platform = new KubernetesPlatform({ settings, api: site.api, owner: () => null });
  return async ({ databases, planPath, planDigest }) => {
    const times = { jobs: 0, restoring: 0 };
    const job = async (work: () => Promise<unknown>): Promise<void> => {
      times.jobs += await secondsOf(async () => {
        await work();
        if (hears === 'complete') await untilComplete(site, target);
      });
    };
    const execute = async (text: string): Promise<void> => {
      times.restoring += await secondsOf(() => client.query(text));
    };
    const total = await secondsOf(async () => {
      for (const { database, targetDatabase: as, slices } of databases) {
        const to = slices.at(-1)?.[1] ?? 0;
        const input = { planPath, planDigest, database, from: 0, to, stagingPath: folder };
        let steps: readonly StagedStep[] = [];
        await job(async () => {
          ({ steps } = await platform.run(target, 'stage', input, control, names.release));
        });
        for (const { set, stopAt, files } of steps) {
          const [file = ''] = files;
          await execute(restoreOf(set, { as, stopAt: stopAt ?? '', folder: file.slice(0, file.lastIndexOf('/')) }));
        }
      }
      for (const { targetDatabase } of databases) await execute(recoverStatement(targetDatabase));
      await job(() => platform.run(target, 'removeFolder', { path: folder, recursive: true }, control));
    });
    return { ...times, total };
  };
}

async function untilComplete({ api, namespace }: Site, target: string): Promise<void> {
  for (;;) {
    const jobs = await api.list('jobs', { namespace, labels: { [labels.instance]: target } }, control.signal);
    if (jobs.items.every(isComplete)) return;
    await pause(lookAgainMs);
  }
}

/** The worker's, as it reads them. */
function settingsOf({ namespace, workerImage }: Site, keepJobsSeconds: number): ClusterSettings {
  const values = workerValues({ image: workerImage, namespace, temporal: '', keepJobsSeconds }) as {
    readonly config: { readonly kubernetes: object };
  };
  const config = { ...values.config, kubernetes: { ...values.config.kubernetes, executorImage: workerImage } };
  const settings = parseSettings(JSON.stringify(config), 'the values of the worker');
  if (!areOnCluster(settings)) throw new Error('The worker’s settings are not for a cluster');
  return settings;
}
