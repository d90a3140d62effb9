import { startRehearsal } from '../../e2e/start.ts';
import { startRestore } from '../../support/runs.ts';
import type { RestoreTimes } from '../../support/cluster/restore-times.ts';
import { timesOfRestore } from '../../support/cluster/times-of-restore.ts';
import { median, seconds } from '../median.ts';
import type { Report } from '../section.ts';
import type { BenchSite } from './bench-site.ts';
import type { ClusterSection } from './section.ts';

const orchestrationMs = 5_000;

/** What the rehearsal restores, again and again, each time to an instance that is made for it. */
export const seedSection: ClusterSection = {
  name: 'seed',
  title: 'restore of the seed’s workload to a new instance: three databases, a full and two logs each',
  async run(report, site, { runs }) {
    const rehearsal = await (await startRehearsal(site, { rpoGoal: 300 })).result();
    if (rehearsal.decision !== 'GO') throw new Error(`The rehearsal ended ${rehearsal.decision}`);
    const { databases, targetTime } = rehearsal.facts;
    const times = [await timesOfRestore(site, rehearsal.restoreWorkflowId)];
    while (times.length < runs) {
      const target = `seed-target-${times.length + 1}`;
      const run = await startRestore(site, { target, to: targetTime, databases, checkDb: true });
      await run.result();
      times.push(await timesOfRestore(site, run.workflowId));
      await removeTarget(site, target);
    }
    tell(report, times);
  },
};

function tell(report: Report, times: readonly RestoreTimes[]): void {
  const totals = times.map(({ total }) => total);
  const besides = times.map((each) => each.besides);
  report.measured({
    what: 'request → complete, but RESTORE, copy and starts of pods',
    value: median(besides) * 1000,
    unit: 'ms',
    bound: orchestrationMs,
  });
  report.note(`of ${seconds(besides)}`);
  report.note(`request → complete ${seconds(totals)}; the share above is ${share(median(besides), median(totals))}`);
  const parts = times[0]?.parts.map(({ what }) => what) ?? [];
  for (const what of parts) {
    const each = times.map((one) => one.parts.find((part) => part.what === what)?.seconds ?? 0);
    report.note(
      `${median(each).toFixed(2).padStart(6)} s  ${share(median(each), median(totals)).padStart(4)}  ${what}`,
    );
  }
}

function share(part: number, of: number): string {
  return `${((100 * part) / of).toFixed(0)} %`;
}

async function removeTarget({ kubectl }: BenchSite, target: string): Promise<void> {
  const kinds = 'statefulset,service,persistentvolumeclaim';
  await kubectl('delete', kinds, '--selector', `mssql-pitr/instance=${target}`);
}
