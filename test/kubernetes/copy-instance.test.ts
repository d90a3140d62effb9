import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Service, StatefulSet } from '../../activities/platform/kubernetes/api/resources.ts';
import { labels } from '../../activities/platform/kubernetes/labels.ts';
import { selects } from '../../activities/platform/kubernetes/selects.ts';
import {
  copyInstance,
  type CopiedInstance,
  type CopyOptions,
} from '../../activities/platform/kubernetes/target/copy-instance.ts';
import { renamer } from '../../activities/platform/kubernetes/target/rename.ts';
import { rootMount } from '../../activities/platform/kubernetes/volumes/root-mount.ts';
import { chartStatefulSet, claim, namespace, service, statefulSetName, storeClaim } from './fake/release.ts';

const restoreId = '20260210T065434Z-restore-1a2b3c4d';

function copy(
  statefulSet: StatefulSet,
  options: Partial<CopyOptions> & { name?: string } = {},
): CopiedInstance | string {
  const { name = 'mssql-rt', ...rest } = options;
  const rename = renamer(name, 'mssql-rt-target');
  return copyInstance({
    source: { name, statefulSet },
    services: [],
    claims: [],
    storeClaim,
    target: { name: 'mssql-rt-target', statefulSet: rename(statefulSet.metadata?.name ?? '') },
    restoreId,
    model: name,
    node: null,
    rename,
    ...rest,
  });
}

function copied(...args: Parameters<typeof copy>): CopiedInstance {
  const made = copy(...args);
  if (typeof made === 'string') assert.fail(made);
  return made;
}

function problem(statefulSet: StatefulSet): string {
  const made = copy(statefulSet);
  return typeof made === 'string' ? made : assert.fail('it was copied');
}

type Spec = NonNullable<NonNullable<StatefulSet['spec']>['template']['spec']>;

/** The chart's StatefulSet with another pod. */
function withPod(change: (spec: Spec) => object, more: object = {}): StatefulSet {
  const statefulSet = chartStatefulSet();
  const { spec } = statefulSet;
  const template = { ...spec!.template, spec: { ...spec!.template.spec!, ...change(spec!.template.spec!) } };
  return { ...statefulSet, spec: { ...spec!, template, ...more } };
}

const selector = { 'app.kubernetes.io/name': 'mssql-helm', 'app.kubernetes.io/instance': 'mssql-rt' };
const services: readonly Service[] = [
  service(statefulSetName, { clusterIP: 'None', clusterIPs: ['None'], selector, ports: [{ name: 'tds', port: 1433 }] }),
  service('mssql-rt-public', {
    type: 'LoadBalancer',
    clusterIP: '10.0.0.7',
    loadBalancerSourceRanges: ['0.0.0.0/0'],
    externalIPs: ['1.2.3.4'],
    selector,
    ports: [{ port: 1433, targetPort: 'tds', nodePort: 31433 }],
  }),
  service('of-another', { selector: { app: 'web' }, ports: [{ port: 80 }] }),
  service('without-selector', { ports: [{ port: 1433 }] }),
];

describe("a target made from the chart's StatefulSet", () => {
  const made = copied(chartStatefulSet(), { services, node: 'node-1' });
  const spec = made.statefulSet.spec!;
  const pod = spec.template.spec!;

  it("is called as the chart would call the target's release", () => {
    assert.equal(made.statefulSet.metadata?.name, 'mssql-rt-target-mssql-helm-db');
    assert.equal(spec.serviceName, 'mssql-rt-target-mssql-helm-db');
    assert.equal(rootMount(made.statefulSet)?.claim, 'data-mssql-rt-target-mssql-helm-db-0');
    assert.deepEqual(
      made.services.map(({ metadata }) => metadata?.name),
      ['mssql-rt-target-mssql-helm-db', 'mssql-rt-target-public'],
    );
  });

  it('belongs to the restore, and to no release, operator or server of before', () => {
    for (const object of [made.statefulSet, ...made.services]) {
      assert.deepEqual(object.metadata?.labels, {
        'mssql-pitr/instance': 'mssql-rt-target',
        'mssql-pitr/restore-id': restoreId,
        'app.kubernetes.io/managed-by': 'mssql-pitr',
      });
      assert.deepEqual(object.metadata?.annotations, { 'mssql-pitr/source': 'mssql-rt' });
      assert.deepEqual(Object.keys(object.metadata ?? {}).sort(), ['annotations', 'labels', 'name']);
      assert.ok(!('status' in object));
    }
    const [template] = spec.volumeClaimTemplates ?? [];
    assert.equal(template?.metadata?.labels?.[labels.restore], restoreId);
    assert.equal(spec.template.metadata?.labels?.[labels.restore], restoreId);
  });

  it('is selected by its own Services and StatefulSet, and never by those of the source', () => {
    assert.deepEqual(spec.selector.matchLabels, {
      'app.kubernetes.io/name': 'mssql-helm',
      'app.kubernetes.io/instance': 'mssql-rt-target',
    });
    for (const each of made.services) {
      assert.ok(selects(each, made.statefulSet));
      assert.ok(!selects(each, chartStatefulSet()));
    }
    for (const each of services) assert.ok(!selects(each, made.statefulSet));
  });

  it('is reached from inside of the cluster only', () => {
    const [headless, other] = made.services;
    assert.deepEqual(headless?.spec, {
      type: 'ClusterIP',
      clusterIP: 'None',
      selector: spec.selector.matchLabels,
      ports: [{ name: 'tds', port: 1433 }],
    });
    assert.deepEqual(other?.spec, {
      type: 'ClusterIP',
      selector: spec.selector.matchLabels,
      ports: [{ port: 1433, targetPort: 'tds' }],
    });
    assert.ok(pod.containers.every(({ ports }) => ports?.every((port) => port.hostPort === undefined)));
  });

  it('has the image, user, password and tolerations of the source, and not its backup store', () => {
    const [container] = pod.containers;
    const source = chartStatefulSet().spec!.template.spec!;
    assert.equal(container?.image, 'mssql:2022');
    assert.deepEqual(container?.env, source.containers[0]?.env);
    assert.deepEqual([pod.securityContext, pod.tolerations], [source.securityContext, source.tolerations]);
    assert.deepEqual(container?.volumeMounts, [{ name: 'data', mountPath: '/var/opt/mssql' }]);
    assert.deepEqual(pod.volumes, []);
  });

  it('runs on the node where both volumes can be mounted', () => {
    const terms = pod.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
    assert.deepEqual(terms, [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node-1'] }] }]);
  });
});

describe('a target made from a StatefulSet of another make', () => {
  /** As people write one by hand: one label, no instance name anywhere. */
  const byHand = (): StatefulSet => ({
    metadata: { name: 'sqlserver', namespace, labels: { app: 'mssql' } },
    spec: {
      serviceName: 'sql',
      selector: { matchLabels: { app: 'mssql' } },
      template: {
        metadata: { labels: { app: 'mssql', team: 'a' }, annotations: { 'sidecar.istio.io/inject': 'false' } },
        spec: {
          hostname: 'sqlserver',
          containers: [
            { name: 'backup-agent', image: 'agent' },
            {
              name: 'server',
              image: 'mssql:2019',
              volumeMounts: [
                { name: 'db', mountPath: '/var/opt/mssql/', subPath: 'mssql' },
                { name: 'logs', mountPath: '/var/opt/mssql/log' },
              ],
            },
          ],
          volumes: [
            { name: 'db', persistentVolumeClaim: { claimName: 'sql-data' } },
            { name: 'logs', persistentVolumeClaim: { claimName: 'sql-logs' } },
            { name: 'config', configMap: { name: 'sql-config' } },
          ],
        },
      },
    },
  });
  const claims = [
    { ...claim('sql-data'), spec: { accessModes: ['ReadWriteOnce'], volumeName: 'pv-1', storageClassName: 'fast' } },
    {
      ...claim('sql-logs'),
      spec: { accessModes: ['ReadWriteOnce'], dataSource: { kind: 'VolumeSnapshot', name: 's' } },
    },
  ];
  const perPod = { 'statefulset.kubernetes.io/pod-name': 'sqlserver-0' };
  const sql = service('sql', { clusterIP: 'None', selector: { app: 'mssql' }, ports: [{ port: 1433 }] });
  const first = service('sql-0', { selector: perPod, ports: [{ port: 1433 }] });
  const made = copied(byHand(), { services: [sql, first], claims });
  const spec = made.statefulSet.spec!;

  it("has the target's name before every name, and labels that nothing of the source selects", () => {
    assert.equal(made.statefulSet.metadata?.name, 'mssql-rt-target-sqlserver');
    assert.deepEqual(
      made.services.map(({ metadata }) => metadata?.name),
      ['mssql-rt-target-sql', 'mssql-rt-target-sql-0'],
    );
    assert.deepEqual(spec.selector.matchLabels, { app: 'mssql-rt-target-mssql' });
    assert.equal(spec.template.metadata?.labels?.['team'], 'a');
    assert.equal(spec.serviceName, 'mssql-rt-target-sql');
    for (const each of [sql, first]) assert.ok(!selects(each, made.statefulSet));
    for (const each of made.services) assert.ok(selects(each, made.statefulSet), each.metadata?.name);
  });

  it('has new, empty volumes where the source has claims of its own', () => {
    assert.deepEqual(
      spec.volumeClaimTemplates?.map(({ metadata, spec }) => [metadata?.name, spec]),
      [
        ['db', { accessModes: ['ReadWriteOnce'], storageClassName: 'fast' }],
        ['logs', { accessModes: ['ReadWriteOnce'] }],
      ],
    );
    assert.deepEqual(spec.template.spec?.volumes, [{ name: 'config', configMap: { name: 'sql-config' } }]);
    const mount = rootMount(made.statefulSet);
    assert.deepEqual([mount?.claim, mount?.subPath], ['db-mssql-rt-target-sqlserver-0', 'mssql']);
    assert.equal(spec.template.spec?.hostname, undefined);
    assert.deepEqual(spec.template.metadata?.annotations, { 'sidecar.istio.io/inject': 'false' });
  });

  it('keeps fields that this version does not know', () => {
    const source = withPod(() => ({ newField: { a: 1 } }), { newerField: true });
    const { statefulSet } = copied(source);
    assert.deepEqual((statefulSet.spec as unknown as { newerField: unknown }).newerField, true);
    assert.deepEqual((statefulSet.spec?.template.spec as unknown as { newField: unknown }).newField, { a: 1 });
  });

  it('is not kept from the node of the source by what keeps the replicas of the source apart', () => {
    const term = (matchLabels: object) => ({ topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels } });
    const affinity = {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: ['a'] }] }, {}],
        },
      },
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          term({ 'app.kubernetes.io/instance': 'mssql-rt' }),
          term({ app: 'web' }),
        ],
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 1, podAffinityTerm: term({ 'app.kubernetes.io/instance': 'mssql-rt' }) },
        ],
      },
    };
    const spread = [{ maxSkew: 1, ...term({ 'app.kubernetes.io/instance': 'mssql-rt' }) }];
    const source = withPod(() => ({ affinity, topologySpreadConstraints: spread }));
    const pod = copied(source, { node: 'node-1' }).statefulSet.spec!.template.spec!;
    const own = { 'app.kubernetes.io/instance': 'mssql-rt-target' };
    const anti = pod.affinity?.podAntiAffinity;
    assert.deepEqual(
      anti?.requiredDuringSchedulingIgnoredDuringExecution?.map(({ labelSelector }) => labelSelector?.matchLabels),
      [own, { app: 'web' }],
    );
    const [preferred] = anti?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    assert.deepEqual(preferred?.podAffinityTerm.labelSelector?.matchLabels, own);
    assert.deepEqual(pod.topologySpreadConstraints?.[0]?.labelSelector?.matchLabels, own);
    const here = [{ key: 'metadata.name', operator: 'In', values: ['node-1'] }];
    assert.deepEqual(pod.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms, [
      { matchExpressions: [{ key: 'zone', operator: 'In', values: ['a'] }], matchFields: here },
      { matchFields: here },
    ]);
  });

  it('is refused where two servers would share what is for one', () => {
    const hostPath = { name: 'h', hostPath: { path: '/mnt/sql' } };
    const mounted = (spec: Spec, readOnly: boolean) => ({
      volumes: [...(spec.volumes ?? []), hostPath],
      containers: spec.containers.map((each) => ({
        ...each,
        volumeMounts: [...(each.volumeMounts ?? []), { name: 'h', mountPath: '/h', readOnly }],
      })),
    });
    assert.match(problem(withPod((spec) => mounted(spec, false))), /h is the folder \/mnt\/sql of a node/);
    assert.equal(typeof copy(withPod((spec) => mounted(spec, true))), 'object');
    assert.match(problem(withPod(() => ({ hostNetwork: true }))), /uses the network of its node/);
    assert.match(problem(byHand()), /its claim sql-data is not there/);
  });
});

describe('the names of a target', () => {
  it('follow from the names of the source', () => {
    const rename = renamer('mssql-rt', 'copy');
    for (const [name, expected] of [
      ['mssql-rt', 'copy'],
      ['mssql-rt-mssql-helm-db', 'copy-mssql-helm-db'],
      ['db-mssql-rt', 'db-copy'],
      ['mssql-rts', 'copy-mssql-rts'],
      ['sqlserver', 'copy-sqlserver'],
    ] as const) {
      assert.equal(rename(name), expected);
    }
  });

  it('are short enough for the labels of pods, and stay different', () => {
    const rename = renamer('a', 'b'.repeat(53));
    const names = ['a-first', 'a-second'].map(rename);
    assert.ok(names.every((name) => name.length <= 52 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name)));
    assert.notEqual(names[0], names[1]);
  });
});
