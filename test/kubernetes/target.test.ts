import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Claim, Pod } from '../../activities/platform/kubernetes/api/resources.ts';
import { until } from '../support/until.ts';
import type { FakeApiServer } from './fake/api-server.ts';
import { claim, namespace, password, runningPod } from './fake/release.ts';
import { seedCluster, testControl } from './support.ts';

const restoreId = '20260210T065434Z-restore-1a2b3c4d';
const target = 'mssql-rt-target';
const statefulSet = 'mssql-rt-target-mssql-helm-db';
const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };

/** What the StatefulSet controller does: the claims of the templates, and a pod. */
function controlStatefulSets(server: FakeApiServer, podStatus: object | null = ready): void {
  server.on('statefulsets', 'ADDED', (object) => {
    const spec = object.spec as { volumeClaimTemplates: Claim[]; template: { metadata: object; spec: object } };
    const owner = { ownerReferences: [{ uid: object.metadata.uid }] };
    const pod = `${object.metadata.name}-0`;
    for (const template of spec.volumeClaimTemplates) {
      const name = `${template.metadata?.name ?? ''}-${pod}`;
      server.put('persistentvolumeclaims', {
        ...template,
        metadata: { ...template.metadata, name, namespace },
      });
    }
    if (podStatus === null) return;
    const metadata = { ...spec.template.metadata, ...owner, name: pod, namespace };
    server.put('pods', {
      metadata,
      spec: { ...spec.template.spec, nodeName: 'node-1' },
      status: podStatus,
    } as unknown as Pod);
  });
}

async function seeded(t: TestContext, podStatus?: object | null) {
  const fixture = await seedCluster(t);
  controlStatefulSets(fixture.server, podStatus);
  return fixture;
}

const create = (worker: ReturnType<Awaited<ReturnType<typeof seeded>>['worker']>, id = restoreId) =>
  worker.createTarget(target, 'mssql-rt', id, testControl());

describe('making a target', () => {
  it('makes it on the node of the source, and knows it by its label then', async (t) => {
    const { server, worker } = await seeded(t);
    const platform = worker();
    assert.equal(await platform.exists(target), false);
    assert.deepEqual(await create(platform), { created: true });
    assert.equal(await platform.exists(target), true);
    assert.deepEqual(await platform.endpoint(target), {
      host: 'mssql-rt-target.dbaas-mssql-rt.svc',
      port: 1433,
      user: 'sa',
      password,
      tls: { encrypt: true, trustServerCertificate: false },
    });
    const pinned = JSON.stringify(server.find('statefulsets', statefulSet).spec?.['template']);
    assert.match(pinned, /"matchFields":\[\{"key":"metadata.name","operator":"In","values":\["node-1"\]\}\]/);
  });

  it('is done once for one restore, whatever died in between', async (t) => {
    const { server, worker } = await seeded(t);
    server.fail('create statefulsets', { status: 422, reason: 'Invalid', message: 'not yet' });
    await assert.rejects(create(worker()), { type: 'ClusterRefused', message: /not yet/ });
    assert.equal(server.all('statefulsets').length, 1);
    await create(worker());
    assert.deepEqual(await create(worker()), { created: true });
    assert.equal(server.all('statefulsets').length, 2);
    assert.equal(server.asked.filter((each) => each === 'create statefulsets').length, 2);
  });

  it('takes one that is there as it is: of temporal.yaml, or of another restore', async (t) => {
    const { worker } = await seeded(t);
    const platform = worker();
    assert.deepEqual(await platform.createTarget('mssql-rt', 'mssql-rt', restoreId, testControl()), { created: false });
    await create(platform, 'another-restore');
    assert.deepEqual(await create(platform), { created: false });
  });

  it('is refused where something of the name is there already, or the claim of an earlier server', async (t) => {
    const { server, worker } = await seeded(t);
    server.put('persistentvolumeclaims', claim(`data-${statefulSet}-0`));
    await assert.rejects(create(worker()), {
      type: 'TargetFailed',
      message: /still has the claim data-mssql-rt-target-mssql-helm-db-0 of an earlier mssql-rt-target/,
    });
    assert.equal(server.all('statefulsets').length, 1);
    server.remove('persistentvolumeclaims', `data-${statefulSet}-0`);
    server.put('services', { metadata: { name: 'mssql-rt-target', namespace }, spec: {} });
    await assert.rejects(create(worker()), {
      type: 'TargetFailed',
      message: /has a Service mssql-rt-target that this restore did not make/,
    });
  });

  it('goes where the store is, and is refused where nobody else can have the store', async (t) => {
    const { server, worker } = await seeded(t);
    const store = 'mssql-rt-mssql-helm-instance-backup-store';
    server.put('pods', runningPod({ name: 'debug', node: 'node-2', claims: [store] }));
    // The store decides: the target's own volume is new.
    await create(worker());
    assert.match(JSON.stringify(server.find('statefulsets', statefulSet).spec), /"values":\["node-2"\]/);
    server.put('persistentvolumeclaims', claim(store, ['ReadWriteOncePod']));
    await assert.rejects(worker().createTarget('other', 'mssql-rt', restoreId, testControl()), {
      type: 'Unschedulable',
      message: /is ReadWriteOncePod and is used by the pod debug/,
    });
  });

  it('is refused where there is no StatefulSet to copy', async (t) => {
    const { server, worker } = await seeded(t);
    server.remove('statefulsets', 'mssql-rt-mssql-helm-db');
    await assert.rejects(create(worker()), {
      type: 'UnknownInstance',
      message: /has no StatefulSet mssql-rt-mssql-helm-db/,
    });
  });
});

describe('a target that does not come up', () => {
  const waiting = (reason: string, message: string) => ({
    phase: 'Pending',
    containerStatuses: [
      { name: 'mssql', image: 'mssql:2022', restartCount: 0, state: { waiting: { reason, message } } },
    ],
  });

  it('says that its image is not there', async (t) => {
    const { worker } = await seeded(t, waiting('ErrImagePull', 'manifest unknown'));
    await assert.rejects(create(worker()), { type: 'ImageUnavailable', message: /mssql:2022: manifest unknown/ });
  });

  it('says that no node takes it', async (t) => {
    const message = '0/2 nodes are available: 2 node(s) had volume node affinity conflict';
    const { server, worker } = await seeded(t, null);
    server.on('statefulsets', 'ADDED', ({ metadata, spec }) => {
      const pod = { ...(spec?.['template'] as { metadata: object }).metadata, name: `${metadata.name}-0`, namespace };
      const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }];
      server.put('pods', { metadata: pod, spec: {}, status: { phase: 'Pending', conditions } } as unknown as Pod);
    });
    await assert.rejects(create(worker()), { type: 'Unschedulable', message: /volume node affinity conflict/ });
  });

  it('says that its pod is refused', async (t) => {
    const { server, worker } = await seeded(t, null);
    server.put('events', {
      metadata: { name: 'e', namespace },
      involvedObject: { name: statefulSet },
      reason: 'FailedCreate',
      message: 'violates PodSecurity "restricted:latest"',
    });
    await assert.rejects(create(worker()), { type: 'ClusterRefused', message: /violates PodSecurity/ });
  });

  it('says how its server ends, with the last lines of its log and without its password', async (t) => {
    const { server, worker } = await seeded(t, {
      phase: 'Running',
      containerStatuses: [
        {
          name: 'mssql',
          restartCount: 1,
          state: { waiting: { reason: 'CrashLoopBackOff' } },
          lastState: { terminated: { exitCode: 1, reason: 'Error' } },
        },
      ],
    });
    server.log(`${statefulSet}-0`).write(`The licence was not accepted\nMSSQL_SA_PASSWORD=${password}\n`);
    await assert.rejects(create(worker()), (error: Error & { type: string }) => {
      assert.equal(error.type, 'TargetFailed');
      assert.match(error.message, /container mssql of .* ends again and again, last with exit code 1 \(Error\)/);
      assert.match(error.message, /The licence was not accepted\nMSSQL_SA_PASSWORD=\*\*\*/);
      assert.ok(!error.message.includes(password));
      return true;
    });
  });

  it('is waited for no longer when the restore is cancelled', async (t) => {
    const { server, worker } = await seeded(t, { phase: 'Running', containerStatuses: [] });
    const control = testControl();
    const making = worker().createTarget(target, 'mssql-rt', restoreId, control);
    await until('the pod is looked at', () => server.asked.includes('watch pods'));
    control.abort(new Error('cancelled'));
    await assert.rejects(making, /cancelled/);
  });
});

describe('removing a target', () => {
  it('removes all that this restore made, with the data, and nothing else', async (t) => {
    const { server, worker } = await seeded(t);
    const before = ['statefulsets', 'services', 'persistentvolumeclaims', 'pods'].map(
      (kind) => server.all(kind as never).length,
    );
    await create(worker());
    assert.equal(await worker().removeTarget(target, 'another-restore'), false);
    assert.equal(await worker().exists(target), true);
    assert.equal(await worker().removeTarget(target, restoreId), true);
    assert.equal(await worker().removeTarget(target, restoreId), false);
    const after = ['statefulsets', 'services', 'persistentvolumeclaims', 'pods'].map(
      (kind) => server.all(kind as never).length,
    );
    assert.deepEqual(after, before);
    assert.equal(await worker().exists(target), false);
  });

  it('never removes the source, whatever it is asked', async (t) => {
    const { worker } = await seeded(t);
    assert.equal(await worker().removeTarget('mssql-rt', restoreId), false);
    assert.equal(await worker().exists('mssql-rt'), true);
  });

  it('waits until the pod has ended', async (t) => {
    const { server, worker } = await seeded(t);
    await create(worker());
    const pod = server.find('pods', `${statefulSet}-0`);
    server.put('pods', { ...pod, metadata: { ...pod.metadata, ownerReferences: [] } } as never);
    let done = false;
    const removing = worker()
      .removeTarget(target, restoreId)
      .finally(() => (done = true));
    await until('the StatefulSet is gone', () => server.all('statefulsets').length === 1);
    await until('the pod is asked for', () => server.asked.at(-1) === 'list pods');
    assert.equal(done, false);
    server.remove('pods', `${statefulSet}-0`);
    assert.equal(await removing, true);
  });
});
