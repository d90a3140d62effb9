import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const buildBundle = fileURLToPath(new URL('../../worker/build-bundle.ts', import.meta.url));

/**
 * From now on this process' workers start with a bundle that was built beforehand, as the image's worker does. One that bundles at
 * its start carries the bundler's memory along, and what is measured on top of that says little.
 */
export async function useBuiltBundle(): Promise<AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'pitr-bundle-'));
  const out = join(folder, 'workflow-bundle.js');
  await promisify(execFile)(process.execPath, [buildBundle, out]);
  process.env['MSSQL_PITR_WORKFLOW_BUNDLE'] = out;
  return {
    async [Symbol.asyncDispose]() {
      delete process.env['MSSQL_PITR_WORKFLOW_BUNDLE'];
      await rm(folder, { recursive: true, force: true });
    },
  };
}
