import { randomBytes } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { InstanceCheck, checkInstance } from '../../workflows/check-instance.ts';
import { clockFinding, fail, warn, type Finding } from '../../workflows/domain/finding.ts';
import { temporalProblem } from '../temporal-errors.ts';

export interface InstanceFindings {
  readonly findings: readonly Finding[];
  /** Of this machine, against Temporal's; the same for all instances. */
  readonly clock: Finding | null;
}

/** Longer than the checks' own patience, so that it is they who say what did not come. */
const patience = '6 minutes';

/** Has a worker look at an instance. */
export async function instanceFindings(
  client: Client,
  { instance, taskQueue, version }: { readonly instance: string; readonly taskQueue: string; readonly version: string },
): Promise<InstanceFindings> {
  try {
    const before = Date.now();
    const handle = await client.workflow.start<typeof checkInstance>('checkInstance', {
      workflowId: `doctor/${instance}/${randomBytes(4).toString('hex')}`,
      taskQueue,
      args: [{ instance }],
      staticSummary: `doctor looks at ${instance}`,
      workflowExecutionTimeout: patience,
    });
    const after = Date.now();
    const { startTime } = await handle.describe();
    const result = await handle.result();
    return {
      findings: [...versionFindings(result, version), ...result.findings],
      clock: clockFinding('clock.client', "Temporal's clock, against this machine's,", startTime.getTime(), [
        before,
        after,
      ]),
    };
  } catch (error) {
    const problem = temporalProblem(error);
    if (problem === null) throw error;
    const fix = problem.hint || 'See the run in the Temporal UI, and the log of the worker.';
    return { findings: [fail('check', problem.message, fix)], clock: null };
  }
}

function versionFindings({ worker }: InstanceCheck, version: string): Finding[] {
  if (worker.version === version) return [];
  return [
    warn(
      'worker.version',
      `The worker on ${worker.host} is mssql-pitr ${worker.version}, this command is ${version}`,
      'Use the same version for both: one may not know what the other asks for.',
    ),
  ];
}
