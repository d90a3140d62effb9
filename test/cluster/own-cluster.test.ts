import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { OwnCluster, StartedCluster } from './cluster.ts';
import { isRunning } from './host/processes.ts';
import { waitFor } from './host/wait.ts';
import { claim, job, pod, service, statefulSet } from './fixtures/objects.ts';
import { workloads } from './fixtures/workloads.ts';
import { baseImage, baseImageArchive } from './images/base-image.ts';
import { buildImage } from './images/build-image.ts';
import { loadImage } from './images/load-image.ts';
import { ctr } from './node/containerd.ts';
import { namespacesOf, processesOf, traces } from './leftovers.ts';
import { startCluster } from './start.ts';
import { clusterPlace } from './state.ts';
import { stopCluster, stopOrphans } from './stop.ts';
import { usingCluster } from './using.ts';

const cannot = process.platform !== 'linux' || process.getuid?.() !== 0 ? 'needs Linux and root' : false;
const name = 'self-test';
const say = (): undefined => undefined;

describe('a cluster of our own with two nodes', { skip: cannot }, () => {
  let cluster: StartedCluster;
  let own: OwnCluster;
  let bare: Set<string>;
  const { apply, finished, ready, jsonPath } = workloads(() => cluster);

  before(async () => {
    bare = await traces();
    cluster = await startCluster({ name, nodes: 2, say });
    own = cluster.own;
    await cluster.loadImage(await baseImageArchive(say));
  });
  after(() => cluster?.stop());

  it('runs a Job that is not root and writes to a volume made for it', async () => {
    await apply(
      claim('notes', '10Mi'),
      job({ name: 'writer', claims: { '/notes': 'notes' }, command: ['sh', '-c', 'id -u > /notes/uid'] }),
    );
    await finished('writer');
    assert.equal(await readFile(join(await own.volumePath('default', 'notes'), 'uid'), 'utf8'), '10001\n');
  });

  it('deletes a volume with its claim', async () => {
    const path = await own.volumePath('default', 'notes');
    await cluster.kubectl(['delete', 'job/writer', 'pvc/notes', '--wait=false']);
    await waitFor('the end of the volume', () =>
      readFile(join(path, 'uid')).then(
        () => false,
        () => true,
      ),
    );
    await waitFor('the end of its object', async () => (await cluster.kubectl(['get', 'pv', '-o', 'name'])) === '');
  });

  it('gives the pod of a StatefulSet the same volume again', async () => {
    await apply(statefulSet('store'));
    await waitFor('the first pod', async () => (await jsonPath('statefulset/store', '.status.readyReplicas')) === '1');
    await cluster.kubectl(['delete', 'pod', 'store-0']);
    await ready('store-0');
    const starts = join(await own.volumePath('default', 'data-store-0'), 'starts');
    await waitFor('its second start', async () => (await readFile(starts, 'utf8')) === 'start\nstart\n');
  });

  it('lets a pod of one node reach a Service of the other by its name, and the API server', async () => {
    const answer = "require('http').createServer((_, r) => r.end('hello')).listen(8080)";
    await apply(
      pod({ name: 'web', node: 'node-2', image: baseImage, command: ['node', '-e', answer] }),
      service('web', 8080),
    );
    await ready('web');
    const ask = `
      process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
      process.removeAllListeners('warning');
      const text = async (url) => (await fetch(url)).text();
      console.log(await text('http://web.default.svc:8080'), await text('https://kubernetes.default.svc/readyz'));`;
    await apply(
      job({
        name: 'caller',
        node: 'node-1',
        image: baseImage,
        command: ['node', '--no-warnings', '--input-type=module', '-e', ask],
      }),
    );
    assert.equal(await finished('caller'), 'hello ok\n');
  });

  it('lets this machine reach pods and services', async () => {
    for (const address of [
      await jsonPath('pod/web', '.status.podIP'),
      await jsonPath('service/web', '.spec.clusterIP'),
    ]) {
      assert.equal(await (await fetch(`http://${address}:8080`)).text(), 'hello');
    }
  });

  it('refuses to mount a volume on a node that it is not on, and says why', async () => {
    const node = await jsonPath('pod/store-0', '.spec.nodeName');
    const other = own.nodes.find((each) => each.name !== node)?.name ?? '';
    await apply(pod({ name: 'stranger', node: other, claims: { '/data': 'data-store-0' }, command: ['true'] }));
    await waitFor('the scheduler’s word', async () =>
      (await jsonPath('pod/stranger', '.status.conditions[0].message')).includes(
        "didn't match PersistentVolume's node affinity",
      ),
    );
    await cluster.kubectl(['delete', 'pod', 'stranger']);
  });

  it('fills a limited volume to its last byte, and gives it room again', async () => {
    const fill =
      'dd if=/dev/zero of=/disk/a bs=64k count=32; until dd if=/dev/zero of=/disk/b bs=64k count=32; do sleep 1; done';
    await apply(
      claim('disk', '1Mi', 'limited'),
      job({ name: 'filler', claims: { '/disk': 'disk' }, command: ['sh', '-c', fill] }),
    );
    await waitFor('a full disk', async () =>
      (await cluster.kubectl(['logs', 'job/filler'])).includes('No space left on device'),
    );
    await own.resizeVolume('default', 'disk', 8 * 2 ** 20);
    await finished('filler');
  });

  it('runs an image that was built from a Dockerfile', async () => {
    const fixtures = join(import.meta.dirname, 'fixtures');
    const image = 'localhost/hello:test';
    const archive = clusterPlace(name).file('hello.tar');
    await buildImage({
      name: image,
      dockerfile: join(fixtures, 'Dockerfile'),
      context: fixtures,
      buildArgs: { WORD: 'greetings' },
      archive,
      say,
    });
    await cluster.loadImage(archive);
    await apply(job({ name: 'hello', image }));
    assert.equal(await finished('hello'), 'greetings from uid 10001\n');
  });

  it('imports an image only where it is not yet', async () => {
    const place = clusterPlace(name);
    assert.deepEqual(await loadImage(place, ['node-1', 'node-2'], place.file('hello.tar')), []);
    await ctr(place, 'node-2', 'images', 'remove', 'localhost/hello:test');
    assert.deepEqual(await loadImage(place, ['node-1', 'node-2'], place.file('hello.tar')), ['node-2']);
  });

  it('records what a service account asks for, and whether it was allowed', async () => {
    await cluster.kubectl(['create', 'serviceaccount', 'asker']);
    await cluster.kubectl(['create', 'role', 'asker', '--verb=list', '--resource=pods']);
    await cluster.kubectl(['create', 'rolebinding', 'asker', '--role=asker', '--serviceaccount=default:asker']);
    const token = (await cluster.kubectl(['create', 'token', 'asker'])).trim();
    const statuses = [];
    for (const path of ['pods', 'secrets/nope', 'pods/web/log']) {
      statuses.push(await status(`https://${own.gateway}:6443/api/v1/namespaces/default/${path}`, token));
    }
    assert.deepEqual(statuses, [200, 403, 403]);
    const entries = await own.audit('default/asker');
    assert.deepEqual(
      entries.map(({ verb, resource, namespace, allowed, code }) => ({ verb, resource, namespace, allowed, code })),
      [
        { verb: 'list', resource: 'pods', namespace: 'default', allowed: true, code: 200 },
        { verb: 'get', resource: 'secrets', namespace: 'default', allowed: false, code: 403 },
        { verb: 'get', resource: 'pods/log', namespace: 'default', allowed: false, code: 403 },
      ],
    );
  });

  it('installs a chart with Helm', async () => {
    const folder = clusterPlace(name).file('chart');
    await cluster.helm(['create', folder]);
    await cluster.helm(['lint', folder]);
    await cluster.helm(['install', 'tried', folder, '--dry-run=server']);
  });

  it('kills the containers of a pod behind Kubernetes’ back', async () => {
    await apply(pod({ name: 'victim', command: ['sleep', '1000'] }));
    await ready('victim');
    await own.killContainers('default', 'victim');
    await waitFor('the news of it', async () => (await jsonPath('pod/victim', '.status.phase')) === 'Failed');
    const code = await jsonPath('pod/victim', '.status.containerStatuses[0].state.terminated.exitCode');
    assert.equal(code, '137');
  });

  it('keeps containers running while their kubelet is dead, and takes work again after', async () => {
    const [node] = own.nodes.filter((each) => each.name === 'node-2');
    const url = `http://${await jsonPath('pod/web', '.status.podIP')}:8080`;
    await node?.kubelet.kill();
    assert.equal(await (await fetch(url)).text(), 'hello');
    await apply(job({ name: 'later', node: 'node-2', command: ['echo', 'done'] }));
    await node?.kubelet.start();
    assert.equal(await finished('later'), 'done\n');
    assert.equal(await (await fetch(url)).text(), 'hello');
  });

  it('loses a node without the other noticing, and gets it back', async () => {
    const lost = own.nodes.find((each) => each.name === 'node-2');
    const url = `http://${await jsonPath('pod/web', '.status.podIP')}:8080`;
    await lost?.kill();
    await assert.rejects(fetch(url, { signal: AbortSignal.timeout(1_000) }));
    await apply(job({ name: 'left', node: 'node-1', command: ['echo', 'here'] }));
    assert.equal(await finished('left'), 'here\n');
    await lost?.start();
    await apply(job({ name: 'back', node: 'node-2', command: ['echo', 'again'] }));
    assert.equal(await finished('back'), 'again\n');
  });

  it('goes on after its API server was killed', async () => {
    await own.apiServer.kill();
    await assert.rejects(cluster.kubectl(['get', '--raw', '/readyz']));
    await own.apiServer.start();
    await apply(
      claim('after', '1Mi'),
      job({ name: 'after', claims: { '/data': 'after' }, command: ['touch', '/data/x'] }),
    );
    await finished('after');
  });

  it('is taken as it is when it is up already, and stays when that user stops', async () => {
    const again = await startCluster({ name, nodes: 2, say });
    await again.stop();
    assert.equal(again.kubeconfig, cluster.kubeconfig);
    await cluster.kubectl(['get', '--raw', '/readyz']);
    await assert.rejects(startCluster({ name, nodes: 1, say }), /is up with 2 node\(s\), not 1/);
  });

  it('can be given by KUBECONFIG, and is then nobody’s to stop', async (t) => {
    t.after(() => delete process.env['KUBECONFIG']);
    process.env['KUBECONFIG'] = cluster.kubeconfig;
    const given = await usingCluster({ name: 'never-started', say });
    assert.equal(given.own, null);
    assert.match(await given.kubectl(['get', 'nodes']), /node-2/);
    await given.stop();
    await cluster.kubectl(['get', '--raw', '/readyz']);
  });

  describe('of which a second one is started beside it', () => {
    const second = clusterPlace('self-test-2');
    const starter = join(import.meta.dirname, 'fixtures', 'starter', 'main.ts');
    const starting = async (part: string): Promise<ChildProcess> => {
      const child = spawn(process.execPath, [starter, second.name], { stdio: 'ignore' });
      await waitFor(`${part} of ${second.name}`, () => second.processes.running(part) !== null);
      return child;
    };
    let machine: Set<string>;

    before(async () => {
      machine = await traces();
    });
    after(() => stopCluster(second));

    const assertNothingIsLeft = async (): Promise<void> => {
      assert.deepEqual(processesOf(second.folder), []);
      assert.deepEqual(
        [...(await traces())].filter((trace) => !machine.has(trace)),
        [],
      );
    };

    it('clears away a start that was interrupted, when the next one is made', async () => {
      const child = await starting('node-1.containerd');
      child.kill('SIGKILL');
      await once(child, 'exit');
      assert.notDeepEqual(processesOf(second.folder), []);
      await stopOrphans(say);
      await assertNothingIsLeft();
    });

    it('goes down with a process that is told to end while it starts it', async () => {
      const child = await starting('kube-apiserver');
      child.kill('SIGTERM');
      await once(child, 'exit');
      await waitFor('its end', () => second.read() === null);
      await assertNothingIsLeft();
      await cluster.kubectl(['get', '--raw', '/readyz']);
    });
  });

  it('leaves nothing behind when it stops, and stops twice', async () => {
    const place = clusterPlace(name);
    const inits = place.processes.names().filter((each) => each.endsWith('.init'));
    const machine = namespacesOf(process.pid);
    const namespaces = inits
      .flatMap((each) => namespacesOf(place.processes.running(each)?.pid ?? 0))
      .filter((each) => !machine.includes(each));
    assert.equal(namespaces.length, 6);
    // The kernel gives a namespace's number to another one later on, so the processes are listed while they run.
    const processes = processesOf(place.folder, namespaces);
    assert.ok(processes.length > 10);
    await cluster.stop();
    assert.deepEqual(processes.filter(isRunning), []);
    assert.deepEqual(processesOf(place.folder), []);
    assert.deepEqual(
      [...(await traces())].filter((trace) => !bare.has(trace)),
      [],
    );
    assert.equal(place.read(), null);
    await cluster.stop();
  });
});

async function status(url: string, token: string): Promise<number> {
  const asked = request(url, { rejectUnauthorized: false, headers: { authorization: `Bearer ${token}` } }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode ?? 0;
}
