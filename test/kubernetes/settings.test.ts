import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseSettings } from '../../client/config.ts';
import { yaml } from './support.ts';
import { issuesOf } from '../support/config-issues.ts';

describe('settings of instances on Kubernetes', () => {
  it('need little: the rest is called as the chart calls it', () => {
    const { stores, instances, kubernetes } = parseSettings(yaml, '/etc/pitr/temporal.yaml');
    assert.deepEqual(stores, {
      main: {
        platform: 'kubernetes',
        namespace: 'dbaas-mssql-rt',
        claim: 'mssql-rt-mssql-helm-instance-backup-store',
      },
    });
    assert.deepEqual(instances, {
      'mssql-rt': {
        platform: 'kubernetes',
        namespace: 'dbaas-mssql-rt',
        statefulSet: 'mssql-rt-mssql-helm-db',
        dataClaim: 'data-mssql-rt-mssql-helm-db-0',
        port: 1433,
        login: { user: 'backup', password: { secret: { name: 'mssql-rt-sa', key: 'password' } } },
        tls: { encrypt: true, trustServerCertificate: false },
        store: 'main',
      },
    });
    assert.deepEqual(kubernetes, {
      executorImage: 'mssql-pitr:1',
      imagePullSecrets: [],
      jobDeadlineSeconds: 86_400,
      keepJobsSeconds: 0,
      resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '512Mi' } },
    });
  });

  it('have defaults for executors where nothing is said', () => {
    const { kubernetes } = parseSettings(yaml.replace(/kubernetes: \{.*\n/, ''), '/etc/pitr/temporal.yaml');
    assert.equal(kubernetes?.jobDeadlineSeconds, 86_400);
    assert.ok(!('executorImage' in kubernetes));
  });

  it('take names of another chart, and secrets in files and variables too', () => {
    const text = yaml
      .replace('store: main', 'store: main\n    statefulSet: sql\n    service: sql-read\n    port: 31433')
      .replace('{ secret: { name: mssql-rt-sa, key: password } }', '{ file: pw }');
    const instance = parseSettings(text, '/etc/pitr/temporal.yaml').instances['mssql-rt'];
    assert.ok(instance?.platform === 'kubernetes');
    const { statefulSet, dataClaim, service, port, login } = instance;
    assert.deepEqual([statefulSet, dataClaim, service, port], ['sql', 'data-sql-0', 'sql-read', 31433]);
    assert.deepEqual(login.password, { file: '/etc/pitr/pw' });
  });
});

describe('a mistake in settings on Kubernetes is reported with its path and line', () => {
  const other = `  other:
    platform: kubernetes
    namespace: elsewhere
    login: { user: sa, password: { env: PW } }
    store: main
`;
  const cases: { name: string; change: [string | RegExp, string]; path: string; line: number; says: RegExp }[] = [
    {
      name: 'a key of the other platform',
      change: ['    store: main', '    dataRoot: x\n    store: main'],
      path: 'instances.mssql-rt.dataRoot',
      line: 8,
      says: /not a key here; known are platform, namespace, statefulSet, service, port, dataClaim/,
    },
    {
      name: 'a missing namespace',
      change: ['    namespace: dbaas-mssql-rt\n', ''],
      path: 'instances.mssql-rt.namespace',
      line: 4,
      says: /is missing; it must be the name of a namespace/,
    },
    {
      name: 'a claim that cannot be one',
      change: ['claim: mssql', 'claim: Mssql'],
      path: 'stores.main.claim',
      line: 2,
      says: /the name of a PersistentVolumeClaim: lower-case.*not "Mssql/,
    },
    {
      name: 'a store that no pod of the instance can mount',
      change: ['kubernetes: {', `${other}kubernetes: {`],
      path: 'instances.other.store',
      line: 13,
      says: /"main", whose claim is in the namespace "dbaas-mssql-rt": no pod can mount it/,
    },
    {
      name: 'a store on the other platform',
      change: [/main: \{.*\}/, 'main: { path: store }'],
      path: 'instances.mssql-rt.store',
      line: 8,
      says: /"main", which is on the platform local/,
    },
    {
      name: 'two platforms',
      change: [
        'kubernetes: {',
        '  here: { host: a, login: { user: a, password: { env: A } }, dataRoot: a, store: main }\nkubernetes: {',
      ],
      path: 'instances.here.platform',
      line: 9,
      says: /is local, and mssql-rt is kubernetes: a worker works on one platform/,
    },
    {
      name: 'two instances of one StatefulSet',
      change: [
        'kubernetes: {',
        `${other.replace('elsewhere', 'dbaas-mssql-rt\n    statefulSet: mssql-rt-mssql-helm-db')}kubernetes: {`,
      ],
      path: 'instances.other.statefulSet',
      line: 12,
      says: /dbaas-mssql-rt\/mssql-rt-mssql-helm-db is the StatefulSet of mssql-rt already/,
    },
    {
      name: 'a quantity that is none',
      change: ["'mssql-pitr:1' }", "'mssql-pitr:1', resources: { limits: { memory: lots } } }"],
      path: 'kubernetes.resources.limits.memory',
      line: 9,
      says: /a quantity such as "500m".*not "lots"/,
    },
    {
      name: 'an unknown key of the section',
      change: ['kubernetes: {', 'kubernetes: { image: x, '],
      path: 'kubernetes.image',
      line: 9,
      says: /known are executorImage, executorServiceAccount, imagePullSecrets, jobDeadlineSeconds/,
    },
  ];
  for (const { name, change, path, line, says } of cases) {
    it(name, () => {
      const issues = issuesOf(yaml.replace(...(change as [string, string])));
      const found = issues.find((issue) => issue.path === path && says.test(issue.problem));
      assert.ok(found, `no such issue in ${JSON.stringify(issues, null, 1)}`);
      assert.equal(found.line, line);
    });
  }

  it('a secret that is written down, without repeating it', () => {
    for (const secret of ['hunter2', '{ secret: hunter2 }', '{ secret: { name: a, key: b }, env: hunter2 }']) {
      const issues = issuesOf(yaml.replace('{ secret: { name: mssql-rt-sa, key: password } }', secret));
      assert.match(issues[0]?.problem ?? '', /where the secret is/);
      assert.ok(!JSON.stringify(issues).includes('hunter2'), secret);
    }
  });
});
