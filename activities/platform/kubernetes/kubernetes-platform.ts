import { log } from '@temporalio/activity';
import type { ClusterSettings } from '../../../workflows/domain/settings.ts';
import type { ProgramTaskName, ProgramTasks } from '../../executor/program/tasks.ts';
import type { TaskControl, TaskName, Tasks } from '../../executor/tasks.ts';
import type { Platform, RightCheck, SqlEndpoint } from '../platform.ts';
import { openClusterApi, type ClusterApi } from './api/cluster-api.ts';
import { loadKubeConfig } from './api/kube-config.ts';
import { onCluster } from './api/map-error.ts';
import { openTransport } from './api/transport.ts';
import { checkRights } from './check-rights.ts';
import { endpointOf } from './endpoint.ts';
import { findInstance, type Cluster } from './instances.ts';
import { endJobs } from './job/end-jobs.ts';
import { currentOwner, type Owner } from './job/owner.ts';
import { openJobRunner, type JobRunner } from './job/run-job.ts';
import { openPlanPages, type PlanPages } from './plan-pages.ts';
import { openStagedAhead, type StagedAhead } from './staged-ahead.ts';
import { createTarget } from './target/create-target.ts';
import { removeTarget } from './target/remove-target.ts';
import { siteOfInstance, siteOfStore, type Site } from './volumes/site.ts';

interface KubernetesOptions {
  readonly settings: ClusterSettings;
  /** The cluster that the service account or KUBECONFIG names, when absent. */
  readonly api?: ClusterApi;
  /** On whose behalf Jobs run: the current activity's, when absent. */
  readonly owner?: () => Owner | null;
}

/** Instances are StatefulSets, volumes are claims, and the executor runs as a Job. */
export class KubernetesPlatform implements Platform {
  readonly #cluster: Cluster;
  readonly #jobs: JobRunner;
  readonly #plans: PlanPages;
  readonly #ahead: StagedAhead;
  readonly #owner: () => Owner | null;

  constructor({ settings, api = ownCluster(), owner = currentOwner }: KubernetesOptions) {
    this.#cluster = { settings, api };
    this.#owner = owner;
    this.#jobs = openJobRunner(this.#cluster, warn);
    this.#plans = openPlanPages(({ source, ...input }, control) =>
      this.#perform('planPages', input, source, source, this.#ofStore(source), control),
    );
    this.#ahead = openStagedAhead(async ({ target, source }, slices, control) => {
      const [slice, ...others] = slices;
      const locate = this.#ofInstance(target, source);
      if (slice !== undefined && others.length === 0) {
        return [await this.#perform('stage', slice, target, source, locate, control)];
      }
      return this.#perform('stageSeveral', { slices }, target, source, locate, control);
    });
  }

  async run<T extends TaskName>(
    instance: string,
    task: T,
    input: Tasks[T]['input'],
    control: TaskControl,
    storeOf: string = instance,
  ): Promise<Tasks[T]['output']> {
    if (task === 'stage') {
      const slice = input as Tasks['stage']['input'];
      return this.#ahead.stage({ target: instance, source: storeOf, slice }, control);
    }
    if (task === 'removeFolder' && (input as Tasks['removeFolder']['input']).recursive) {
      await this.#endOthers(instance, control.signal);
    }
    return this.#perform(task, input, instance, storeOf, this.#ofInstance(instance, storeOf), control);
  }

  async runOnStore<T extends TaskName>(
    source: string,
    task: T,
    input: Tasks[T]['input'],
    control: TaskControl,
  ): Promise<Tasks[T]['output']> {
    if (task === 'readPlan') {
      const plan = input as Tasks['readPlan']['input'];
      return onCluster(() => this.#plans.read({ source, ...plan }, control));
    }
    return this.#perform(task, input, source, source, this.#ofStore(source), control);
  }

  endpoint(instance: string): Promise<SqlEndpoint> {
    return onCluster(() => endpointOf(this.#cluster, instance, AbortSignal.timeout(lookMs)));
  }

  exists(instance: string): Promise<boolean> {
    return onCluster(async () => (await findInstance(this.#cluster, instance, AbortSignal.timeout(lookMs))) !== null);
  }

  createTarget(
    target: string,
    source: string,
    restoreId: string,
    { signal }: TaskControl,
  ): Promise<{ readonly created: boolean }> {
    return onCluster(() => createTarget({ cluster: this.#cluster, target, source, restoreId, signal }));
  }

  removeTarget(target: string, restoreId: string): Promise<boolean> {
    return onCluster(() => removeTarget(this.#cluster, target, restoreId));
  }

  checkRights(instance: string, signal: AbortSignal): Promise<readonly RightCheck[]> {
    return onCluster(() => checkRights(this.#cluster, instance, signal));
  }

  /** Before a folder goes with all that is in it: what a dead worker left working would fill it again. */
  async #endOthers(instance: string, signal: AbortSignal): Promise<void> {
    const owner = this.#owner();
    if (owner !== null) await onCluster(() => endJobs(this.#cluster, instance, owner, signal));
  }

  #ofInstance(instance: string, storeOf: string): (signal: AbortSignal) => Promise<Site> {
    return (signal) => siteOfInstance(this.#cluster, instance, storeOf, signal);
  }

  #ofStore(source: string): (signal: AbortSignal) => Promise<Site> {
    return (signal) => siteOfStore(this.#cluster, source, signal);
  }

  async #perform<T extends ProgramTaskName>(
    task: T,
    input: ProgramTasks[T]['input'],
    instance: string,
    storeOf: string,
    locate: (signal: AbortSignal) => Promise<Site>,
    control: TaskControl,
  ): Promise<ProgramTasks[T]['output']> {
    const order = { instance, storeOf, task: { formatVersion: 1 as const, task, input }, owner: this.#owner() };
    const { output, pages } = await onCluster(() => this.#jobs.run(order, locate, control));
    if (pages !== undefined) {
      const plan = output as Tasks['plan']['output'];
      this.#plans.keep(plan.planDigest, pages);
      this.#ahead.expect(plan);
    }
    return output;
  }
}

const lookMs = 60_000;

/** Loaded at first use, and again when that failed. */
function ownCluster(): ClusterApi {
  let config: ReturnType<typeof loadKubeConfig> | null = null;
  return openClusterApi(
    openTransport(() => {
      config ??= loadKubeConfig();
      config.catch(() => {
        config = null;
      });
      return config;
    }),
  );
}

function warn(message: string, facts: object): void {
  if (currentOwner() !== null) log.warn(message, { ...facts });
}
