import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { parseSettings } from '../../client/config.ts';
import { readEnvironment } from '../../worker/environment.ts';
import { workerOptions } from '../../worker/options.ts';
import { render, type Container, type Manifest, type Manifests, type PodSpec } from './helm.ts';
import { assertNotRoot } from './pod-security.ts';
import { dashboard, rules } from './monitoring/dashboard.ts';
import { pitrValues } from './readme.ts';

const renderWith = (values: object = {}): Promise<Manifests> =>
  render({
    chart: 'mssql-pitr',
    release: 'mssql-pitr',
    namespace: 'dbaas-mssql-rt',
    values: { ...pitrValues(), ...values },
  });

interface Deployment {
  readonly spec: {
    readonly replicas: number;
    readonly template: {
      readonly metadata: { readonly annotations: Readonly<Record<string, string>> };
      readonly spec: PodSpec & { readonly topologySpreadConstraints?: readonly object[] };
    };
  };
}

interface ConfigMap {
  readonly data: Readonly<Record<string, string>>;
}

const podOf = (manifests: Manifests): Deployment['spec']['template']['spec'] =>
  manifests.one<Deployment>('Deployment').spec.template.spec;
const workerOf = (manifests: Manifests): Container => {
  const [container] = podOf(manifests).containers;
  assert.ok(container);
  return container;
};
const environmentOf = (manifests: Manifests): Record<string, string> =>
  Object.fromEntries(
    workerOf(manifests).env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])),
  );

describe('the worker of the README', () => {
  let manifests: Manifests;
  before(async () => {
    manifests = await renderWith();
  });

  it('is not root, and writes nowhere but to /tmp', () => {
    for (const spec of manifests.podSpecs()) assertNotRoot(spec);
    const { securityContext, volumeMounts } = workerOf(manifests);
    assert.equal(securityContext?.readOnlyRootFilesystem, true);
    assert.equal(securityContext.capabilities?.add, undefined);
    const writable = (podOf(manifests).volumes ?? []).filter((volume) => 'emptyDir' in volume).map(({ name }) => name);
    assert.deepEqual(
      volumeMounts.filter(({ name }) => writable.includes(name)).map(({ mountPath }) => mountPath),
      ['/tmp'],
    );
  });

  it('reads settings that the worker takes', () => {
    const { data } = manifests.one<ConfigMap>('ConfigMap');
    const { mountPath } = workerOf(manifests).volumeMounts.find(({ name }) => name === 'config') ?? { mountPath: '' };
    const settings = parseSettings(data['temporal.yaml'] ?? '', mountPath);
    assert.deepEqual(Object.keys(settings.instances), ['mssql-rt']);
    assert.deepEqual(settings.stores['main'], {
      platform: 'kubernetes',
      namespace: 'dbaas-mssql-rt',
      claim: 'mssql-rt-mssql-helm-instance-backup-store',
    });
  });

  it('finds the password of its settings in a file that only it can read', () => {
    const [instance] = Object.values(
      parseSettings(manifests.one<ConfigMap>('ConfigMap').data['temporal.yaml'] ?? '', '/etc/mssql-pitr/temporal.yaml')
        .instances,
    );
    const volume = podOf(manifests).volumes?.find(({ name }) => name === 'passwords');
    assert.deepEqual(volume?.projected, {
      defaultMode: 0o440,
      sources: [
        { secret: { name: 'mssql-rt-mssql-helm-db', items: [{ key: 'MSSQL_SA_PASSWORD', path: 'mssql-rt' }] } },
      ],
    });
    const mount = workerOf(manifests).volumeMounts.find(({ name }) => name === 'passwords');
    assert.deepEqual(instance?.login.password, { file: `${mount?.mountPath}/mssql-rt` });
  });

  it('serves what its probes ask, where they ask it', () => {
    const container = workerOf(manifests) as Container & {
      readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
    };
    const environment = readEnvironment(environmentOf(manifests));
    const port = (name: string): number | undefined =>
      container.ports.find((each) => each.name === name)?.containerPort;
    assert.deepEqual(environment.healthAddress, { host: '0.0.0.0', port: port('health') });
    assert.deepEqual(environment.metricsAddress, { host: '0.0.0.0', port: port('metrics') });
    assert.deepEqual(container.startupProbe?.httpGet, { path: '/livez', port: 'health' });
    assert.deepEqual(container.livenessProbe?.httpGet, { path: '/livez', port: 'health' });
    assert.deepEqual(container.readinessProbe?.httpGet, { path: '/readyz', port: 'health' });
  });

  it('has more time to stop than it takes', () => {
    const { data } = manifests.one<ConfigMap>('ConfigMap');
    const settings = parseSettings(data['temporal.yaml'] ?? '', '/temporal.yaml');
    const [, seconds] =
      /^(\d+) seconds$/.exec(String(workerOptions(settings, readEnvironment({})).shutdownForceTime)) ?? [];
    assert.ok(Number(podOf(manifests).terminationGracePeriodSeconds) > Number(seconds) + 10);
  });

  it('starts executors from its own image', () => {
    assert.equal(environmentOf(manifests)['MSSQL_PITR_EXECUTOR_IMAGE'], workerOf(manifests).image);
  });

  it('uses its own account, whose token no other pod gets by itself', () => {
    const account = manifests.one<object>('ServiceAccount');
    assert.equal(account['automountServiceAccountToken'], false);
    assert.equal(podOf(manifests).serviceAccountName, account.metadata.name);
    assert.equal(podOf(manifests).automountServiceAccountToken, true);
  });

  it('starts anew when its settings change, and only then', async () => {
    const checksum = (each: Manifests): string | undefined =>
      each.one<Deployment>('Deployment').spec.template.metadata.annotations['checksum/config'];
    const { config } = pitrValues() as { readonly config: object };
    assert.equal(checksum(await renderWith({ logLevel: 'DEBUG' })), checksum(manifests));
    assert.notEqual(checksum(await renderWith({ config: { ...config, taskQueue: 'other' } })), checksum(manifests));
  });

  it('has no disruption budget, which would keep its node from being drained', () => {
    assert.deepEqual(manifests.of('PodDisruptionBudget'), []);
  });
});

describe('what watches the worker', () => {
  it('is off until it is wanted', async () => {
    const manifests = await renderWith();
    assert.deepEqual(manifests.of('PrometheusRule'), []);
    assert.equal(manifests.of('ConfigMap').length, 1);
  });

  it('are the rules and the dashboard, as they lie in the chart', async () => {
    const manifests = await renderWith({ metrics: { rules: { enabled: true }, dashboard: { enabled: true } } });
    const rule = manifests.one<{ readonly spec: object }>('PrometheusRule');
    assert.deepEqual(rule.spec, rules);
    const [map] = (manifests.of('ConfigMap') as readonly (Manifest & ConfigMap)[]).filter(({ metadata }) =>
      metadata.name.endsWith('-dashboard'),
    );
    assert.equal(map?.metadata.labels?.['grafana_dashboard'], '1');
    assert.deepEqual(JSON.parse(map.data['mssql-pitr.json'] ?? ''), dashboard);
  });
});

describe('a versioned worker', () => {
  it('gets the names by which it reads its version', async () => {
    const manifests = await renderWith({ versioning: { deploymentName: 'mssql-pitr', buildId: '0.1.0' } });
    const { deployment } = readEnvironment(environmentOf(manifests));
    assert.deepEqual(deployment, { deploymentName: 'mssql-pitr', buildId: '0.1.0' });
  });

  it('needs both', async () => {
    await assert.rejects(renderWith({ versioning: { buildId: '0.1.0' } }), /versioning\.deploymentName/);
  });
});

describe('two workers', () => {
  it('are spread, and go one at a time', async () => {
    const manifests = await renderWith({ replicas: 2 });
    const budget = manifests.one<{ readonly spec: { readonly maxUnavailable: number } }>('PodDisruptionBudget');
    assert.equal(budget.spec.maxUnavailable, 1);
    assert.equal(podOf(manifests).topologySpreadConstraints?.length, 1);
  });
});

describe('the way to Temporal', () => {
  const temporal = { address: 'temporal.example:7233', namespace: 'prod' };
  const pathOf = (manifests: Manifests, name: string): string | undefined => environmentOf(manifests)[name];

  it('is without TLS only when nobody wants it', async () => {
    assert.equal(pathOf(await renderWith({ temporal }), 'TEMPORAL_TLS'), undefined);
    for (const tls of [{ enabled: true }, { caSecret: 'ca' }, { clientSecret: 'own' }]) {
      assert.equal(pathOf(await renderWith({ temporal: { ...temporal, tls } }), 'TEMPORAL_TLS'), 'true');
    }
  });

  it('takes certificates from Secrets, as files', async () => {
    const manifests = await renderWith({
      temporal: { ...temporal, tls: { caSecret: 'ca', clientSecret: 'own', serverName: 'temporal' } },
    });
    const secrets = podOf(manifests).volumes?.flatMap(({ name, secret }) => (secret ? [[name, secret] as const] : []));
    assert.deepEqual(secrets, [
      ['temporal-ca', { secretName: 'ca', defaultMode: 0o440 }],
      ['temporal-client', { secretName: 'own', defaultMode: 0o440 }],
    ]);
    const folder = (name: string): string | undefined =>
      workerOf(manifests).volumeMounts.find((mount) => mount.name === name)?.mountPath;
    const environment = environmentOf(manifests);
    assert.equal(environment['TEMPORAL_TLS_SERVER_CA_CERT_PATH'], `${folder('temporal-ca')}/ca.crt`);
    assert.equal(environment['TEMPORAL_TLS_CLIENT_CERT_PATH'], `${folder('temporal-client')}/tls.crt`);
    assert.equal(environment['TEMPORAL_TLS_CLIENT_KEY_PATH'], `${folder('temporal-client')}/tls.key`);
    assert.equal(environment['TEMPORAL_TLS_SERVER_NAME'], 'temporal');
  });

  it('takes an API key from a Secret, and turns TLS on with it', async () => {
    const manifests = await renderWith({ temporal: { ...temporal, apiKeySecret: 'cloud' } });
    const { value, valueFrom } = workerOf(manifests).env.find(({ name }) => name === 'TEMPORAL_API_KEY') ?? {};
    assert.equal(value, undefined);
    assert.deepEqual(valueFrom, { secretKeyRef: { name: 'cloud', key: 'api-key' } });
    assert.equal(pathOf(manifests, 'TEMPORAL_TLS'), 'true');
  });
});

interface NetworkPolicy {
  readonly spec: {
    readonly podSelector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly policyTypes: readonly string[];
    readonly ingress?: readonly {
      readonly ports: readonly { readonly port: string }[];
      readonly from?: readonly object[];
    }[];
    readonly egress?: readonly {
      readonly ports: readonly { readonly port: number }[];
      readonly to?: readonly object[];
    }[];
  };
}

describe('network rules', () => {
  const policyOf = (manifests: Manifests, component: string): Manifest & NetworkPolicy => {
    const found = (manifests.of('NetworkPolicy') as readonly (Manifest & NetworkPolicy)[]).filter(
      ({ spec }) => spec.podSelector.matchLabels['app.kubernetes.io/component'] === component,
    );
    assert.equal(found.length, 1);
    return found[0]!;
  };
  const portsOf = ({ spec }: NetworkPolicy): number[] =>
    (spec.egress ?? []).flatMap(({ ports }) => ports.map(({ port }) => port));

  it('let the worker to names, the API server, Temporal, and SQL Server in its namespaces', async () => {
    const policy = policyOf(await renderWith({ temporal: { address: 'temporal:17233' } }), 'worker');
    assert.deepEqual(portsOf(policy), [53, 53, 443, 6443, 17233, 1433]);
    assert.deepEqual(policy.spec.egress?.at(-1)?.to, [
      {
        namespaceSelector: {
          matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: ['dbaas-mssql-rt'] }],
        },
      },
    ]);
  });

  it('let only those to the metrics who may read them', async () => {
    const monitoring = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } };
    const policy = policyOf(await renderWith({ networkPolicy: { metricsFrom: [monitoring] } }), 'worker');
    assert.deepEqual(policy.spec.ingress, [
      { ports: [{ port: 'health' }] },
      { ports: [{ port: 'metrics' }], from: [monitoring] },
    ]);
  });

  it('let executors nowhere', async () => {
    const policy = policyOf(await renderWith(), 'executor');
    assert.deepEqual(policy.spec.policyTypes, ['Ingress', 'Egress']);
    assert.equal(policy.spec.ingress, undefined);
    assert.equal(policy.spec.egress, undefined);
  });

  it('can be left out', async () => {
    assert.deepEqual((await renderWith({ networkPolicy: { enabled: false } })).of('NetworkPolicy'), []);
  });
});

describe('metrics', () => {
  it('are found by the Prometheus operator when that is wanted', async () => {
    assert.deepEqual((await renderWith()).of('ServiceMonitor'), []);
    const manifests = await renderWith({ metrics: { serviceMonitor: { enabled: true, labels: { release: 'prom' } } } });
    const monitor = manifests.one<{
      readonly spec: { readonly selector: { readonly matchLabels: Readonly<Record<string, string>> } };
    }>('ServiceMonitor');
    const service = manifests.one('Service');
    assert.equal(monitor.metadata.labels?.['release'], 'prom');
    for (const [label, value] of Object.entries(monitor.spec.selector.matchLabels)) {
      assert.equal(service.metadata.labels?.[label], value);
    }
  });
});
