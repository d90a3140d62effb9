import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Job, Pod } from '../../activities/platform/kubernetes/api/resources.ts';
import { judge, type Verdict } from '../../activities/platform/kubernetes/job/judge.ts';
import { troubleOf, type Trouble } from '../../activities/platform/kubernetes/pods/trouble.ts';

const job = (type?: string, reason?: string, metadata = {}): Job =>
  ({
    metadata: { name: 'j', ...metadata },
    status: { conditions: type === undefined ? [] : [{ type, status: 'True', reason, message: 'as told' }] },
  }) as Job;
const pod = (status: object, spec: object = { nodeName: 'n' }): Pod =>
  ({ metadata: { name: 'p' }, spec, status }) as Pod;
const ended = (exitCode: number, reason = 'Error', more = {}): Pod =>
  pod({ phase: 'Failed', containerStatuses: [{ state: { terminated: { exitCode, reason, ...more } } }] });
const running = pod({ phase: 'Running', containerStatuses: [{ state: { running: {} } }] });
const creating = pod({
  phase: 'Pending',
  containerStatuses: [{ state: { waiting: { reason: 'ContainerCreating' } } }],
});

describe('a Job', () => {
  const cases: readonly [string, Job | null, readonly Pod[], Partial<Verdict>][] = [
    ['is gone', null, [], { is: 'gone' }],
    [
      'is gone when it is being removed',
      job(undefined, undefined, { deletionTimestamp: 'x' }),
      [running],
      { is: 'gone' },
    ],
    ['waits for its pod', job(), [], { is: 'waiting', trouble: null }],
    ['waits for its container', job(), [creating], { is: 'waiting', trouble: null }],
    ['works', job(), [running], { is: 'working' }],
    ['works on with another pod', job(), [ended(137), running], { is: 'working' }],
    ['waits for another pod', job(), [ended(137)], { is: 'waiting', trouble: null }],
    ['has told its result', job('Complete'), [ended(0)], { is: 'told' }],
    ['has told its failure, though the Job failed', job('Failed', 'PodFailurePolicy'), [ended(10)], { is: 'told' }],
    ['has told its fault', job(), [ended(70)], { is: 'told' }],
    ['is done while its pod still seems to run', job('Complete'), [running], { is: 'working' }],
    ['is done, and its pod is gone', job('Complete'), [], { is: 'lost' }],
    ['was killed for memory', job(), [ended(137, 'OOMKilled')], { is: 'failed', type: 'OutOfMemory' }],
    ['is over its deadline', job('Failed', 'DeadlineExceeded'), [running], { is: 'failed', type: 'DeadlineExceeded' }],
    [
      'failed before all of its pods have ended',
      job('FailureTarget', 'BackoffLimitExceeded'),
      [ended(139, 'Error', { signal: 11 })],
      { is: 'failed', type: 'JobFailed', why: 'failed: its pod was ended by signal 11' },
    ],
    [
      'failed after several pods',
      job('Failed', 'BackoffLimitExceeded'),
      [ended(1), ended(1), pod({ phase: 'Failed', reason: 'NodeShutdown' })],
      { is: 'failed', why: 'failed: its pod ended with exit code 1 (Error), then its pod was NodeShutdown' },
    ],
    ['failed, and no pod tells why', job('Failed', 'X'), [], { is: 'failed', why: 'failed: as told' }],
  ];
  for (const [name, object, pods, verdict] of cases) {
    it(name, () => {
      const found = judge(object, pods);
      for (const [key, value] of Object.entries(verdict)) assert.deepEqual(found[key as keyof Verdict], value);
    });
  }
});

describe('a pod that does not run', () => {
  const waiting = (reason: string, message = ''): Pod =>
    pod({ phase: 'Pending', containerStatuses: [{ image: 'i:1', state: { waiting: { reason, message } } }] });
  const unscheduled = (message: string): Pod =>
    pod({ phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', message }] }, {});
  const cases: readonly [string, Pod, (Partial<Trouble> & { patient: boolean }) | null][] = [
    ['is on its way', waiting('ContainerCreating'), null],
    ['is still being prepared', waiting('PodInitializing'), null],
    [
      'has an image that is not there',
      waiting('ErrImagePull', 'i:1: not found'),
      { kind: 'image', why: 'i:1: i:1: not found', patient: false },
    ],
    ['may not have its image', waiting('ImagePullBackOff', 'pull access denied'), { kind: 'image', patient: false }],
    [
      'has an image that cannot be one',
      waiting('InvalidImageName'),
      { kind: 'image', why: 'i:1: InvalidImageName', patient: false },
    ],
    ['finds the registry asleep', waiting('ErrImagePull', 'dial tcp: i/o timeout'), { kind: 'image', patient: true }],
    [
      'lacks a Secret',
      waiting('CreateContainerConfigError', 'secret "x" not found'),
      { kind: 'container', patient: false },
    ],
    [
      'fits nowhere',
      unscheduled('0/1 nodes: 1 Insufficient memory.'),
      { kind: 'unschedulable', why: '0/1 nodes: 1 Insufficient memory', patient: true },
    ],
    [
      'has a volume elsewhere',
      unscheduled('1 node(s) had volume node affinity conflict'),
      { kind: 'unschedulable', patient: false },
    ],
    [
      'fits nowhere, as a scheduler says it at length',
      unscheduled(
        "0/2 nodes are available: 1 node(s) didn't match PersistentVolume's node affinity, 1 node(s) didn't satisfy plugin(s) [NodeAffinity]. no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.",
      ),
      {
        kind: 'unschedulable',
        why: "0/2 nodes are available: 1 node(s) didn't match PersistentVolume's node affinity, 1 node(s) didn't satisfy plugin(s) [NodeAffinity]",
        patient: false,
      },
    ],
    ['waits for a new volume', unscheduled('pod has unbound immediate PersistentVolumeClaims'), { patient: true }],
  ];
  for (const [name, object, expected] of cases) {
    it(name, () => {
      const trouble = troubleOf(object);
      if (expected === null) return assert.equal(trouble, null);
      const { patient, ...facts } = expected;
      assert.ok(trouble);
      for (const [key, value] of Object.entries(facts)) assert.equal(trouble[key as keyof Trouble], value);
      assert.equal(trouble.patienceMs > 10_000, patient);
    });
  }

  it('is found in trouble by its first container already', () => {
    const status = { image: 'init:1', state: { waiting: { reason: 'ErrImageNeverPull' } } };
    assert.equal(troubleOf(pod({ initContainerStatuses: [status] }))?.kind, 'image');
  });
});
