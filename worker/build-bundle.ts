import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';
import { workflowsPath } from './options.ts';

/** Bundles the workflows once, at image build, so that a worker starts faster and needs no bundler: `[out file]`. */
const out = resolve(process.argv[2] ?? '.data/workflow-bundle.js');
const { code } = await bundleWorkflowCode({ workflowsPath });
await mkdir(dirname(out), { recursive: true });
await writeFile(out, code);
console.log(`${out} (${(code.length / 1e6).toFixed(1)} MB); use it with MSSQL_PITR_WORKFLOW_BUNDLE=${out}`);
