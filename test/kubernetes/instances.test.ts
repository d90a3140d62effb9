import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Service, StatefulSet } from '../../activities/platform/kubernetes/api/resources.ts';
import { createPlatform } from '../../activities/platform/index.ts';
import { chooseService } from '../../activities/platform/kubernetes/endpoint.ts';
import { KubernetesPlatform } from '../../activities/platform/kubernetes/kubernetes-platform.ts';
import { onJob, type FakeJob } from './fake/job-controller.ts';
import { chartStatefulSet, claim, namespace, password, service, statefulSetName, storeClaim } from './fake/release.ts';
import { clusterSettings, seedCluster, testControl, yaml } from './support.ts';

const selector = { 'app.kubernetes.io/name': 'mssql-helm', 'app.kubernetes.io/instance': 'mssql-rt' };
const tds = [{ name: 'tds', port: 1433 }];

describe('the endpoint of an instance', () => {
  it('is its Service, with the password from the Secret as it is now', async (t) => {
    const { server, worker } = await seedCluster(t);
    const platform = worker();
    assert.deepEqual(await platform.endpoint('mssql-rt'), {
      host: 'mssql-rt.dbaas-mssql-rt.svc',
      port: 1433,
      user: 'backup',
      password,
      tls: { encrypt: true, trustServerCertificate: false },
    });
    const data = { password: Buffer.from('rotated').toString('base64') };
    server.put('secrets', { metadata: { name: 'mssql-rt-sa', namespace }, data });
    assert.equal((await platform.endpoint('mssql-rt')).password, 'rotated');
  });

  it('is the Service that temporal.yaml names, and trusts the certificate that it names', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'pitr-kubernetes-'));
    t.after(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'ca.pem'), 'a certificate\n');
    const more = `store: main\n    service: sql-read\n    port: 31433\n    tls: { caFile: ${folder}/ca.pem }`;
    const { worker } = await seedCluster(t, yaml.replace('store: main', more));
    const { host, port, tls } = await worker().endpoint('mssql-rt');
    assert.deepEqual([host, port, tls.ca], ['sql-read.dbaas-mssql-rt.svc', 31433, 'a certificate\n']);
  });

  it('prefers a Service with an address of its own, and needs one with the port', () => {
    const cases: readonly [readonly Service[], string | null][] = [
      [
        [
          service('b', { clusterIP: 'None', selector, ports: tds }),
          service('c', { clusterIP: '1', selector, ports: tds }),
        ],
        'c',
      ],
      [[service('b', { selector, ports: tds }), service(statefulSetName, { selector, ports: tds })], statefulSetName],
      [[service('b', { selector, ports: [{ port: 80 }] }), service('c', { selector: { app: 'x' }, ports: tds })], null],
      [[service('b', { ports: tds })], null],
    ];
    for (const [services, expected] of cases) assert.equal(chooseService(chartStatefulSet(), services, 1433), expected);
  });

  it('that cannot be found is told with what to do', async (t) => {
    const { server, worker } = await seedCluster(t);
    for (const { metadata } of server.all('services')) server.remove('services', metadata.name);
    await assert.rejects(worker().endpoint('mssql-rt'), {
      type: 'UnknownInstance',
      message: /no Service with the port 1433 that selects the pods of mssql-rt-mssql-helm-db; name the Service/,
    });
    await assert.rejects(worker().endpoint('nope'), {
      type: 'UnknownInstance',
      message: /temporal\.yaml has mssql-rt/,
    });
  });

  it('names the Secret that is missing or empty, and never what is in it', async (t) => {
    const { server, worker } = await seedCluster(t);
    server.put('secrets', { metadata: { name: 'mssql-rt-sa', namespace }, data: { other: 'eA==' } });
    await assert.rejects(worker().endpoint('mssql-rt'), {
      type: 'LoginFailed',
      message: /the key password of the Secret mssql-rt-sa in the namespace dbaas-mssql-rt is empty or missing/,
    });
    server.remove('secrets', 'mssql-rt-sa');
    await assert.rejects(worker().endpoint('mssql-rt'), { type: 'LoginFailed', message: /is not there/ });
  });
});

describe('the place of a Job', () => {
  async function jobOf(
    t: Parameters<typeof seedCluster>[0],
    how: 'run' | 'runOnStore',
    change?: (set: StatefulSet) => void,
  ) {
    const { server, worker } = await seedCluster(t);
    if (change !== undefined) {
      const set = structuredClone(chartStatefulSet());
      change(set);
      server.put('statefulsets', set);
    }
    const jobs: FakeJob[] = [];
    onJob(server, (job) => {
      jobs.push(job);
      job.pod();
      setImmediate(() => job.finish({}));
    });
    const input = { path: 'mssql-rt/.runs/a', text: 'x' };
    await worker()[how]('mssql-rt', 'writeFile', input, testControl());
    const object = jobs[0]!;
    return { object, pod: object.spec.template.spec as unknown as PodSpec };
  }

  interface PodSpec {
    readonly securityContext: object;
    readonly automountServiceAccountToken: boolean;
    readonly tolerations: unknown;
    readonly affinity: unknown;
    readonly volumes: readonly {
      readonly name: string;
      readonly persistentVolumeClaim?: { readonly claimName: string };
    }[];
    readonly containers: readonly {
      readonly image: string;
      readonly securityContext: object;
      readonly env?: unknown;
      readonly volumeMounts: readonly {
        readonly name: string;
        readonly mountPath: string;
        readonly subPath?: string;
      }[];
    }[];
  }

  it("is beside the server, as the server's user, with no more rights than it needs", async (t) => {
    const { object, pod } = await jobOf(t, 'run');
    assert.deepEqual(pod.securityContext, {
      runAsNonRoot: true,
      runAsUser: 10001,
      runAsGroup: 10001,
      fsGroup: 10001,
      fsGroupChangePolicy: 'OnRootMismatch',
      supplementalGroups: [],
      seccompProfile: { type: 'RuntimeDefault' },
    });
    const [container] = pod.containers;
    assert.deepEqual(container?.securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    assert.equal(pod.automountServiceAccountToken, false);
    assert.equal(container.env, undefined);
    assert.equal(container.image, 'mssql-pitr:1');
    assert.deepEqual(pod.tolerations, [{ key: 'sql', operator: 'Exists' }]);
    assert.match(
      JSON.stringify(pod.affinity),
      /"required.*"key":"metadata.name","operator":"In","values":\["node-1"\]/,
    );
    assert.deepEqual(
      container.volumeMounts.map(({ name, mountPath }) => [name, mountPath]),
      [
        ['store', '/backup-store'],
        ['sql', '/var/opt/mssql'],
        ['task', '/task'],
      ],
    );
    assert.deepEqual(
      pod.volumes.slice(0, 2).map(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName),
      [storeClaim, `data-${statefulSetName}-0`],
    );
    const { backoffLimit, activeDeadlineSeconds, ttlSecondsAfterFinished } = object.spec;
    assert.deepEqual([backoffLimit, activeDeadlineSeconds, ttlSecondsAfterFinished], [2, 86_400, 3_600]);
  });

  it('has the store alone for work on the store, and is only better beside the server', async (t) => {
    const { pod } = await jobOf(t, 'runOnStore');
    assert.deepEqual(
      pod.containers[0]?.volumeMounts.map(({ name }) => name),
      ['store', 'task'],
    );
    assert.match(JSON.stringify(pod.affinity), /"preferred.*"values":\["node-1"\]/);
  });

  it('follows another user and another folder of the volume, but is never root', async (t) => {
    const { pod } = await jobOf(t, 'run', (set) => {
      const spec = set.spec!.template.spec! as unknown as Record<string, unknown>;
      spec['securityContext'] = { runAsUser: 0, fsGroup: 70 };
      const [container] = spec['containers'] as { volumeMounts: object[] }[];
      container!.volumeMounts = [{ name: 'data', mountPath: '/var/opt/mssql/', subPath: 'here' }];
    });
    const { runAsUser, runAsGroup, fsGroup } = pod.securityContext as Record<string, unknown>;
    assert.deepEqual([runAsUser, runAsGroup, fsGroup], [10001, 0, 70]);
    assert.equal(pod.containers[0]?.volumeMounts[1]?.subPath, 'here');
  });

  it('is labelled with whose work it is', async (t) => {
    const { object } = await jobOf(t, 'run');
    const { labels, annotations } = object.spec.template.metadata as unknown as Record<string, Record<string, string>>;
    assert.equal(labels?.['mssql-pitr/instance'], 'mssql-rt');
    assert.equal(labels?.['mssql-pitr/task'], 'writeFile');
    assert.equal(labels?.['mssql-pitr/run-id'], 'run-1');
    assert.equal(annotations?.['mssql-pitr/workflow-id'], 'backup/mssql-rt/log');
  });

  it('can be had for the store of an instance that is gone', async (t) => {
    const { server, worker } = await seedCluster(t);
    server.remove('statefulsets', statefulSetName);
    onJob(server, (job) => {
      job.pod();
      setImmediate(() => job.finish({}));
    });
    const input = { path: 'mssql-rt/.runs/a', text: 'x' };
    assert.deepEqual(await worker().runOnStore('mssql-rt', 'writeFile', input, testControl()), {});
    await assert.rejects(worker().run('mssql-rt', 'writeFile', input, testControl()), { type: 'UnknownInstance' });
  });

  it('is refused in words where it is not as temporal.yaml says', async (t) => {
    const { server, worker } = await seedCluster(t);
    const run = () => worker().run('mssql-rt', 'listStaged', { path: 'a' }, testControl());
    server.remove('persistentvolumeclaims', storeClaim);
    await assert.rejects(run(), {
      type: 'Unschedulable',
      message: new RegExp(`no PersistentVolumeClaim ${storeClaim}`),
    });
    server.put('persistentvolumeclaims', claim(storeClaim));
    const set = structuredClone(chartStatefulSet());
    const [container] = set.spec!.template.spec!.containers as unknown as { volumeMounts: object[] }[];
    container!.volumeMounts = [{ name: 'data', mountPath: '/var/opt/mssql/data' }];
    server.put('statefulsets', set);
    await assert.rejects(run(), { type: 'InvalidInput', message: /has a claim mounted at \/var\/opt\/mssql/ });

    const other = new KubernetesPlatform({
      settings: clusterSettings(yaml.replace('store: main', 'store: main\n    dataClaim: other')),
      api: server.api,
      owner: () => null,
    });
    server.put('statefulsets', chartStatefulSet());
    await assert.rejects(other.run('mssql-rt', 'listStaged', { path: 'a' }, testControl()), {
      type: 'InvalidInput',
      message: /dataClaim of mssql-rt is other, and its StatefulSet .* has data-mssql-rt-mssql-helm-db-0/,
    });
  });

  it('needs an image', async (t) => {
    const { worker } = await seedCluster(t, yaml.replace(/kubernetes: \{.*\n/, ''));
    delete process.env['MSSQL_PITR_EXECUTOR_IMAGE'];
    await assert.rejects(worker().run('mssql-rt', 'listStaged', { path: 'a' }, testControl()), {
      type: 'InvalidInput',
      message: /kubernetes\.executorImage in temporal\.yaml, or MSSQL_PITR_EXECUTOR_IMAGE/,
    });
  });
});

describe('the platform of settings', () => {
  it('is kubernetes where the instances are', () => {
    assert.ok(createPlatform(clusterSettings()) instanceof KubernetesPlatform);
  });
});
