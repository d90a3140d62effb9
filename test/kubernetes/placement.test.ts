import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Pod } from '../../activities/platform/kubernetes/api/resources.ts';
import { labels } from '../../activities/platform/kubernetes/labels.ts';
import { place } from '../../activities/platform/kubernetes/volumes/placement.ts';
import { claim, runningPod } from './fake/release.ts';

const sql = (node?: string): Pod =>
  runningPod({ name: 'sql-0', claims: ['data'], ...(node === undefined ? {} : { node }) });
const executor = (node: string): Pod =>
  runningPod({
    name: 'job',
    node,
    claims: ['store', 'data'],
    labels: { [labels.component]: 'executor', [labels.start]: 'x' },
  });
const other = (node: string): Pod => runningPod({ name: 'debug', node, claims: ['store'] });
const ended = (pod: Pod): Pod => ({ ...pod, status: { phase: 'Succeeded' } });
const both = [claim('store'), claim('data')];

describe('a pod that mounts volumes', () => {
  it('goes where the ReadWriteOnce volume of a running server is', () => {
    assert.deepEqual(place({ claims: both, pods: [sql('n1'), executor('n1')] }), { required: 'n1', preferred: null });
  });

  it('goes where the scheduler likes when nobody uses its volumes', () => {
    const free = { required: null, preferred: null };
    assert.deepEqual(place({ claims: both, pods: [] }), free);
    assert.deepEqual(place({ claims: both, pods: [sql(), ended(other('n2'))] }), free);
  });

  it('goes where it likes when its volumes can be everywhere', () => {
    const everywhere = [claim('store', ['ReadWriteMany']), claim('data', ['ReadWriteOnce', 'ReadOnlyMany'])];
    assert.deepEqual(place({ claims: everywhere, pods: [other('n1'), sql('n2')] }), {
      required: null,
      preferred: null,
    });
    assert.deepEqual(place({ claims: [everywhere[0]!, claim('data')], pods: [other('n1'), sql('n2')] }), {
      required: 'n2',
      preferred: null,
    });
  });

  it('goes after an executor, which ends soon, where nothing else decides', () => {
    assert.deepEqual(place({ claims: [claim('store')], pods: [executor('n2')] }), { required: null, preferred: 'n2' });
    assert.deepEqual(place({ claims: both, pods: [executor('n2'), sql('n1')] }), { required: 'n1', preferred: null });
  });

  it('goes near the instance when it needs the store alone', () => {
    assert.deepEqual(place({ claims: [claim('store')], pods: [sql('n1')], near: 'data' }), {
      required: null,
      preferred: 'n1',
    });
    assert.deepEqual(place({ claims: [claim('store')], pods: [sql('n1'), other('n2')], near: 'data' }), {
      required: 'n2',
      preferred: null,
    });
  });

  it('is refused in words when its volumes are held on two nodes', () => {
    assert.equal(
      place({ claims: both, pods: [other('n2'), sql('n1')] }),
      'No node can mount both volumes, which are ReadWriteOnce: store is attached to the node n2 (pod debug), and data is attached to the node n1 (pod sql-0)',
    );
  });

  it('is refused in words when a volume is for one pod alone', () => {
    const alone = [claim('store'), claim('data', ['ReadWriteOncePod'])];
    assert.match(
      JSON.stringify(place({ claims: alone, pods: [sql('n1')] })),
      /data is ReadWriteOncePod and is used by the pod sql-0/,
    );
    assert.equal(typeof place({ claims: alone, pods: [executor('n1')] }), 'object');
  });
});
