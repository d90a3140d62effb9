import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isToBeDeleted, nodeOf, volumeFor, volumeOrder, type Claim } from './storage/claims.ts';
import { provisionerName } from './storage/classes.ts';
import { bytesOf } from './storage/quantity.ts';

const claim = (annotations: Record<string, string>, spec: Partial<Claim['spec']> = {}): Claim => ({
  metadata: { name: 'data', namespace: 'a', uid: 'u1', annotations },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1.5Mi' } }, ...spec },
});
const ours = { 'volume.kubernetes.io/storage-provisioner': provisionerName };
const chosen = { ...ours, 'volume.kubernetes.io/selected-node': 'node-2' };

describe('a claim', () => {
  it('gets a volume on the node that the scheduler chose', () => {
    assert.deepEqual(volumeOrder(claim(chosen), false), { name: 'pvc-u1', node: 'node-2', bytes: null });
  });

  it('gets as many bytes as it requests, of the class that has a limit', () => {
    assert.deepEqual(volumeOrder(claim(chosen), true), { name: 'pvc-u1', node: 'node-2', bytes: 1_572_864 });
  });

  it('waits until the scheduler has chosen', () => {
    assert.equal(volumeOrder(claim(ours), false), null);
  });

  it('is left alone when it has a volume, or is somebody else’s', () => {
    assert.equal(volumeOrder(claim(chosen, { volumeName: 'pvc-u1' }), false), null);
    assert.equal(
      volumeOrder(claim({ ...chosen, ...{ 'volume.kubernetes.io/storage-provisioner': 'other' } }), false),
      null,
    );
  });

  it('is refused when several nodes are to share it', () => {
    assert.deepEqual(volumeOrder(claim(chosen, { accessModes: ['ReadWriteMany'] }), false), {
      refused: 'A volume of one node cannot be ReadWriteMany: only ReadWriteOnce(Pod) is supported.',
    });
  });
});

describe('a volume', () => {
  const volume = volumeFor(claim(chosen), { name: 'pvc-u1', node: 'node-2', bytes: null }, '/volumes/pvc-u1');

  it('is bound to its claim and its node', () => {
    assert.equal(nodeOf(volume), 'node-2');
    assert.equal(volume.spec.local?.path, '/volumes/pvc-u1');
  });

  it('is deleted when its claim has gone, and not before', () => {
    assert.equal(isToBeDeleted({ ...volume, status: { phase: 'Bound' } }), false);
    assert.equal(isToBeDeleted({ ...volume, status: { phase: 'Released' } }), true);
  });

  it('is not deleted when somebody else made it', () => {
    const foreign = { ...volume, metadata: { name: 'x' }, status: { phase: 'Released' } };
    assert.equal(isToBeDeleted(foreign), false);
  });
});

describe('a quantity', () => {
  it('is told in bytes', () => {
    for (const [quantity, bytes] of [
      ['1000', 1000],
      ['2k', 2000],
      ['1Ki', 1024],
      ['0.5Gi', 536_870_912],
    ] as const) {
      assert.equal(bytesOf(quantity), bytes);
    }
  });

  it('is refused when it is none', () => {
    for (const wrong of ['', 'Mi', '1m', '1 Mi', '-1']) assert.throws(() => bytesOf(wrong), /not a size/);
  });
});
