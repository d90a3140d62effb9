import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { serveHealth, type Probed } from '../../worker/health.ts';

type Status = ReturnType<Probed['getStatus']>;

const polling: Partial<Status> = {
  runState: 'RUNNING',
  workflowPollerState: 'POLLING',
  activityPollerState: 'POLLING',
};

/** Answers to /livez and /readyz of a worker in this state. */
async function probe(status: Partial<Status>, ...paths: string[]): Promise<number[]> {
  const health = await serveHealth({ getStatus: () => status as Status }, { host: '127.0.0.1', port: 0 });
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

  it('answers nothing else', async () => {
    assert.deepEqual(await probe(polling, '/', '/livez/x'), [404, 404]);
  });

  it('says that its address is taken', async () => {
    const first = await serveHealth({ getStatus: () => polling as Status }, { host: '127.0.0.1', port: 0 });
    const port = Number(first.address.split(':')[1]);
    try {
      await assert.rejects(
        serveHealth({ getStatus: () => polling as Status }, { host: '127.0.0.1', port }),
        /EADDRINUSE/,
      );
    } finally {
      await first.close();
    }
  });
});
