import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { bannerText } from '../../worker/dev/banner.ts';
import { freePort, listens } from '../../worker/dev/ports.ts';
import { parseSettings } from '../../client/config.ts';
import { takeAlong } from '../support/children.ts';
import { startTemporal } from '../support/temporal.ts';
import { until } from '../support/until.ts';

const settings = `stores:
  main: { path: store }
instances:
  mssql-rt:
    host: 127.0.0.1
    port: 1
    login: { user: sa, password: { env: DEV_TEST_PASSWORD } }
    dataRoot: data
    store: main
`;

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'pitr-dev-'));
  writeFileSync(join(folder, 'temporal.yaml'), settings);
});
after(() => rmSync(folder, { recursive: true }));

/** Runs what `npm run dev` runs, until the worker is ready; `end` is Ctrl-C. */
async function dev(port: number) {
  const main = fileURLToPath(new URL('../../worker/dev/main.ts', import.meta.url));
  const child = spawn(process.execPath, [main, '--config', join(folder, 'temporal.yaml')], {
    env: { ...process.env, TEMPORAL_ADDRESS: `127.0.0.1:${port}` },
  });
  takeAlong(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
  const exit = once(child, 'exit') as Promise<[number | null]>;
  await until('the worker is ready', () => said.includes('worker ready') || child.exitCode !== null);
  return {
    said: () => said,
    end: async () => {
      child.kill('SIGINT');
      const [code] = await exit;
      return code;
    },
  };
}

describe('npm run dev', () => {
  it('starts a server and a worker, says where they are, and takes both down by Ctrl-C', async () => {
    const port = await freePort();
    const { said, end } = await dev(port);
    assert.match(said(), new RegExp(`Temporal +127.0.0.1:${port}, namespace default\n`));
    assert.match(said(), new RegExp(`UI +http://127.0.0.1:${port + 1000}/namespaces/default/workflows`));
    assert.match(said(), /mssql-rt at 127\.0\.0\.1:1 \(does not answer\)/);
    assert.match(said(), /DEV_TEST_PASSWORD is not set/);
    assert.equal(await end(), 0, said());
    assert.equal(await listens('127.0.0.1', port), false);
    assert.ok(existsSync(join(folder, '.data', 'dev', 'temporal.db')));
  });

  it('uses a server that is there, and leaves it there', async () => {
    const temporal = await startTemporal();
    try {
      const port = Number(temporal.address.split(':')[1]);
      const { said, end } = await dev(port);
      assert.match(said(), /\(was there already\)/);
      assert.equal(await end(), 0);
      assert.equal(await listens('127.0.0.1', port), true);
    } finally {
      await temporal.stop();
    }
  });
});

describe('the banner of npm run dev', () => {
  const facts = {
    settings: parseSettings(settings, '/srv/temporal.yaml'),
    configPath: '/srv/temporal.yaml',
    address: '127.0.0.1:7233',
    namespace: 'default',
    uiUrl: null,
    foundServer: false,
    silent: [],
    unset: [],
  };

  it('names three commands to try', () => {
    const commands = bannerText(facts).match(/npx mssql-pitr \w+/g);
    assert.deepEqual(commands, ['npx mssql-pitr backup', 'npx mssql-pitr restore', 'npx mssql-pitr status']);
  });

  it('gives no advice where nothing is wanting', () => {
    assert.doesNotMatch(bannerText(facts), /not set|No SQL Server|does not answer/);
  });
});
