import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import mssql from 'mssql';
import type { Cluster } from '../../cluster/cluster.ts';
import { usingCluster } from '../../cluster/using.ts';
import { chartFolder, renderText, type Chart } from '../helm.ts';
import { simulatorImage, type TestImage } from '../images.ts';
import { pitrValues } from '../readme.ts';
import { folderMaker } from './folder-maker.ts';
import { forwardPort } from './port-forward.ts';

const namespace = `deploy-${randomBytes(3).toString('hex')}`;
const restricted = 'restricted';
const name = 'mssql-rt-mssql-helm-db';

let cluster: Cluster;
before(async () => {
  cluster = await usingCluster();
  const levels = Object.fromEntries(
    ['enforce', 'warn'].map((mode) => [`pod-security.kubernetes.io/${mode}`, restricted]),
  );
  const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: levels } };
  await cluster.kubectl(['apply', '-f', '-'], JSON.stringify(object));
});
after(async () => {
  await cluster?.kubectl(['delete', 'namespace', namespace, '--wait=false']);
  await cluster?.stop();
});

const kubectl = (...args: string[]): Promise<string> => cluster.kubectl(['--namespace', namespace, ...args]);

describe('both charts, by an API server that wants the restricted Pod Security Standard', () => {
  /** The README's, for a namespace of another name. */
  const ofReadme = JSON.parse(JSON.stringify(pitrValues()).replaceAll('dbaas-mssql-rt', namespace)) as object;
  const releases: readonly (readonly [Chart, string, object])[] = [
    ['mssql-helm', 'mssql-rt', { acceptEula: 'Y', backupStore: { mountInServer: true } }],
    ['mssql-pitr', 'mssql-pitr', { ...ofReadme, replicas: 2 }],
  ];
  for (const [chart, release, values] of releases) {
    it(`are accepted without a warning: ${chart}`, async () => {
      const text = await renderText({ chart, release, namespace, values });
      const dryRun = ['apply', '--dry-run=server', '--warnings-as-errors', '--namespace', namespace, '-f', '-'];
      assert.match(await cluster.kubectl(dryRun, text), /created \(server dry run\)/);
    });

    it(`are installed for trial: ${chart}`, async () => {
      const how = ['--dry-run=server', '--namespace', namespace, '--values', '-'];
      const said = await cluster.helm(['install', release, chartFolder(chart), ...how], JSON.stringify(values));
      assert.match(said, /STATUS: pending-install/);
    });
  }
});

describe('an instance of mssql-helm with the simulated SQL Server', () => {
  let image: TestImage;
  before(async () => {
    image = await simulatorImage();
    await cluster.loadImage(image.archive);
  });

  async function install(): Promise<void> {
    const values = {
      acceptEula: 'Y',
      image: image.name,
      timeZone: 'Asia/Bangkok',
      resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '1Gi' } },
      persistence: { size: '100Mi' },
      backupStore: { size: '100Mi' },
    };
    const how = ['--namespace', namespace, '--values', '-'];
    await cluster.helm(['install', 'mssql-rt', chartFolder('mssql-helm'), ...how], JSON.stringify(values));
    await kubectl('rollout', 'status', `statefulset/${name}`, '--timeout=120s');
  }

  async function query<T>(text: string): Promise<readonly T[]> {
    const encoded = await kubectl('get', 'secret', name, '-o', 'jsonpath={.data.MSSQL_SA_PASSWORD}');
    const forwarded = await forwardPort(cluster.kubeconfig, { namespace, target: `service/${name}`, port: 1433 });
    const pool = new mssql.ConnectionPool({
      server: '127.0.0.1',
      port: forwarded.port,
      user: 'sa',
      password: Buffer.from(encoded, 'base64').toString(),
      options: { trustServerCertificate: true },
    });
    try {
      await pool.connect();
      return (await pool.request().batch<T>(text)).recordset ?? [];
    } finally {
      await pool.close();
      await forwarded.close();
    }
  }

  it('runs as uid 10001 on a volume of its own, and takes the password of its Secret', async () => {
    await install();
    assert.equal(await kubectl('exec', `${name}-0`, '--', 'id', '-u'), '10001\n');
    assert.equal(await kubectl('get', 'pvc', `data-${name}-0`, '-o', 'jsonpath={.status.phase}'), 'Bound');
    assert.deepEqual(await query('SELECT @@SERVERNAME AS name'), [{ name: `${name}-0` }]);
    await query('CREATE DATABASE db1');
  });

  it('keeps its data and its password when it is uninstalled and installed again', async () => {
    await cluster.helm(['uninstall', 'mssql-rt', '--namespace', namespace, '--wait']);
    const kept = await kubectl('get', 'pvc,secret', '-o', 'name');
    for (const each of [`claim/data-${name}-0`, 'claim/mssql-rt-mssql-helm-instance-backup-store', `secret/${name}`]) {
      assert.ok(kept.includes(each), each);
    }
    await install();
    assert.deepEqual(await query("SELECT name FROM sys.databases WHERE name = 'db1'"), [{ name: 'db1' }]);
  });

  it('gets an upgrade with the password that it has', async () => {
    const before = await kubectl('get', 'secret', name, '-o', 'jsonpath={.data}');
    const how = ['--namespace', namespace, '--reuse-values', '--set', 'podLabels.tier=gold'];
    await cluster.helm(['upgrade', 'mssql-rt', chartFolder('mssql-helm'), ...how]);
    await kubectl('rollout', 'status', `statefulset/${name}`, '--timeout=120s');
    assert.equal(await kubectl('get', 'secret', name, '-o', 'jsonpath={.data}'), before);
    assert.deepEqual(await query("SELECT name FROM sys.databases WHERE name = 'db1'"), [{ name: 'db1' }]);
  });

  it('cannot back up straight into a store whose folder is another user’s', async () => {
    const how = ['--namespace', namespace, '--reuse-values', '--set', 'backupStore.mountInServer=true'];
    await cluster.helm(['upgrade', 'mssql-rt', chartFolder('mssql-helm'), ...how]);
    await kubectl('rollout', 'status', `statefulset/${name}`, '--timeout=120s');
    const maker = folderMaker(image.name, 'mssql-rt-mssql-helm-instance-backup-store', 'mssql-rt');
    await cluster.kubectl(['--namespace', namespace, 'apply', '-f', '-'], JSON.stringify(maker));
    await kubectl('wait', '--for=condition=complete', '--timeout=60s', 'job/folder-maker');
    const backup = query("BACKUP DATABASE db1 TO DISK = N'/backup-store/mssql-rt/db1.bak'");
    await assert.rejects(backup, ({ number, precedingErrors: [cause] }: SqlError) => {
      assert.deepEqual([cause?.number, number], [3201, 3013]);
      assert.match(cause?.message ?? '', /error 5\(Access is denied\.\)/);
      return true;
    });
  });
});

interface SqlError {
  readonly number: number;
  readonly message: string;
  readonly precedingErrors: readonly SqlError[];
}
