import type { KubernetesSettings } from '../../../../workflows/domain/settings.ts';
import type { PackedTask } from '../../../executor/program/task-file.ts';
import { exitCodes, mounts } from '../../../executor/program/tasks.ts';
import { typeOf, type ConfigMap, type Job, type PodSpec } from '../api/resources.ts';
import { annotations, commonLabels, labels, labelValue } from '../labels.ts';
import type { Site } from '../volumes/site.ts';
import type { Order } from './order.ts';

export interface JobPlan {
  readonly name: string;
  /** Tells this Job from one of the same name before or after it. */
  readonly start: string;
  readonly order: Order;
  readonly site: Site;
  readonly input: PackedTask;
  readonly image: string;
  readonly settings: KubernetesSettings;
}

export const containerName = 'executor';
/** Pods that died of something else than the work itself (a node that was drained does not count) are replaced so often. */
const replacedPods = 2;
/** For results that nobody came for: a worker that was away may still ask. */
const keepUnreadSeconds = 3_600;
/** A copy that is told to stop needs only to take its partial file away. */
const stopSeconds = 10;

/** The Job of an executor, as the restricted Pod Security Standard wants pods to be. */
export function jobManifest(plan: JobPlan): Job {
  const { name, order, site, settings } = plan;
  return {
    metadata: { name, namespace: site.namespace, labels: labelsOf(plan), annotations: annotationsOf(order) },
    spec: {
      backoffLimit: replacedPods,
      activeDeadlineSeconds: settings.jobDeadlineSeconds,
      ttlSecondsAfterFinished: settings.keepJobsSeconds || keepUnreadSeconds,
      podFailurePolicy: {
        rules: [
          { action: 'FailJob', onExitCodes: { operator: 'In', values: [exitCodes.failed, exitCodes.broken] } },
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
        ],
      },
      template: {
        metadata: { labels: labelsOf(plan), annotations: { ...annotationsOf(order), ...inlined(plan) } },
        spec: podSpec(plan),
      },
    },
  };
}

/** An input that is too large for an annotation; removed with the Job, whose it is. */
export function inputManifests({ name, start, input, site }: JobPlan, jobUid: string): readonly ConfigMap[] {
  if ('inline' in input) return [];
  return input.parts.map((part, i) => ({
    metadata: {
      name: inputName(name, start, i),
      namespace: site.namespace,
      labels: commonLabels('executor'),
      ownerReferences: [{ ...typeOf('jobs'), name, uid: jobUid }],
    },
    immutable: true,
    binaryData: { [part.name]: part.bytes.toString('base64') },
  }));
}

function podSpec(plan: JobPlan): PodSpec {
  const { site, image, settings } = plan;
  const { user, sql, storeClaim } = site;
  return {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: stopSeconds,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    ...(settings.executorServiceAccount === undefined ? {} : { serviceAccountName: settings.executorServiceAccount }),
    imagePullSecrets: settings.imagePullSecrets.map((secret) => ({ name: secret })),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: user.uid,
      runAsGroup: user.gid,
      fsGroup: user.fsGroup,
      // Changing the owner of every file of a large volume would take minutes, before every Job.
      fsGroupChangePolicy: 'OnRootMismatch',
      supplementalGroups: user.groups,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    ...affinityOf(site),
    tolerations: site.tolerations,
    containers: [
      {
        name: containerName,
        image,
        command: ['node', 'activities/executor/main.ts'],
        resources: settings.resources,
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        volumeMounts: [
          { name: 'store', mountPath: mounts.store },
          ...(sql === null ? [] : [{ name: 'sql', mountPath: mounts.sql, ...subPathOf(sql.subPath) }]),
          { name: 'task', mountPath: mounts.task, readOnly: true },
        ],
      },
    ],
    volumes: [
      { name: 'store', persistentVolumeClaim: { claimName: storeClaim } },
      ...(sql === null ? [] : [{ name: 'sql', persistentVolumeClaim: { claimName: sql.claim } }]),
      { name: 'task', projected: { sources: taskSources(plan) } },
    ],
  };
}

type Sources = NonNullable<NonNullable<NonNullable<PodSpec['volumes']>[number]['projected']>['sources']>;

function taskSources({ name, start, input }: JobPlan): Sources {
  if ('parts' in input) return input.parts.map((_, i) => ({ configMap: { name: inputName(name, start, i) } }));
  const fieldRef = { fieldPath: `metadata.annotations['${annotations.task}']` };
  return [{ downwardAPI: { items: [{ path: input.inline.name, fieldRef }] } }];
}

/** By the node's own name, as DaemonSets do it, so that the scheduler still says why when it cannot be. */
function affinityOf({ placement: { required, preferred } }: Site): Pick<PodSpec, 'affinity'> {
  const node = (name: string) => ({ matchFields: [{ key: 'metadata.name', operator: 'In', values: [name] }] });
  if (required !== null) {
    const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [node(required)] } };
    return { affinity: { nodeAffinity } };
  }
  if (preferred === null) return {};
  const nodeAffinity = {
    preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, preference: node(preferred) }],
  };
  return { affinity: { nodeAffinity } };
}

function subPathOf(subPath: string | null): { readonly subPath?: string } {
  return subPath === null ? {} : { subPath };
}

/** A ConfigMap of an earlier Job of the name may be there for a moment longer. */
function inputName(job: string, start: string, part: number): string {
  return `${job}-${start}-${part}`;
}

function labelsOf({ start, order }: JobPlan): Record<string, string> {
  return {
    ...commonLabels('executor'),
    [labels.instance]: labelValue(order.instance),
    [labels.task]: order.task.task,
    [labels.start]: start,
    ...(order.owner === null ? {} : { [labels.runId]: labelValue(order.owner.runId) }),
  };
}

function annotationsOf({ owner }: Order): Record<string, string> {
  return owner === null
    ? {}
    : { [annotations.workflowId]: owner.workflowId, [annotations.activity]: `${owner.activity} ${owner.activityId}` };
}

function inlined({ input }: JobPlan): Record<string, string> {
  return 'inline' in input ? { [annotations.task]: input.inline.text } : {};
}
