import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { assertNotRoot } from './pod-security.ts';
import { render, type Container, type Manifests, type PodSpec } from './helm.ts';

const rendering = { chart: 'mssql-helm', release: 'mssql-rt', namespace: 'dbaas-mssql-rt' } as const;

interface StatefulSet {
  readonly spec: {
    readonly replicas: number;
    readonly serviceName: string;
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: PodSpec;
    };
    readonly volumeClaimTemplates: readonly { readonly metadata: { readonly name: string } }[];
  };
}

interface Service {
  readonly spec: {
    readonly clusterIP?: string;
    readonly selector: Readonly<Record<string, string>>;
    readonly ports: readonly { readonly port: number; readonly targetPort: string }[];
  };
}

interface Secret {
  readonly data: Readonly<Record<string, string>>;
}

const renderWith = (values: object = {}): Promise<Manifests> =>
  render({ ...rendering, values: { acceptEula: 'Y', ...values } });
const containerOf = (manifests: Manifests): Container => {
  const [container] = manifests.one<StatefulSet>('StatefulSet').spec.template.spec.containers;
  assert.ok(container);
  return container;
};
const valueOf = ({ env }: Container, name: string): string | undefined => env.find((each) => each.name === name)?.value;

describe('the release mssql-rt of mssql-helm', () => {
  let manifests: Manifests;
  let statefulSet: StatefulSet;
  before(async () => {
    manifests = await renderWith();
    statefulSet = manifests.one<StatefulSet>('StatefulSet');
  });

  it('has the names that instances are found by', () => {
    const { name } = manifests.one('StatefulSet').metadata;
    assert.equal(name, 'mssql-rt-mssql-helm-db');
    assert.deepEqual(
      statefulSet.spec.volumeClaimTemplates.map((claim) => `${claim.metadata.name}-${name}-0`),
      ['data-mssql-rt-mssql-helm-db-0'],
    );
    assert.equal(manifests.one('PersistentVolumeClaim').metadata.name, 'mssql-rt-mssql-helm-instance-backup-store');
  });

  it('is one server, which its Service leads to', () => {
    const service = manifests.one<Service>('Service');
    assert.equal(statefulSet.spec.replicas, 1);
    assert.equal(statefulSet.spec.serviceName, service.metadata.name);
    assert.deepEqual(service.spec.selector, statefulSet.spec.selector.matchLabels);
    for (const [label, value] of Object.entries(service.spec.selector)) {
      assert.equal(statefulSet.spec.template.metadata.labels[label], value);
    }
    assert.deepEqual(service.spec.ports, [{ name: 'tds', port: 1433, targetPort: 'tds' }]);
  });

  it('is not root, and keeps no capability but the one without which sqlservr does not start', () => {
    for (const spec of manifests.podSpecs()) assertNotRoot(spec);
    assert.deepEqual(containerOf(manifests).securityContext?.capabilities?.add, ['NET_BIND_SERVICE']);
    assert.equal(statefulSet.spec.template.spec.automountServiceAccountToken, false);
  });

  it('has its password in a Secret, and nowhere else', () => {
    const secret = manifests.one<Secret>('Secret');
    const encoded = secret.data['MSSQL_SA_PASSWORD'] ?? '';
    const password = Buffer.from(encoded, 'base64').toString();
    const rest = JSON.stringify(manifests.all.filter(({ kind }) => kind !== 'Secret'));
    assert.ok(!rest.includes(password) && !rest.includes(encoded));
    const { valueFrom, value } = containerOf(manifests).env.find(({ name }) => name === 'MSSQL_SA_PASSWORD') ?? {};
    assert.equal(value, undefined);
    assert.deepEqual(valueFrom, { secretKeyRef: { name: secret.metadata.name, key: 'MSSQL_SA_PASSWORD' } });
  });

  it('gets a password that SQL Server takes, and another one for each release', async () => {
    const passwordOf = (each: Manifests): string =>
      Buffer.from(each.one<Secret>('Secret').data['MSSQL_SA_PASSWORD'] ?? '', 'base64').toString();
    const passwords = [passwordOf(manifests), passwordOf(await renderWith())];
    assert.equal(new Set(passwords).size, 2);
    for (const password of passwords) {
      assert.ok(password.length >= 20);
      for (const kind of [/[A-Z]/, /[a-z]/, /[0-9]/, /[^A-Za-z0-9]/]) assert.match(password, kind);
    }
  });

  it('keeps data, backups and the password of the data when it is uninstalled', () => {
    for (const kind of ['Secret', 'PersistentVolumeClaim']) {
      assert.equal(manifests.one(kind).metadata.annotations?.['helm.sh/resource-policy'], 'keep', kind);
    }
  });

  it('does not let SQL Server see the backup store', () => {
    assert.deepEqual(
      containerOf(manifests).volumeMounts.map(({ mountPath }) => mountPath),
      ['/var/opt/mssql'],
    );
  });

  it('takes connections before it is called ready', () => {
    const { startupProbe, readinessProbe, livenessProbe } = containerOf(manifests);
    for (const probe of [startupProbe, readinessProbe, livenessProbe])
      assert.deepEqual(probe?.tcpSocket, { port: 'tds' });
  });
});

describe('mssql-helm on demand', () => {
  it('uses a Secret that is there', async () => {
    const manifests = await renderWith({ auth: { existingSecret: 'sa', secretKey: 'password' } });
    assert.deepEqual(manifests.of('Secret'), []);
    const { valueFrom } = containerOf(manifests).env.find(({ name }) => name === 'MSSQL_SA_PASSWORD') ?? {};
    assert.deepEqual(valueFrom, { secretKeyRef: { name: 'sa', key: 'password' } });
  });

  it('takes image, edition, collation, time zone and memory as they are given', async () => {
    const container = containerOf(
      await renderWith({
        image: 'localhost/sql:1',
        edition: 'Express',
        collation: 'Thai_CI_AS',
        timeZone: 'Asia/Bangkok',
        memoryLimitMb: 2048000,
        agent: true,
      }),
    );
    assert.equal(container.image, 'localhost/sql:1');
    assert.deepEqual(
      ['MSSQL_PID', 'MSSQL_COLLATION', 'TZ', 'MSSQL_MEMORY_LIMIT_MB', 'MSSQL_AGENT_ENABLED'].map((name) =>
        valueOf(container, name),
      ),
      ['Express', 'Thai_CI_AS', 'Asia/Bangkok', '2048000', 'true'],
    );
  });

  it('leaves to SQL Server what nobody has decided', async () => {
    const container = containerOf(await renderWith());
    for (const name of ['MSSQL_COLLATION', 'TZ', 'MSSQL_MEMORY_LIMIT_MB'])
      assert.equal(valueOf(container, name), undefined);
  });

  it('mounts the backup store into the server, too', async () => {
    const manifests = await renderWith({ backupStore: { mountInServer: true } });
    const [spec] = manifests.podSpecs();
    const { name } = containerOf(manifests).volumeMounts.find(({ mountPath }) => mountPath === '/backup-store') ?? {};
    const volume = spec?.volumes?.find((each) => each.name === name);
    assert.equal(volume?.persistentVolumeClaim?.claimName, 'mssql-rt-mssql-helm-instance-backup-store');
  });

  it('does without a backup store of its own', async () => {
    for (const backupStore of [{ enabled: false }, { existingClaim: 'shared' }]) {
      assert.deepEqual((await renderWith({ backupStore })).of('PersistentVolumeClaim'), []);
    }
  });

  it('lets the backups go with the release', async () => {
    const { metadata } = (await renderWith({ backupStore: { keepOnUninstall: false } })).one('PersistentVolumeClaim');
    assert.equal(metadata.annotations, undefined);
  });

  it('makes a headless Service', async () => {
    const manifests = await renderWith({ service: { type: 'Headless' } });
    assert.equal(manifests.one<Service>('Service').spec.clusterIP, 'None');
  });

  it('takes Y without quotes, which YAML reads as true', async () => {
    const manifests = await render({ ...rendering, values: { acceptEula: true } });
    assert.equal(valueOf(containerOf(manifests), 'ACCEPT_EULA'), 'Y');
  });
});
