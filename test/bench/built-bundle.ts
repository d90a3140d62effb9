import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const buildBundle = fileURLToPath(new URL('../../worker/build-bundle.ts', import.meta.url));

/**
 * From now on the workers of this process start with a bundle that was built beforehand, as the image's worker does. One that
 * bundles at its start carries the bundler's memory along, and what is measured on top of that says little.
 */
export async function useBuiltBundle(folder: string): Promise<void> {
  const out = join(folder, 'workflow-bundle.js');
  await promisify(execFile)(process.execPath, [buildBundle, out]);
  process.env['MSSQL_PITR_WORKFLOW_BUNDLE'] = out;
}
