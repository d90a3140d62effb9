import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import { searchAttributes } from '../../client/search-attributes.ts';
import { startDevServer, type DevServer, type DevServerOptions } from '../../worker/dev/dev-server.ts';
import { freePort, listens } from '../../worker/dev/ports.ts';
import { temporalBinary } from '../../worker/dev/temporal-binary.ts';
import { takeAlongPid } from '../support/children.ts';

let folder = '';
let binary = '';
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pitr-dev-'));
  binary = await temporalBinary({ say: (line) => console.error(line) });
});
after(() => rmSync(folder, { recursive: true }));

async function withServer<T>(options: Partial<DevServerOptions>, work: (server: DevServer) => Promise<T>): Promise<T> {
  const server = await startDevServer({ binary, port: await freePort(), ...options });
  const leave = takeAlongPid(server.pid);
  try {
    return await work(server);
  } finally {
    await server.stop();
    leave();
  }
}

async function withClient<T>(address: string, work: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await work(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

describe('the dev server', () => {
  it('serves its UI, and knows the search attributes as soon as it is started', async () => {
    const uiPort = await freePort();
    await withServer({ uiPort }, async ({ address, uiUrl }) => {
      assert.equal(uiUrl, `http://127.0.0.1:${uiPort}`);
      const deadline = Date.now() + 10_000;
      while (!(await listens('127.0.0.1', uiPort)) && Date.now() < deadline);
      assert.equal((await fetch(`${uiUrl}/namespaces/default/workflows`)).status, 200);
      await withClient(address, async ({ connection }) => {
        const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
        for (const { name } of searchAttributes) assert.ok(customAttributes?.[name] !== undefined, name);
      });
    });
  });

  it('keeps runs in its file from one start to the next', async () => {
    const dbFile = join(folder, 'kept', 'temporal.db');
    const logFile = join(folder, 'kept', 'temporal.log');
    const run = { workflowId: 'kept', taskQueue: 'nobody' };
    await withServer({ dbFile, logFile }, ({ address }) =>
      withClient(address, (client) => client.workflow.start('any', run)),
    );
    await withServer({ dbFile, logFile }, ({ address }) =>
      withClient(address, async (client) => {
        const { status } = await client.workflow.getHandle('kept').describe();
        assert.equal(status.name, 'RUNNING');
      }),
    );
    assert.ok(existsSync(logFile));
  });

  it('has stopped when stop() comes back', async () => {
    const { address, pid } = await withServer({}, async (server) => server);
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
    assert.equal(await listens('127.0.0.1', Number(address.split(':')[1])), false);
  });

  it('does not take a port on which something else listens', async () => {
    const port = await freePort();
    await withServer({ port }, () =>
      assert.rejects(startDevServer({ binary, port }), { message: `Something listens on 127.0.0.1:${port} already.` }),
    );
  });

  it('says what the program said when it cannot start', async () => {
    const dbFile = join(folder, 'temporal.db');
    mkdirSync(dbFile);
    await assert.rejects(
      startDevServer({ binary, port: await freePort(), dbFile }),
      /The Temporal server ended while it started \(\d+\): .*unable to open database file/s,
    );
  });

  it('says that the program is none', async () => {
    await assert.rejects(startDevServer({ binary: join(folder, 'none'), port: 1 }), /ENOENT/);
  });
});
