import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { workflowsPath } from '../../worker/options.ts';
import * as workflows from '../../workflows/index.ts';

describe('the workflows', () => {
  it('can be bundled for the sandbox, and stay small enough for 200 of them in memory', async () => {
    const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
    assert.match(code, /restoreToPointInTime/);
    // The SDK alone is 1.6 MB; one careless dependency more than doubles it.
    const [program = ''] = code.split('//# sourceMappingURL');
    assert.ok(program.length < 2_000_000, `${program.length} characters`);
  });

  it('are the only things that the entry exports: every export is a workflow type that people start', () => {
    assert.deepEqual(Object.keys(workflows).sort(), [
      'applyRetention',
      'backupInstance',
      'changeHolds',
      'checkInstance',
      'importBackups',
      'listBackups',
      'restorableWindow',
      'restoreToPointInTime',
      'runtimeE2E',
      'verifyStore',
    ]);
  });
});
