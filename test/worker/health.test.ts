import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { serveHealth } from '../../worker/health.ts';
import { readProbe, type Parts, type Probe } from '../../worker/probe.ts';

type Status = NonNullable<ReturnType<Probe['status']>>;

const polling: Partial<Status> = {
  runState: 'RUNNING',
  workflowPollerState: 'POLLING',
  activityPollerState: 'POLLING',
};

function probeOf(status: Partial<Status> | null, temporal = true): Probe {
  return { status: () => status as Status | null, temporalAnswers: async () => temporal };
}

/** Answers to /livez and /readyz of a worker in this state. */
function probe(status: Partial<Status>, ...paths: string[]): Promise<number[]> {
  return answers(probeOf(status), ...paths);
}

async function answers(probe: Probe, ...paths: string[]): Promise<number[]> {
  const health = await serveHealth(probe, { host: '127.0.0.1', port: 0 });
  try {
    return await Promise.all(
      paths.map(async (path) => {
        const response = await fetch(`http://${health.address}${path}`);
        await response.text();
        return response.status;
      }),
    );
  } finally {
    await health.close();
  }
}

describe('health', () => {
  it('of a worker that polls is alive and ready', async () => {
    assert.deepEqual(await probe(polling, '/livez', '/readyz', '/readyz?verbose'), [200, 200, 200]);
  });

  it('of a worker that starts or stops is alive and not ready', async () => {
    for (const runState of ['INITIALIZED', 'STOPPING', 'DRAINING', 'STOPPED'] as const) {
      assert.deepEqual(await probe({ ...polling, runState }, '/livez', '/readyz'), [200, 503], runState);
    }
  });

  it('of a worker of which one poller has stopped is not ready', async () => {
    assert.deepEqual(await probe({ ...polling, activityPollerState: 'SHUTDOWN' }, '/readyz'), [503]);
    assert.deepEqual(await probe({ ...polling, workflowPollerState: 'FAILED' }, '/readyz'), [503]);
  });

  it('of a worker that failed is not alive', async () => {
    assert.deepEqual(await probe({ ...polling, runState: 'FAILED' }, '/livez', '/readyz'), [503, 503]);
  });

  it('of a process that still waits for Temporal, or loads its workflows, is alive and not ready', async () => {
    assert.deepEqual(await answers(probeOf(null, false), '/livez', '/readyz'), [200, 503]);
  });

  it('of a worker whose Temporal is away is alive and not ready: polling alone does not tell', async () => {
    assert.deepEqual(await answers(probeOf(polling, false), '/livez', '/readyz'), [200, 503]);
  });

  it('answers nothing else', async () => {
    assert.deepEqual(await probe(polling, '/', '/livez/x'), [404, 404]);
  });

  it('says that its address is taken', async () => {
    const first = await serveHealth(probeOf(polling), { host: '127.0.0.1', port: 0 });
    const port = Number(first.address.split(':')[1]);
    try {
      await assert.rejects(serveHealth(probeOf(polling), { host: '127.0.0.1', port }), /EADDRINUSE/);
    } finally {
      await first.close();
    }
  });
});

describe('the probe', () => {
  /** A connection whose server answers or not, and a clock. */
  function setUp() {
    const site = { asked: 0, up: true, now: 0 };
    const connection = {
      workflowService: {
        getSystemInfo: async () => {
          site.asked += 1;
          if (!site.up) throw new Error('UNAVAILABLE');
          return {};
        },
      },
      withDeadline: (_deadline: unknown, work: () => Promise<unknown>) => work(),
    } as unknown as NonNullable<Parts['connection']>;
    return { site, probe: readProbe({ connection }, () => site.now) };
  }

  it('asks the server, though not at every look', async () => {
    const { site, probe } = setUp();
    assert.equal(await probe.temporalAnswers(), true);
    site.up = false;
    assert.equal(await probe.temporalAnswers(), true);
    assert.equal(site.asked, 1);
    site.now = 10_000;
    assert.equal(await probe.temporalAnswers(), false);
  });

  it('has no answer before there is a connection, and no status before there is a worker', async () => {
    const probe = readProbe({});
    assert.equal(await probe.temporalAnswers(), false);
    assert.equal(probe.status(), null);
  });
});
