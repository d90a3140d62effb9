import type { VerifyActivities } from '../../workflows/contracts.ts';
import { taskControl, type ActivityDeps } from '../deps.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { openMetrics } from '../metrics.ts';

/** What one activity reads at most: minutes of work, so that a worker that ends loses little and a Job its deadline never. */
const mostBytes = 20 * 1024 ** 3;
const mostSeconds = 300;

export function createVerifyActivities(deps: ActivityDeps): VerifyActivities {
  return {
    openVerify: ({ instance, run, request }) =>
      withHeartbeat((pulse) =>
        deps.platform.runOnStore(instance, 'openVerify', { instance, run, ...some(request) }, taskControl(pulse)),
      ),

    verifySlice: ({ instance, run, request, slice, after }) =>
      withHeartbeat(async (pulse) => {
        const began = performance.now();
        const control = taskControl(pulse, ({ file, doneBytes }) => {
          const seconds = Math.max(0.001, (performance.now() - began) / 1000);
          return { reading: file ?? '', megabytes: mega(doneBytes), 'MB/s': mega(doneBytes / seconds) };
        });
        const input = { instance, run, slice, after, mostBytes, mostSeconds, ...some(request) };
        return deps.platform.runOnStore(instance, 'verifySlice', input, control);
      }),

    closeVerify: (input) =>
      withHeartbeat(async (pulse) => {
        const report = await deps.platform.runOnStore(input.instance, 'closeVerify', input, taskControl(pulse));
        const { sets, bytes, counts } = report;
        openMetrics(deps).verified(input.instance, { sets, bytes, problems: counts });
        return report;
      }),
  };
}

function some({ databases }: { readonly databases?: readonly string[] }): { databases?: readonly string[] } {
  return databases === undefined ? {} : { databases };
}

function mega(bytes: number): number {
  return Math.round(bytes / 1e6);
}
