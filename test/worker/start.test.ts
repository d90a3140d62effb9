import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { NativeConnection } from '@temporalio/worker';
import { connectWorker } from '../../worker/connect.ts';
import { readEnvironment } from '../../worker/environment.ts';
import type { LogLine } from '../../worker/log.ts';
import { ensureSearchAttributes } from '../../worker/search-attributes.ts';

describe('the worker waits for Temporal', () => {
  const signal = new AbortController().signal;

  it('and goes on when it answers', async () => {
    const log: LogLine[] = [];
    let tries = 0;
    const connect = async (): Promise<NativeConnection> => {
      tries += 1;
      if (tries < 3) throw new Error('refused');
      return 'connection' as unknown as NativeConnection;
    };
    const found = await connectWorker({ attempts: 5, signal, log: (line) => log.push(line), connect, waitMs: () => 0 });
    assert.equal(found.connection, 'connection');
    assert.deepEqual(
      log.map(({ level, message }) => `${level} ${message}`),
      [1, 2].map((n) => `WARN Temporal does not answer at ${found.address}; attempt ${n} of 5`),
    );
  });

  it('only so often, then gives up and says what to do', async () => {
    const connect = () => Promise.reject(new Error('refused'));
    await assert.rejects(
      connectWorker({ attempts: 2, signal, log: () => {}, connect, waitMs: () => 0 }),
      /Temporal does not answer at .* after 2 attempts \(refused\)\. Start it with npm run dev, or .*TEMPORAL_ADDRESS/,
    );
  });

  it('until it is told to stop', async () => {
    const stop = new AbortController();
    const connect = () => {
      stop.abort();
      return Promise.reject(new Error('refused'));
    };
    await assert.rejects(
      connectWorker({ attempts: 100, signal: stop.signal, log: () => {}, connect, waitMs: () => 60_000 }),
      { name: 'AbortError' },
    );
  });
});

interface FakeServer {
  readonly known?: Record<string, number>;
  readonly listError?: number;
  readonly addError?: number;
  readonly aliases?: Record<string, string>;
}

/** A Temporal server as the worker sees it when it looks after search attributes. */
function fakeServer({ known = {}, listError, addError, aliases = {} }: FakeServer) {
  const added: unknown[] = [];
  const refuse = (code: number): never => {
    throw Object.assign(new Error(`code ${code}`), { code });
  };
  const services = {
    operatorService: {
      listSearchAttributes: async () => (listError ? refuse(listError) : { customAttributes: known }),
      addSearchAttributes: async (request: { searchAttributes: unknown }) => {
        if (addError) refuse(addError);
        added.push(request.searchAttributes);
      },
    },
    workflowService: { describeNamespace: async () => ({ config: { customSearchAttributeAliases: aliases } }) },
  } as unknown as Parameters<typeof ensureSearchAttributes>[0];
  return { services, added };
}

const all = { SqlInstance: 2, SqlDatabase: 7, BackupKind: 2, RestorePoint: 6 };

describe('search attributes', () => {
  it('that are there are left alone', async () => {
    const { services, added } = fakeServer({ known: { ...all, Other: 1 } });
    assert.deepEqual(await ensureSearchAttributes(services, 'ns'), []);
    assert.deepEqual(added, []);
  });

  it('that are missing are added, and only those', async () => {
    const { services, added } = fakeServer({ known: { SqlInstance: 2, BackupKind: 2 } });
    assert.deepEqual(await ensureSearchAttributes(services, 'ns'), ['SqlDatabase', 'RestorePoint']);
    assert.deepEqual(added, [{ SqlDatabase: 7, RestorePoint: 6 }]);
  });

  it('that another worker added at the same moment are fine', async () => {
    const { services } = fakeServer({ addError: 6 });
    assert.equal((await ensureSearchAttributes(services, 'ns')).length, 4);
  });

  it('of another type are refused by name', async () => {
    const { services } = fakeServer({ known: { ...all, RestorePoint: 1 } });
    await assert.rejects(
      ensureSearchAttributes(services, 'ns'),
      /RestorePoint exists in namespace ns with another type than Datetime/,
    );
  });

  it('that may not be added are reported with the very command that adds them', async () => {
    const { services } = fakeServer({ known: { SqlInstance: 2, SqlDatabase: 7, BackupKind: 2 }, addError: 7 });
    await assert.rejects(
      ensureSearchAttributes(services, 'ns'),
      /temporal operator search-attribute create --namespace ns --name RestorePoint --type Datetime$/,
    );
  });

  it('are looked up in the namespace where the server does not list them', async () => {
    const aliases = { Keyword01: 'SqlInstance', Keyword02: 'BackupKind', KeywordList01: 'SqlDatabase' };
    const whole = fakeServer({ listError: 7, aliases: { ...aliases, Datetime01: 'RestorePoint' } });
    assert.deepEqual(await ensureSearchAttributes(whole.services, 'ns'), []);
    const part = fakeServer({ listError: 7, addError: 7, aliases });
    await assert.rejects(ensureSearchAttributes(part.services, 'ns'), /--name RestorePoint --type Datetime$/);
  });

  it('of a server that does not answer are not taken for missing', async () => {
    await assert.rejects(ensureSearchAttributes(fakeServer({ listError: 14 }).services, 'ns'), /code 14/);
  });
});

describe('the environment of a worker', () => {
  it('has a default for everything', () => {
    const { identity, ...rest } = readEnvironment({});
    assert.match(identity, new RegExp(`/${process.pid}$`));
    assert.deepEqual(rest, {
      metricsAddress: null,
      metricsDatabases: 2000,
      healthAddress: null,
      workflowBundle: null,
      logLevel: 'INFO',
      connectAttempts: 10,
      deployment: null,
    });
  });

  it('is read', () => {
    const { identity: _, ...read } = readEnvironment({
      MSSQL_PITR_METRICS_ADDRESS: '0.0.0.0:9464',
      MSSQL_PITR_HEALTH_ADDRESS: '[::]:8080',
      MSSQL_PITR_WORKFLOW_BUNDLE: '/b.js',
      MSSQL_PITR_LOG_LEVEL: 'debug',
      MSSQL_PITR_CONNECT_ATTEMPTS: '3',
      MSSQL_PITR_METRICS_DATABASES: '0',
      TEMPORAL_DEPLOYMENT_NAME: 'mssql-pitr',
      TEMPORAL_WORKER_BUILD_ID: '0.1.0',
    });
    assert.deepEqual(read, {
      metricsAddress: { host: '0.0.0.0', port: 9464 },
      metricsDatabases: 0,
      healthAddress: { host: '::', port: 8080 },
      workflowBundle: '/b.js',
      logLevel: 'DEBUG',
      connectAttempts: 3,
      deployment: { deploymentName: 'mssql-pitr', buildId: '0.1.0' },
    });
  });

  it('is refused by the name of the variable when it is wrong', () => {
    for (const [name, value] of [
      ['MSSQL_PITR_METRICS_ADDRESS', '9464'],
      ['MSSQL_PITR_HEALTH_ADDRESS', '0.0.0.0:99999'],
      ['MSSQL_PITR_LOG_LEVEL', 'loud'],
      ['MSSQL_PITR_CONNECT_ATTEMPTS', '0'],
      ['MSSQL_PITR_METRICS_DATABASES', '-1'],
    ] as const) {
      assert.throws(() => readEnvironment({ [name]: value }), new RegExp(`^Error: ${name} must be `), name);
    }
  });

  it('is refused when only half of a version is given', () => {
    for (const name of ['TEMPORAL_DEPLOYMENT_NAME', 'TEMPORAL_WORKER_BUILD_ID']) {
      assert.throws(() => readEnvironment({ [name]: 'x' }), /go together/);
    }
  });
});
