import { ActivityFailure, proxyActivities } from '@temporalio/workflow';
import type { DoctorActivities, WorkerDescription } from './contracts/doctor.ts';
import { clockFinding, fail, type Finding } from './domain/finding.ts';

export interface InstanceCheck {
  readonly instance: string;
  readonly worker: WorkerDescription;
  readonly findings: readonly Finding[];
}

/** Somebody waits for the answer: what does not come soon is a finding. A Job needs its time to be placed and to pull its image. */
const checks = proxyActivities<DoctorActivities>({
  startToCloseTimeout: '3 minutes',
  scheduleToCloseTimeout: '4 minutes',
  heartbeatTimeout: '20 seconds',
  retry: { maximumAttempts: 1 },
});

/** Looks at everything that backups and restores of an instance will need, and says how to mend what is wrong. */
export async function checkInstance({ instance }: { readonly instance: string }): Promise<InstanceCheck> {
  // Time in a workflow is the Temporal server's, as of the last task: what lies between two of them brackets the worker's clock.
  const before = Date.now();
  const worker = await checks.describeWorker();
  const clock = clockFinding('clock.worker', "The worker's clock, against Temporal's,", Date.parse(worker.now), [
    before,
    Date.now(),
  ]);
  const found = await Promise.all([
    orFinding('server', () => checks.checkServer({ instance })),
    orFinding('store', () => checks.checkStore({ instance })),
    orFinding('platform', () => checks.checkPlatform({ instance })),
  ]);
  return { instance, worker, findings: [clock, ...found.flat()] };
}

async function orFinding(check: string, run: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    const why = error.cause?.message ?? error.message;
    return [fail(check, `The check came to no end: ${why}`, "See the worker's log, and try again.")];
  }
}
