import type { TestContext } from 'node:test';
import { parseSettings } from '../../client/config.ts';
import { KubernetesPlatform } from '../../activities/platform/kubernetes/kubernetes-platform.ts';
import type { Owner } from '../../activities/platform/kubernetes/job/owner.ts';
import type { TaskControl, TaskProgress } from '../../activities/executor/tasks.ts';
import { areOnCluster, type ClusterSettings } from '../../workflows/domain/settings.ts';
import { FakeApiServer } from './fake/api-server.ts';
import { installRelease } from './fake/release.ts';

export const yaml = `stores:
  main: { platform: kubernetes, namespace: dbaas-mssql-rt, claim: mssql-rt-mssql-helm-instance-backup-store }
instances:
  mssql-rt:
    platform: kubernetes
    namespace: dbaas-mssql-rt
    login: { user: backup, password: { secret: { name: mssql-rt-sa, key: password } } }
    store: main
kubernetes: { executorImage: 'mssql-pitr:1' }
`;

export function clusterSettings(text = yaml): ClusterSettings {
  const settings = parseSettings(text, '/etc/pitr/temporal.yaml');
  if (areOnCluster(settings)) return settings;
  throw new Error('These settings are not on a cluster');
}

export const owner: Owner = {
  workflowId: 'backup/mssql-rt/log',
  runId: 'run-1',
  activityId: '5',
  activity: 'commitStaged',
};

export interface Fixture {
  readonly server: FakeApiServer;
  /** A worker of its own: another one is another process. */
  worker(of?: Owner | null): KubernetesPlatform;
}

/** The seed's release in a fake cluster. */
export async function seedCluster(t: TestContext, text?: string): Promise<Fixture> {
  const server = await FakeApiServer.start(t);
  installRelease(server);
  const settings = clusterSettings(text);
  const worker = (of: Owner | null = owner): KubernetesPlatform =>
    new KubernetesPlatform({ settings, api: server.api, owner: () => of });
  return { server, worker };
}

export interface TestControl extends TaskControl {
  readonly progressed: TaskProgress[];
  abort(reason?: unknown): void;
}

export function testControl(): TestControl {
  const controller = new AbortController();
  const progressed: TaskProgress[] = [];
  return {
    signal: controller.signal,
    progressed,
    progress: (progress) => void progressed.push(progress),
    abort: (reason) => controller.abort(reason),
  };
}
