import { quoteName } from '../../../workflows/domain/quoting.ts';
import type { RestorePlan } from '../../../workflows/contracts.ts';
import { names } from '../../support/cluster/releases.ts';
import { backUp, restore, startRestore } from '../../support/runs.ts';
import type { Workload } from '../../support/workload.ts';
import { makeChains } from '../chains.ts';
import { median, seconds, secondsOf } from '../median.ts';
import type { Report } from '../section.ts';
import type { BenchSite } from './bench-site.ts';
import { openScript, type ScriptTimes } from './script.ts';
import type { ClusterSection } from './section.ts';

const databases = Array.from({ length: 8 }, (_, i) => `bench${i + 1}`);
const bound = 0.6;
const { target } = names;

/** From the request to the result, on a target that is there for both, in turns. */
export const eightSection: ClusterSection = {
  name: 'eight',
  title: 'restore of eight databases, against a bare script that does them one after another with the same Jobs',
  async run(report, site, { runs, megabytes }) {
    const source = await site.connect(names.release);
    const sizes = { fullMegabytes: megabytes, logMegabytes: Math.ceil(megabytes / 16) };
    const { moment, notes } = await makeChains(site, source, databases, sizes);
    await provideTarget(site, source);
    const client = await site.connect(target);
    const scripts = {
      complete: openScript(site, client, target, 'complete'),
      told: openScript(site, client, target, 'told'),
    };
    const lookAndDrop = async (by: string): Promise<void> => {
      for (const database of databases) await dropIfRight(client, `${database}_${by}`, notes);
      await site.kubectl('delete', 'jobs', '--selector', `mssql-pitr/instance=${target}`);
    };

    const times = { complete: [] as ScriptTimes[], told: [] as ScriptTimes[], product: [] as number[] };
    for (let n = 1; n <= runs; n += 1) {
      for (const hears of ['complete', 'told'] as const) {
        const plan = await planOf(site, moment, renamed(hears));
        times[hears].push(await scripts[hears](plan));
        await lookAndDrop(hears);
      }
      const rename = renamed('product');
      times.product.push(await secondsOf(() => restore(site, { target, to: moment, databases, rename })));
      await lookAndDrop('product');
    }
    tell(report, times, megabytes);
  },
};

const renamed = (by: string): Record<string, string> =>
  Object.fromEntries(databases.map((database) => [database, `${database}_${by}`]));

interface Times {
  readonly complete: readonly ScriptTimes[];
  readonly told: readonly ScriptTimes[];
  readonly product: readonly number[];
}

function tell(report: Report, { complete, told, product }: Times, megabytes: number): void {
  const totals = (script: readonly ScriptTimes[]): number[] => script.map(({ total }) => total);
  const parts = (script: readonly ScriptTimes[]): string => {
    const part = (name: keyof ScriptTimes): string => median(script.map((each) => each[name])).toFixed(2);
    return `script ${seconds(totals(script))}, of which Jobs ${part('jobs')} s and T-SQL ${part('restoring')} s`;
  };
  const ratio = (script: readonly ScriptTimes[]): number => median(product) / median(totals(script));
  const what = 'restore of 8 databases / script that waits as kubectl wait does';
  report.measured({ what, value: ratio(complete), unit: '×', bound });
  report.note(`product ${seconds(product)}; a full of ${megabytes} MB and 3 logs each`);
  report.note(parts(complete));
  report.note(`${ratio(told).toFixed(2)} × of a script that reads its Jobs' ends in their logs, as the product does`);
  report.note(`${parts(told)}; the simulated server restores on one core`);
}

/** The one of the section before, or a new one. */
async function provideTarget(site: BenchSite, source: Workload): Promise<void> {
  const there = await site.kubectl('get', 'statefulset', '--selector', `mssql-pitr/instance=${target}`, '-o', 'name');
  if (there !== '') return;
  await source.create('tiny');
  await backUp(site, 'full', ['tiny']);
  await backUp(site, 'log', ['tiny']);
  await restore(site, { target, to: 'latest', databases: ['tiny'] });
}

async function planOf(site: BenchSite, to: string, rename: Readonly<Record<string, string>>): Promise<RestorePlan> {
  return (await (await startRestore(site, { target, to, databases, rename, mode: 'plan' })).result()).plan;
}

async function dropIfRight(client: Workload, database: string, notes: readonly string[]): Promise<void> {
  const found = (await client.notes(database)).join(', ');
  if (found !== notes.join(', ')) throw new Error(`${database} holds ${found}, not ${notes.join(', ')}`);
  await client.query(`DROP DATABASE ${quoteName(database)}`);
}
