import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { runCli } from '../client/cli.ts';
import { root } from './import-graph.ts';

/**
 * How long a program takes to start depends on the machine; how many modules it loads does not. Packages are what costs: the
 * Temporal client alone is half a second. A command loads what it needs when it is run, and help needs nothing.
 */
describe('the start of the command line', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'pitr-start-'));
    writeFileSync(join(folder, 'temporal.yaml'), 'instances:\n  mssql-rt: {}\n');
  });
  after(() => rmSync(folder, { recursive: true }));

  async function load(...args: string[]): Promise<{ packages: string[]; files: string[] }> {
    const file = join(folder, 'modules');
    const preload = new URL('./count-modules.ts', import.meta.url).href;
    const env = { MODULES_FILE: file, MSSQL_PITR_CONFIG: join(folder, 'temporal.yaml') };
    const { code, stderr } = await runCli(args, { env, nodeFlags: ['--import', preload] });
    assert.equal(code, 0, stderr);
    const urls = readFileSync(file, 'utf8').split('\n');
    const own = new URL(`file://${root}`).href;
    return {
      packages: [...new Set(urls.flatMap((url) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []))].sort(),
      files: urls
        .filter((url) => url.startsWith(own) && !url.includes('/node_modules/'))
        .map((url) => url.slice(own.length)),
    };
  }

  for (const args of [['--version'], ['--help'], ['backup', '--help'], ['restore', '--help'], ['completion', 'bash']]) {
    it(`loads nothing but commander for mssql-pitr ${args.join(' ')}`, async () => {
      const { packages, files } = await load(...args);
      assert.deepEqual(packages, ['commander']);
      assert.ok(files.length < 60, `${files.length} files:\n${files.join('\n')}`);
      const strangers = files.filter((file) => !/^(client|workflows\/domain)\/|^package\.json$|^test\//.test(file));
      assert.deepEqual(strangers, []);
    });
  }

  it('loads nothing but commander and yaml for completion, which a person waits for at every Tab', async () => {
    const { packages } = await load('completion', 'candidates', '--', 'backup', '');
    assert.deepEqual(packages, ['commander', 'yaml']);
  });

  it('was really looked at: a command that talks to Temporal loads its client', async () => {
    const file = join(folder, 'modules');
    const preload = new URL('./count-modules.ts', import.meta.url).href;
    const env = { MODULES_FILE: file, TEMPORAL_ADDRESS: '127.0.0.1:1' };
    const { code } = await runCli(['status'], { env, nodeFlags: ['--import', preload] });
    assert.equal(code, 3);
    assert.match(readFileSync(file, 'utf8'), /@temporalio\/client/);
  });
});
